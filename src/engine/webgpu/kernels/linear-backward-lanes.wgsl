// linear-backward-lanes.wgsl: out[t, k] (+)= Σ_n dy[t, n] · W[n, k], one subgroup a tile
//
// dy   [rows, 4 · dy_row] f32, from quad dy_first on
// W    rows first_row … + outputs − 1 of the segment (weights.wgsl)
// out  [rows, 4 · out_row] f32
// A lane owns 8 columns of TOKENS rows. Of the rows' dy each lane loads one quad and hands it round; sums run along n.
// Grid: x tiles of 8 · LANES columns, y tiles of TOKENS rows.

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

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first_token = group.y * TOKENS;
  if (first_token >= batch.count) { return; }
  let octet = group.x * LANES + lane;
  var sums: array<vec4f, 2u * TOKENS>;
  for (var n = 0u; n < shape.outputs; n += 4u) {
    var mine: array<vec4f, TOKENS / LANES>;
    //@unroll I PARTS
    mine[I] = dy[(first_token + I * LANES + lane) * shape.dy_row + shape.dy_first + n / 4u];
    //@end
    let row = shape.first_row + n;
    //@if SHARED_SCALES
    // The 32 columns of four lanes have one scale a row: each of the four loads one row's.
    let scale_at = weight_scale_at(row + lane % 4u, octet);
    let scale = weight_scale(scale_at);
    let zero = weight_zero(scale_at);
    let w0 = weight_octet_by(row, octet, quadBroadcast(scale, 0u), quadBroadcast(zero, 0u));
    let w1 = weight_octet_by(row + 1u, octet, quadBroadcast(scale, 1u), quadBroadcast(zero, 1u));
    let w2 = weight_octet_by(row + 2u, octet, quadBroadcast(scale, 2u), quadBroadcast(zero, 2u));
    let w3 = weight_octet_by(row + 3u, octet, quadBroadcast(scale, 3u), quadBroadcast(zero, 3u));
    //@else
    let w0 = weight_octet(row, octet);
    let w1 = weight_octet(row + 1u, octet);
    let w2 = weight_octet(row + 2u, octet);
    let w3 = weight_octet(row + 3u, octet);
    //@end
    //@unroll T TOKENS
    {
      let v = subgroupBroadcast(mine[T / LANES], T % LANES);
      sums[2u * T] += w0[0] * v.x + w1[0] * v.y + w2[0] * v.z + w3[0] * v.w;
      sums[2u * T + 1u] += w0[1] * v.x + w1[1] * v.y + w2[1] * v.z + w3[1] * v.w;
    }
    //@end
  }
  for (var t = 0u; t < TOKENS; t++) {
    let token = first_token + t;
    if (token >= batch.count) { return; }
    for (var half = 0u; half < 2u; half++) {
      let quad = 2u * octet + half;
      if (quad >= shape.out_row) { break; }
      let at = token * shape.out_row + quad;
      if (shape.accumulate != 0u) { out[at] += sums[2u * t + half]; } else { out[at] = sums[2u * t + half]; }
    }
  }
}
