// head-statistics.wgsl: of each chunk of the vocabulary what sampling needs to know; logits are not kept
//
// settings  request
// x         [rows, width] f32, the final norm's output
// partials  [rows, chunks]
// A workgroup takes CHUNK rows of the head, those of one segment, for as many tokens as one of the product-*.wgsl files does.
// All that is fixed by CHUNK and the file, so a token's partials have the same bits in any batch of that file.

struct Shape { weights: WeightShape, width: u32, rows: u32, first_chunk: u32, chunks: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<Partial>;

// Both together; either may be empty.
fn merged(a: Partial, b: Partial) -> Partial {
  let largest = max(a.largest, b.largest);
  let shares = exp((vec2f(a.largest, b.largest) - largest) / divisor(settings.temperature));
  return Partial(largest, a.mass * shares.x + b.mass * shares.y);
}

// Adds the logits of rows i … i+3 of the segment.
fn extended(seen: Partial, i: u32, logits: vec4f) -> Partial {
  let live = i + vec4u(0u, 1u, 2u, 3u) < vec4u(shape.rows);
  let l = select(vec4f(LOWEST), logits, live);
  let largest = max(max(l.x, l.y), max(l.z, l.w));
  let masses = exp((l - largest) / divisor(settings.temperature));
  return merged(seen, Partial(largest, dot(masses, select(vec4f(0.0), vec4f(1.0), live))));
}

fn rows_from(i: u32) -> vec4u { return min(i + vec4u(0u, 1u, 2u, 3u), vec4u(shape.rows - 1u)); }

fn keep(token: u32, chunk: u32, seen: Partial) {
  if (token < batch.count) { partials[token * shape.chunks + shape.first_chunk + chunk] = seen; }
}

//@if LANES
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  var seen: array<Partial, TOKENS>;
  //@unroll T TOKENS
  seen[T] = Partial(LOWEST, 0.0);
  //@end
  for (var tile = 0u; tile < CHUNK; tile += 4u * LANES) {
    let i = group.x * CHUNK + tile + lane * 4u;
    let logits = product(token, rows_from(i), lane);
    //@unroll T TOKENS
    seen[T] = extended(seen[T], i, logits[T]);
    //@end
  }
  //@unroll T TOKENS
  {
    let largest = subgroupMax(seen[T].largest);
    let mass = subgroupAdd(merged(seen[T], Partial(largest, 0.0)).mass);
    if (lane == 0u) { keep(token + T, group.x, Partial(largest, mass)); }
  }
  //@end
}
//@else
//@if SPLITS
const SHARED_ROWS = 64u / SPLITS;
var<workgroup> lane_partials: array<Partial, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  var seen = Partial(LOWEST, 0.0);
  for (var tile = 0u; tile < CHUNK; tile += 4u * SHARED_ROWS) {
    let i = group.x * CHUNK + tile + lane / SPLITS * 4u;
    seen = extended(seen, i, product(token, rows_from(i), lane));
    // `product` reads workgroup memory that the next one writes.
    workgroupBarrier();
  }
  lane_partials[lane] = seen;
  workgroupBarrier();
  if (lane >= TOKENS) { return; }
  for (var i = 1u; i < SHARED_ROWS; i++) { seen = merged(seen, lane_partials[lane + i * SPLITS]); }
  keep(token + lane, group.x, seen);
}
//@else
// 16 neighbours have the same 4 tokens. Their partials meet in `product_x`: largest logits first, masses behind.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * 64u;
  if (token >= batch.count) { return; }
  var largest: vec4f;
  var mass: vec4f;
  var seen: array<Partial, 4>;
  //@unroll T 4
  seen[T] = Partial(LOWEST, 0.0);
  //@end
  for (var tile = 0u; tile < CHUNK; tile += 64u) {
    let first = group.x * CHUNK + tile;
    let logits = product(token, min(first, shape.rows - 1u), shape.rows - 1u, lane);
    //@unroll T 4
    seen[T] = extended(seen[T], first + lane % 16u * 4u, logits[T]);
    //@end
  }
  //@unroll T 4
  largest[T] = seen[T].largest;
  mass[T] = seen[T].mass;
  //@end
  workgroupBarrier();
  product_x[lane] = largest;
  product_x[lane + 256u] = mass;
  workgroupBarrier();
  if (lane >= 64u) { return; }
  let first = lane / 4u * 16u;
  var all = Partial(LOWEST, 0.0);
  for (var i = first; i < first + 16u; i++) {
    all = merged(all, Partial(product_x[i][lane % 4u], product_x[i + 256u][lane % 4u]));
  }
  keep(token + lane, group.x, all);
}
//@end
//@end
