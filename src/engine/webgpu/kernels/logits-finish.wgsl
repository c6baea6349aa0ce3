// logits-finish.wgsl: an entry's results from its running values
//
// state    [rows] State
// results  [rows] vec4f: log-probability, entropy, KL(policy ‖ reference), log Σ exp(logit / T)

struct Shape { inverse_temperature: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> state: array<State>;
@group(0) @binding(3) var<storage, read_write> results: array<vec4f>;

// log(1 + w) − w, by the series of the inverse hyperbolic tangent where the difference would cancel.
fn log1p_less(w: f32) -> f32 {
  let z = w / (2.0 + w);
  let zz = z * z;
  let series = 2.0 * z * zz * (1.0 / 3.0 + zz * (1.0 / 5.0 + zz * (1.0 / 7.0 + zz / 9.0))) - w * z;
  return select(log(1.0 + w) - w, series, abs(w) < 0.25);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.count) { return; }
  let seen = state[id.x];
  let spread = log(seen.mass);
  // KL = E[x] + log E[exp(−x)] under the policy. With u = E[exp(−x) − 1 + x] and w = u − E[x] that is
  // u + log(1 + w) − w, which does not lose a small divergence among large logarithms.
  let u = seen.curvature / seen.mass;
  let w = u - seen.contrast / seen.mass;
  results[id.x] = vec4f(
    (seen.chosen - seen.largest) * shape.inverse_temperature - spread,
    spread - seen.moment / seen.mass,
    u + log1p_less(w),
    seen.largest * shape.inverse_temperature + spread,
  );
}
