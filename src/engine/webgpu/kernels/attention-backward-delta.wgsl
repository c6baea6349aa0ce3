// attention-backward-delta.wgsl: what the gradients of attention need of each query: its log-sum-exp and δ = ∂o·o
//
// d_out, out  [rows, heads·hd] f32
// lse         [rows, heads] f32
// stats       [rows, heads] of (lse, δ)
// One invocation a query of a head.

struct Shape { heads: u32, width: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(3) var<storage, read> out: array<vec4f>;
@group(0) @binding(4) var<storage, read> lse: array<f32>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let query = (group.x + group.y * 65535u) * WORKGROUP + thread;
  if (query >= batch.count * shape.heads) { return; }
  var delta = vec4f();
  for (var i = query * shape.width; i < (query + 1u) * shape.width; i++) { delta += d_out[i] * out[i]; }
  stats[query] = vec2f(lse[query], (delta.x + delta.y) + (delta.z + delta.w));
}
