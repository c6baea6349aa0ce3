// rmsnorm.wgsl: out[t] = x[t] / √(mean(x[t]²) + ε) · weight
//
// x, out  [rows, FEATURES] f32, features a multiple of 4
// weight  [features] f32
// One workgroup a row. The sum of squares is a fixed tree: the same bits whatever the batch.

struct Shape { features: u32, epsilon: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

alias Summed = f32;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let width = shape.features / 4u;
  var part = 0.0;
  for (var i = lane; i < width; i += WORKGROUP) {
    let v = x[row * width + i];
    part += dot(v, v);
  }
  let scale = inverseSqrt(sum_of_all(lane, part) / f32(shape.features) + shape.epsilon);
  for (var i = lane; i < width; i += WORKGROUP) {
    out[row * width + i] = x[row * width + i] * scale * weight[i];
  }
}
