// linear-backward-lanes.wgsl: out[t, k] (+)= Σ_n dy[t, n] · W[n, k], one subgroup a tile
//
// dy   [rows, 4 · dy_row] f32, from quad dy_first on
// W    rows first_row … + outputs − 1 of the segment (weights.wgsl)
// out  [rows, 4 · out_row] f32
// A lane owns 4·QUADS columns of TOKENS rows: 8 columns of integers, one word of q4; 4 of floats, whose loads are dear, and more
// rows. Of the rows' dy each lane loads one quad and hands it round; sums run along n.
// Grid: x tiles of TOKENS rows, y tiles of 4 · QUADS · LANES columns, so that neighbours in time share a strip of W.

struct Shape {
  weights: WeightShape,
  first_row: u32,
  outputs: u32,
  dy_row: u32,
  dy_first: u32,
  out_row: u32,
  accumulate: u32,
}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

alias Columns = array<vec4f, QUADS>;

//@if QUANTISED
fn columns_of(row: u32, own: u32) -> Columns { return weight_octet(row, own); }
//@else
fn columns_of(row: u32, own: u32) -> Columns { return Columns(weight_quad(weight_block(row, 0u), own)); }
//@end

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first_token = group.x * TOKENS;
  if (first_token >= batch.count) { return; }
  let own = group.y * LANES + lane;
  var sums: array<vec4f, QUADS * TOKENS>;
  for (var n = 0u; n < shape.outputs; n += 4u) {
    var mine: array<vec4f, TOKENS / LANES>;
    //@unroll I PARTS
    mine[I] = dy[(first_token + I * LANES + lane) * shape.dy_row + shape.dy_first + n / 4u];
    //@end
    let row = shape.first_row + n;
    //@if SHARED_SCALES
    // The 32 columns of four lanes have one scale a row: each of the four loads one row's.
    let scale_at = weight_scale_at(row + lane % 4u, own);
    let scale = weight_scale(scale_at);
    let zero = weight_zero(scale_at);
    let w0 = weight_octet_by(row, own, quadBroadcast(scale, 0u), quadBroadcast(zero, 0u));
    let w1 = weight_octet_by(row + 1u, own, quadBroadcast(scale, 1u), quadBroadcast(zero, 1u));
    let w2 = weight_octet_by(row + 2u, own, quadBroadcast(scale, 2u), quadBroadcast(zero, 2u));
    let w3 = weight_octet_by(row + 3u, own, quadBroadcast(scale, 3u), quadBroadcast(zero, 3u));
    //@else
    let w0 = columns_of(row, own);
    let w1 = columns_of(row + 1u, own);
    let w2 = columns_of(row + 2u, own);
    let w3 = columns_of(row + 3u, own);
    //@end
    //@unroll T TOKENS
    {
      let v = subgroupBroadcast(mine[T / LANES], T % LANES);
      //@unroll Q QUADS
      sums[QUADS * T + Q] += w0[Q] * v.x + w1[Q] * v.y + w2[Q] * v.z + w3[Q] * v.w;
      //@end
    }
    //@end
  }
  for (var t = 0u; t < TOKENS; t++) {
    let token = first_token + t;
    if (token >= batch.count) { return; }
    for (var q = 0u; q < QUADS; q++) {
      let quad = QUADS * own + q;
      if (quad >= shape.out_row) { break; }
      let at = token * shape.out_row + quad;
      if (shape.accumulate != 0u) { out[at] += sums[QUADS * t + q]; } else { out[at] = sums[QUADS * t + q]; }
    }
  }
}
