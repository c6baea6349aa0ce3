// rope.wgsl: rotates queries and keys by position and files keys and values in the cache, with Qwen3's head norms if there
// are any
//
// qkv      [rows, (heads + 2·kv_heads)·head_dim] f32: queries, keys, values
// angles   [positions, head_dim/2] (cos, sin); halves as in Hugging Face: (x[i], x[i + head_dim/2]) is one point
// queries  [rows, heads·head_dim]
// keys, values  [slots, kv_heads·head_dim], at the token's slot
// One workgroup for one head of one row.

struct Shape { heads: u32, kv_heads: u32, head_dim: u32, epsilon: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> qkv: array<f32>;
@group(0) @binding(4) var<storage, read> angles: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> queries: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<f32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;

//@if NORMS
@group(0) @binding(8) var<storage, read> query_norm: array<f32>;
@group(0) @binding(9) var<storage, read> key_norm: array<f32>;

alias Summed = f32;
//@end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let token = tokens[row];
  let head = group.z;
  let size = shape.head_dim;
  let source = (row * (shape.heads + 2u * shape.kv_heads) + head) * size;
  let is_query = head < shape.heads;
  if (head >= shape.heads + shape.kv_heads) {
    let to = (token.slot * shape.kv_heads + head - shape.heads - shape.kv_heads) * size;
    for (var i = lane; i < size; i += WORKGROUP) { values[to + i] = qkv[source + i]; }
    return;
  }
  //@if NORMS
  var part = 0.0;
  for (var i = lane; i < size; i += WORKGROUP) { part += qkv[source + i] * qkv[source + i]; }
  let scale = inverseSqrt(sum_of_all(lane, part) / f32(size) + shape.epsilon);
  //@end
  let half = size / 2u;
  for (var i = lane; i < half; i += WORKGROUP) {
    var x = vec2f(qkv[source + i], qkv[source + half + i]);
    //@if NORMS
    x *= scale;
    if (is_query) { x *= vec2f(query_norm[i], query_norm[half + i]); } else { x *= vec2f(key_norm[i], key_norm[half + i]); }
    //@end
    let turn = angles[token.position * half + i];
    let y = vec2f(x.x * turn.x - x.y * turn.y, x.y * turn.x + x.x * turn.y);
    if (is_query) {
      let to = (row * shape.heads + head) * size + i;
      queries[to] = y.x;
      queries[to + half] = y.y;
    } else {
      let to = (token.slot * shape.kv_heads + head - shape.heads) * size + i;
      keys[to] = y.x;
      keys[to + half] = y.y;
    }
  }
}
