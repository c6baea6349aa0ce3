// linear-backward-tile.wgsl: out[t, s · columns + k] (+)= scale · Σ_n dy[t, n] · W[n, k], one workgroup a tile
//
// dy   [rows, 4 · dy_row] f32; n runs over section s of it, from where the one before ends; dy_first quads on
// W    row first_row + n of the segment (weights.wgsl)
// out  [rows, sections · columns] f32
// DEPTH values of n at a time lie in workgroup memory; an invocation owns 4 rows and 4 columns. Sums run along n.
// Grid: x tiles of TILE_K columns, y tiles of TILE_ROWS rows, z sections.

struct Shape {
  weights: WeightShape,
  ends: vec4u,
  first_row: u32,
  dy_row: u32,
  dy_first: u32,
  columns: u32,
  sections: u32,
  accumulate: u32,
  scale: f32,
}
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

const DEPTH = 16u;
const QUADS = DEPTH / 4u;
const TILE_QUADS = TILE_K / 4u;
const WORKGROUP = TILE_ROWS / 4u * TILE_QUADS;

var<workgroup> left: array<vec4f, TILE_ROWS * QUADS>;
var<workgroup> right: array<vec4f, DEPTH * TILE_QUADS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let first_token = group.y * TILE_ROWS;
  if (first_token >= batch.count) { return; }
  let first_quad = group.x * TILE_QUADS;
  let start = select(0u, shape.ends[max(group.z, 1u) - 1u], group.z > 0u);
  let end = shape.ends[group.z];
  var sums: array<vec4f, 4>;
  for (var n = start; n < end; n += DEPTH) {
    workgroupBarrier();
    for (var i = local; i < TILE_ROWS * QUADS; i += WORKGROUP) {
      let quad = n / 4u + i % QUADS;
      let value = dy[(first_token + i / QUADS) * shape.dy_row + shape.dy_first + quad];
      left[i] = select(vec4f(), value, 4u * quad < end);
    }
    for (var i = local; i < DEPTH * TILE_QUADS / 2u; i += WORKGROUP) {
      let octets = weight_octet(shape.first_row + n + i * 2u / TILE_QUADS, (first_quad + i * 2u % TILE_QUADS) / 2u);
      right[2u * i] = octets[0];
      right[2u * i + 1u] = octets[1];
    }
    workgroupBarrier();
    for (var q = 0u; q < QUADS; q++) {
      let at = 4u * q * TILE_QUADS + local % TILE_QUADS;
      for (var t = 0u; t < 4u; t++) {
        let v = left[(local / TILE_QUADS * 4u + t) * QUADS + q];
        sums[t] += right[at] * v.x + right[at + TILE_QUADS] * v.y + right[at + 2u * TILE_QUADS] * v.z
          + right[at + 3u * TILE_QUADS] * v.w;
      }
    }
  }
  let quad = first_quad + local % TILE_QUADS;
  if (quad >= shape.columns / 4u) { return; }
  for (var t = 0u; t < 4u; t++) {
    let token = first_token + local / TILE_QUADS * 4u + t;
    if (token >= batch.count) { return; }
    let at = (token * shape.sections + group.z) * (shape.columns / 4u) + quad;
    let sum = sums[t] * shape.scale;
    if (shape.accumulate != 0u) { out[at] += sum; } else { out[at] = sum; }
  }
}
