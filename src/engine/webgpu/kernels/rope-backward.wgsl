// rope-backward.wgsl: gradients of one part of qkv (queries, keys or values) from those after normalisation and rotation
//
//   rotated: (y1, y2) = (x1·cos − x2·sin, x2·cos + x1·sin), so (∂x1, ∂x2) = (∂y1·cos + ∂y2·sin, ∂y2·cos − ∂y1·sin)
//   normed:  per head as in rmsnorm-backward.wgsl
//
// tokens  [rows]
// angles  [positions, hd/2] of (cos, sin)
// d_part  [rows, heads·hd] f32
// d_qkv   [rows, total_heads·hd] f32, of which this part is the heads from first_head on
// qkv     as d_qkv, before the norm
// weight  [hd] f32
// One invocation a head of a row; hd a multiple of 8.

struct Shape { heads: u32, first_head: u32, total_heads: u32, width: u32, epsilon: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> d_part: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_qkv: array<vec4f>;
//@if ROTATED
@group(0) @binding(4) var<storage, read> tokens: array<Token>;
@group(0) @binding(5) var<storage, read> angles: array<vec4f>;
//@end
//@if NORMED
@group(0) @binding(6) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(7) var<storage, read> weight: array<vec4f>;
//@end

// Gradients of vec4 i of a head's first half and of its counterpart in the second half.
struct Pair { first: vec4f, second: vec4f }

fn gradients(d_head: u32, row: u32, i: u32) -> Pair {
  let half = shape.width / 2u;
  let d = Pair(d_part[d_head + i], d_part[d_head + half + i]);
  //@if ROTATED
  let angle = (tokens[row].position * half + i) * 2u;
  let a = angles[angle];
  let b = angles[angle + 1u];
  let cosine = vec4f(a.x, a.z, b.x, b.z);
  let sine = vec4f(a.y, a.w, b.y, b.w);
  return Pair(d.first * cosine + d.second * sine, d.second * cosine - d.first * sine);
  //@else
  return d;
  //@end
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = (group.x + group.y * 65535u) * WORKGROUP + thread;
  if (index >= batch.count * shape.heads) { return; }
  let row = index / shape.heads;
  let half = shape.width / 2u;
  let d_head = index * shape.width;
  let head = (row * shape.total_heads + shape.first_head + index % shape.heads) * shape.width;
  //@if NORMED
  var squares = vec4f();
  var products = vec4f();
  for (var i = 0u; i < half; i++) {
    let g = gradients(d_head, row, i);
    let x = Pair(qkv[head + i], qkv[head + half + i]);
    squares += x.first * x.first + x.second * x.second;
    products += g.first * weight[i] * x.first + g.second * weight[half + i] * x.second;
  }
  let scale = inverseSqrt(dot(squares, vec4f(1.0)) / f32(4u * shape.width) + shape.epsilon);
  let slope = scale * scale * dot(products, vec4f(1.0)) / f32(4u * shape.width);
  //@end
  for (var i = 0u; i < half; i++) {
    let g = gradients(d_head, row, i);
    //@if NORMED
    d_qkv[head + i] = scale * (g.first * weight[i] - qkv[head + i] * slope);
    d_qkv[head + half + i] = scale * (g.second * weight[half + i] - qkv[head + half + i] * slope);
    //@else
    d_qkv[head + i] = g.first;
    d_qkv[head + half + i] = g.second;
    //@end
  }
}
