// linear.wgsl: out[t] (+)= W·x[t] (+ bias) (+ scale·B·u[t])
//
// x     [rows, width] f32
// out   [rows, stride] f32; the dispatch writes `rows` columns from `out_first` on: weight rows from `weight_first` of a segment.
//       Up to the next multiple of 4 it writes -1e30
// bias  [N], b [N, rank], u [rows, sections·rank] f32; their first row here is `first`. Row n uses the section of u that n is
//       in: sections end before end0, end1 and N
// One of the product-*.wgsl files does the work; here it is given its rows and stored.

struct Shape {
  weights: WeightShape,
  width: u32,
  rows: u32,
  weight_first: u32,
  out_first: u32,
  stride: u32,
  first: u32,
  rank: u32,
  sections: u32,
  end0: u32,
  end1: u32,
  scale: f32,
}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
//@if BIAS
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
//@end
//@if LOW_RANK
@group(0) @binding(LOW_RANK_AT) var<storage, read> u: array<vec4f>;
@group(0) @binding(LOW_RANK_AT + 1u) var<storage, read> b: array<vec4f>;
//@end

// Adds what belongs to it and stores the product of rows i … i+3 of the dispatch with a token.
fn store(token: u32, i: u32, sum: vec4f) {
  if (token >= batch.count || i >= shape.rows) { return; }
  var value = sum;
  let row = shape.first + i;
  //@if BIAS
  value += bias[row / 4u];
  //@end
  //@if LOW_RANK
  let quads = shape.rank / 4u;
  let section = select(0u, 1u, row >= shape.end0) + select(0u, 1u, row >= shape.end1);
  let start = (token * shape.sections + section) * quads;
  var low = vec4f();
  for (var q = 0u; q < quads; q++) {
    let v = u[start + q];
    let at = row * quads + q;
    low += vec4f(dot(b[at], v), dot(b[at + quads], v), dot(b[at + 2u * quads], v), dot(b[at + 3u * quads], v));
  }
  value += low * shape.scale;
  //@end
  // A vocabulary need not be a multiple of 4: what stands beyond its end is never likely.
  value = select(value, vec4f(-1e30), i + vec4u(0u, 1u, 2u, 3u) >= vec4u(shape.rows));
  let at = (token * shape.stride + shape.out_first + i) / 4u;
  //@if ACCUMULATE
  out[at] += value;
  //@else
  out[at] = value;
  //@end
}

// Weight rows of rows i … i+3 of the dispatch; the last for those beyond it.
fn rows_from(i: u32) -> vec4u {
  return shape.weight_first + min(i + vec4u(0u, 1u, 2u, 3u), vec4u(shape.rows - 1u));
}

//@if LANES
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  let i = (group.x * LANES + lane) * 4u;
  let sums = product(token, rows_from(i), lane);
  //@unroll T TOKENS
  store(token + T, i, sums[T]);
  //@end
}
//@else
//@if SPLITS
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  let i = (group.x * (64u / SPLITS) + lane / SPLITS) * 4u;
  let sum = product(token, rows_from(i), lane);
  if (lane % SPLITS < TOKENS) { store(token + lane % SPLITS, i, sum); }
}
//@else
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * 64u;
  if (token >= batch.count) { return; }
  let row = shape.weight_first + group.x * 64u;
  let sums = product(token, row, shape.weight_first + shape.rows - 1u, lane);
  //@unroll T 4
  store(token + lane / 16u * 4u + T, group.x * 64u + lane % 16u * 4u, sums[T]);
  //@end
}
//@end
//@end
