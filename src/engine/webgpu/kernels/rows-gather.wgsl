// rows-gather.wgsl: out[r] = source[indices[r]]
//
// source   [*, features] f32
// indices  [rows]
// out      [rows, features]
// One workgroup a row.

struct Shape { features: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> source: array<vec4f>;
@group(0) @binding(3) var<storage, read> indices: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let quads = shape.features / 4u;
  let start = indices[row] * quads;
  for (var i = lane; i < quads; i += 64u) { out[row * quads + i] = source[start + i]; }
}
