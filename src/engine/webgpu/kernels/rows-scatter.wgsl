// rows-scatter.wgsl: out[r] = Σ source[e] over the entries e of row r, in their order; 0 where there are none
//
// source  [entries, features] f32, sorted by row
// starts  [rows + 1]: the entries of row r are starts[r] … starts[r + 1] − 1
// out     [rows, features]
// One workgroup a row, so nothing is added by two.

struct Shape { features: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> source: array<vec4f>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let quads = shape.features / 4u;
  let first = starts[row];
  let end = starts[row + 1u];
  for (var i = lane; i < quads; i += 64u) {
    var sum = vec4f();
    for (var entry = first; entry < end; entry++) { sum += source[entry * quads + i]; }
    out[row * quads + i] = sum;
  }
}
