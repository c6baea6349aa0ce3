// probe-copy.wgsl: out = x, to see how much memory an adapter can move
//
// x, out  [rows, 1024] vec4f
// One workgroup a row, 16 elements an invocation, neighbours side by side.

@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= batch.count) { return; }
  let at = group.x * 1024u + lane;
  //@unroll PART 16
  out[at + PART * 64u] = x[at + PART * 64u];
  //@end
}
