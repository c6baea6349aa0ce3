// swiglu-backward.wgsl: gradient of out = silu(gate)·up with respect to gate and up
//
//   σ = 1/(1 + e^−gate);   ∂gate = ∂out·up·σ·(1 + gate·(1 − σ));   ∂up = ∂out·gate·σ
//
// gate_up, d_gate_up  [rows, 2·features] f32, gate first; features a multiple of 4
// d_out               [rows, features] f32
// One workgroup a row.

struct Shape { features: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> gate_up: array<vec4f>;
@group(0) @binding(3) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_gate_up: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let width = shape.features / 4u;
  for (var i = lane; i < width; i += WORKGROUP) {
    let at = 2u * row * width + i;
    let gate = gate_up[at];
    let up = gate_up[at + width];
    let d = d_out[row * width + i];
    // WGSL does not promise that an overflowing exp is infinite.
    let sigmoid = 1.0 / (1.0 + exp(min(-gate, vec4f(80.0))));
    d_gate_up[at] = d * up * sigmoid * (1.0 + gate * (1.0 - sigmoid));
    d_gate_up[at + width] = d * gate * sigmoid;
  }
}
