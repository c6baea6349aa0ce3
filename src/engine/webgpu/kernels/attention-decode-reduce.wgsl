// attention-decode-reduce.wgsl: joins the chunks of decoding rows, in their order
//
// sums    [rows, heads, chunks, head_dim]: attention over each chunk alone
// totals  [rows, heads, chunks]: logarithm of each chunk's softmax denominator
// out     [rows, heads·head_dim]
// One workgroup for one head of one row.

struct Shape { heads: u32, chunks: u32, head_dim: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read> totals: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) id: u32) {
  let row = place.x;
  if (row >= batch.count) { return; }
  let token = tokens[row];
  let count = token.prefix_end - token.prefix_start + token.slot + 1u - token.own_start;
  let first = (row * shape.heads + place.y) * shape.chunks;
  let end = first + (count + CHUNK - 1u) / CHUNK;
  var top = totals[first];
  for (var c = first + 1u; c < end; c++) { top = max(top, totals[c]); }
  var total = 0.0;
  for (var c = first; c < end; c++) { total += exp(totals[c] - top); }
  for (var d = id; d < shape.head_dim; d += WORKGROUP) {
    var sum = 0.0;
    for (var c = first; c < end; c++) { sum += sums[c * shape.head_dim + d] * exp(totals[c] - top); }
    out[(row * shape.heads + place.y) * shape.head_dim + d] = sum / total;
  }
}
