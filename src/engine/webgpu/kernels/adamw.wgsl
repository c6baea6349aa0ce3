// adamw.wgsl: one AdamW update of flat parameters, after scaling the gradient to the clipping norm
//
// parameters, first_moment, second_moment  [quads] vec4f, in place
// gradient  [quads]
// norm      Σ gradient², of sum-squares.wgsl; nothing changes if it is not finite
//
// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − (lr·λ·θ + α·m / (κ·√v + ε)), with the bias corrections in α and κ.

// All that changes between updates; derived on the CPU in float64, since 1 − β₂ would lose digits here.
struct Settings {
  beta1: f32,
  one_minus_beta1: f32,
  beta2: f32,
  one_minus_beta2: f32,
  // lr / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ)
  step_size: f32,
  correction: f32,
  epsilon: f32,
  // lr·λ
  decay: f32,
  clip_norm: f32,
}
struct Shape { quads: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> norm: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> first_moment: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> second_moment: array<vec4f>;

const EXPONENT = 0x7f800000u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * 65535u) * 64u + lane;
  // Comparisons with infinities and NaN may be optimised away; their bits may not.
  if (i >= shape.quads || (bitcast<u32>(norm[0]) & EXPONENT) == EXPONENT) { return; }
  let g = gradient[i] * min(1.0, settings.clip_norm / (sqrt(norm[0]) + 1e-6));
  let m = settings.beta1 * first_moment[i] + settings.one_minus_beta1 * g;
  let v = settings.beta2 * second_moment[i] + settings.one_minus_beta2 * g * g;
  first_moment[i] = m;
  second_moment[i] = v;
  let step = settings.step_size * m / (sqrt(v) * settings.correction + settings.epsilon);
  let before = parameters[i];
  parameters[i] = before - (settings.decay * before + step);
}
