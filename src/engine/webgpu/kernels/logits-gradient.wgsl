// logits-gradient.wgsl: logits become ∂(c·log p(y) + d·H)/∂logits = (c·(1[v = y] − p) − d·p·(log p + H)) / T
//
// logits   [rows, chunk] f32, in place
// entries  [rows] Entry: y, c, d
// results  [rows] vec4f of logits-finish.wgsl
// One workgroup a row.

struct Shape { quads: u32, first_token: u32, inverse_temperature: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> entries: array<Entry>;
@group(0) @binding(3) var<storage, read> results: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> logits: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let start = row * shape.quads;
  let entry = entries[row];
  let entropy = results[row].y;
  let normaliser = results[row].w;
  let c = entry.coefficient * shape.inverse_temperature;
  let d = entry.entropy_coefficient * shape.inverse_temperature;
  for (var i = lane; i < shape.quads; i += WORKGROUP) {
    let logp = logits[start + i] * shape.inverse_temperature - normaliser;
    let tokens = shape.first_token + i * 4u + vec4u(0u, 1u, 2u, 3u);
    let chosen = select(vec4f(), vec4f(c), tokens == vec4u(entry.token));
    logits[start + i] = chosen - exp(logp) * (c + d * (logp + entropy));
  }
}
