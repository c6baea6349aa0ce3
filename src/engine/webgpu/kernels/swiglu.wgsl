// swiglu.wgsl: out[t] = silu(gate[t])·up[t], silu(z) = z / (1 + e^−z)
//
// gate_up  [rows, 2·features] f32, gate then up; features a multiple of 4
// out      [rows, features] f32

struct Shape { features: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> gate_up: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let width = shape.features / 4u;
  let i = (group.x + group.y * 65535u) * 64u + lane;
  let row = i / width;
  if (row >= batch.count) { return; }
  let at = row * width + i;
  let gate = gate_up[at];
  out[i] = gate / (1.0 + exp(-gate)) * gate_up[at + width];
}
