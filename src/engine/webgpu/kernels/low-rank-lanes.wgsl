// low-rank-lanes.wgsl: g[t, s · r + j] = scale · Σ_{n in section s} dy[t, n] · B[n, j], one subgroup a tile
//
// dy  [rows, 4 · dy_row] f32
// b   [outputs, 4 · rank_quads] f32
// g   [rows, sections · 4 · rank_quads] f32
// A lane owns 2 rows. Of four rows of B each lane loads a few quads and hands them round; sums run along n.
// Grid: x tiles of 2 · LANES rows, y tiles of 4 · QUADS columns of a section, z sections.

struct Shape {
  // Where each section's columns of dy end.
  ends: vec4u,
  dy_row: u32,
  rank_quads: u32,
  sections: u32,
  scale: f32,
}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> g: array<vec4f>;

const CHUNKS = (4u * QUADS + LANES - 1u) / LANES;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let token = group.x * 2u * LANES + lane;
  if (group.x * 2u * LANES >= batch.count) { return; }
  let first_quad = group.y * QUADS;
  let start = select(0u, shape.ends[max(group.z, 1u) - 1u], group.z > 0u);
  let end = shape.ends[group.z];
  // sums[2·q + i]: quad q of this lane's row i.
  var sums: array<vec4f, 2u * QUADS>;
  for (var n = start; n < end; n += 4u) {
    let at = token * shape.dy_row + n / 4u;
    let own = array(dy[at], dy[at + LANES * shape.dy_row]);
    // Item i is quad i % QUADS of row n + i / QUADS.
    var mine: array<vec4f, CHUNKS>;
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
      let item = min(chunk * LANES + lane, 4u * QUADS - 1u);
      mine[chunk] = b[(n + item / QUADS) * shape.rank_quads + first_quad + item % QUADS];
    }
    //@unroll Q QUADS
    //@unroll J 4
    {
      let given = subgroupBroadcast(mine[(J * QUADS + Q) / LANES], (J * QUADS + Q) % LANES);
      sums[2u * Q] += given * own[0][J];
      sums[2u * Q + 1u] += given * own[1][J];
    }
    //@end
    //@end
  }
  for (var i = 0u; i < 2u * QUADS; i++) {
    let row = token + (i % 2u) * LANES;
    if (row >= batch.count) { continue; }
    g[(row * shape.sections + group.z) * shape.rank_quads + first_quad + i / 2u] = sums[i] * shape.scale;
  }
}
