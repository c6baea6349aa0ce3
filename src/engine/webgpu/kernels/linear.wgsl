// linear.wgsl: out[t] (+)= W·x[t] (+ bias) (+ scale·B·u[t])
//
// NORMED: of RMSNorm(x[t]) instead of x[t] (product-strided.wgsl)
// GATED:  of a matrix whose rows are those of a gate and then as many of what it gates, silu(gate)·up; never added to `out`
//
// x     [rows, width] f32
// out   [rows, stride] f32; the dispatch writes `rows` columns from `out_first` on: weight rows from `weight_first` of a segment.
//       Up to the next multiple of 4 it writes -1e30
// vectors  if NORMED the norm's weights [width]; from `bias_at` on the bias [N]
// b [N, rank], u [rows, sections·rank] f32; their first row here is `first`, as the bias'. Row n uses the section of u that n
//       is in: sections end before end0, end1 and N
// One of the product-*.wgsl files does the work; here it is given its rows and stored.

struct Shape {
  weights: WeightShape,
  width: u32,
  rows: u32,
  weight_first: u32,
  out_first: u32,
  stride: u32,
  first: u32,
  // LINEAR_BIAS + LINEAR_ACCUMULATE; not constants, since each variant of a kernel takes long to compile.
  flags: u32,
  // 0: no adapter
  rank: u32,
  sections: u32,
  end0: u32,
  end1: u32,
  scale: f32,
  bias_at: u32,
  epsilon: f32,
}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(5) var<storage, read> u: array<vec4f>;
@group(0) @binding(6) var<storage, read> b: array<vec4f>;

fn section_of(row: u32) -> u32 {
  return select(0u, 1u, row >= shape.end0) + select(0u, 1u, row >= shape.end1);
}

// scale·B·u of rows row … row+3 for each of HELD tokens. Lanes share u: together they go through the sections that any row of
// the subgroup is in, which begin at `lowest`.
fn adapter(token: u32, row: u32, lowest: u32, lane: u32) -> array<vec4f, HELD> {
  var sums = array<vec4f, HELD>();
  let quads = shape.rank / 4u;
  //@if LANES
  for (var section = section_of(lowest); section <= section_of(lowest + 4u * LANES - 4u); section++) {
    let factor = select(0.0, shape.scale, section == section_of(row));
  //@else
    let section = section_of(row);
    let factor = shape.scale;
  //@end
    for (var q = 0u; q < quads; q++) {
      let at = row * quads + q;
      let b0 = b[at] * factor;
      let b1 = b[at + quads] * factor;
      let b2 = b[at + 2u * quads] * factor;
      let b3 = b[at + 3u * quads] * factor;
      //@if LANES
      var own = array<vec4f, SHARED>();
      //@unroll O SHARED
      own[O] = u[(min(token + O * LANES + lane, batch.count - 1u) * shape.sections + section) * quads + q];
      //@end
      //@end
      //@unroll T HELD
      {
        //@if LANES
        let v = subgroupBroadcast(own[T / LANES], T % LANES);
        //@else
        let v = u[(min(token + T, batch.count - 1u) * shape.sections + section) * quads + q];
        //@end
        sums[T] += vec4f(dot(b0, v), dot(b1, v), dot(b2, v), dot(b3, v));
      }
      //@end
    }
  //@if LANES
  }
  //@end
  return sums;
}

// What is added to the products of rows i … i+3 of the dispatch with tokens token … token+HELD−1; `lowest` is the workgroup's
// first i.
fn added(token: u32, i: u32, lowest: u32, lane: u32) -> array<vec4f, HELD> {
  let row = shape.first + i;
  var sums = adapter(token, row, shape.first + lowest, lane);
  if ((shape.flags & LINEAR_BIAS) != 0u) {
    let constant = vectors[shape.bias_at + row / 4u];
    //@unroll T HELD
    sums[T] += constant;
    //@end
  }
  return sums;
}

