// rmsnorm-backward.wgsl: d_x[t] += gradient of RMSNorm at x[t]
//
//   y = x·r·w, r = 1/√(mean(x²) + ε);   g = ∂y·w;   ∂x = r·(g − x·r²·mean(g·x))
//
// x, d_out, d_x  [rows, features] f32, features a multiple of 4
// weight         [features] f32
// One workgroup a row. The sums are a fixed tree: the same bits whatever the batch.

struct Shape { features: u32, epsilon: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> d_x: array<vec4f>;

alias Summed = vec2f;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let width = shape.features / 4u;
  var part = vec2f();
  for (var i = lane; i < width; i += WORKGROUP) {
    let v = x[row * width + i];
    part += vec2f(dot(v, v), dot(v, d_out[row * width + i] * weight[i]));
  }
  let mean = sum_of_all(lane, part) / f32(shape.features);
  let scale = inverseSqrt(mean.x + shape.epsilon);
  let slope = scale * scale * mean.y;
  for (var i = lane; i < width; i += WORKGROUP) {
    let at = row * width + i;
    d_x[at] += scale * (d_out[at] * weight[i] - x[at] * slope);
  }
}