fn place(token: u32, i: u32) -> u32 {
  return (min(token, batch.count - 1u) * shape.stride + shape.out_first + i) / 4u;
}

// Tokens beyond the last repeat it, and so does what is stored of them: that takes less code than not to store it.
//@if GATED
struct Gates { values: array<vec4f, HELD> }

// Keeps the products of a gate's rows (side 0), then stores what comes through it (side 1).
fn store(side: u32, gates: ptr<function, Gates>, token: u32, i: u32, lowest: u32, lane: u32, products: array<vec4f, HELD>) {
  let sums = added(token, side * shape.rows + i, side * shape.rows + lowest, lane);
  if (token >= batch.count || i >= shape.rows) { return; }
  //@unroll T HELD
  {
    let sum = sums[T] + products[T];
    if (side == 0u) {
      (*gates).values[T] = sum;
    } else {
      let gate = (*gates).values[T];
      out[place(token + T, i)] = gate / (1.0 + exp(-gate)) * sum;
    }
  }
  //@end
}
//@else
fn store(token: u32, i: u32, lowest: u32, lane: u32, products: array<vec4f, HELD>) {
  var sums = added(token, i, lowest, lane);
  if (token >= batch.count || i >= shape.rows) { return; }
  if ((shape.flags & LINEAR_ACCUMULATE) != 0u) {
    //@unroll T HELD
    sums[T] += out[place(token + T, i)];
    //@end
  }
  // A vocabulary need not be a multiple of 4: what stands beyond its end is never likely.
  let beyond = i + vec4u(0u, 1u, 2u, 3u) >= vec4u(shape.rows);
  //@unroll T HELD
  out[place(token + T, i)] = select(sums[T] + products[T], vec4f(-1e30), beyond);
  //@end
}
//@end

// Weight rows of rows i … i+3 of the dispatch; the last for those beyond it.
fn rows_from(i: u32) -> vec4u {
  return shape.weight_first + min(i + vec4u(0u, 1u, 2u, 3u), vec4u(shape.rows - 1u));
}

//@if LANES
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  let lowest = group.x * LANES * 4u;
  let i = lowest + lane * 4u;
  //@if GATED
  var gates: Gates;
  for (var side = 0u; side < 2u; side++) {
    store(side, &gates, token, i, lowest, lane, product(token, rows_from(i) + side * shape.rows, lane));
  }
  //@else
  store(token, i, lowest, lane, product(token, rows_from(i), lane));
  //@end
}
//@else
//@if SPLITS
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * TOKENS;
  if (token >= batch.count) { return; }
  let i = (group.x * (64u / SPLITS) + lane / SPLITS) * 4u;
  //@if GATED
  var gates: Gates;
  for (var side = 0u; side < 2u; side++) {
    let sum = product(token, rows_from(i) + side * shape.rows, lane);
    if (lane % SPLITS < TOKENS) { store(side, &gates, token + lane % SPLITS, i, i, lane, array(sum)); }
    // `product` reads workgroup memory that the next one writes.
    workgroupBarrier();
  }
  //@else
  let sum = product(token, rows_from(i), lane);
  if (lane % SPLITS < TOKENS) { store(token + lane % SPLITS, i, i, lane, array(sum)); }
  //@end
}
//@else
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.y * 64u;
  if (token >= batch.count) { return; }
  let row = shape.weight_first + group.x * 64u;
  let last = shape.weight_first + shape.rows - 1u;
  let i = group.x * 64u + lane % 16u * 4u;
  let own = token + lane / 16u * 4u;
  //@if GATED
  var gates: Gates;
  for (var side = 0u; side < 2u; side++) {
    store(side, &gates, own, i, i, lane, product(token, row + side * shape.rows, last + side * shape.rows, lane));
    workgroupBarrier();
  }
  //@else
  store(own, i, i, lane, product(token, row, last, lane));
  //@end
}
//@end
//@end
