// attention-decode-reduce.wgsl: joins the chunks of attention-decode-*.wgsl, in their order
//
// out  [rows, heads·head_dim]. One workgroup for one head of one row.

struct Shape { heads: u32, chunks: u32, head_dim: u32, chunk: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read> totals: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) id: u32) {
  let row = place.x;
  if (row >= batch.count) { return; }
  let base = (row * shape.heads + place.y) * shape.chunks;
  let chunks = (key_count(tokens[row]) + shape.chunk - 1u) / shape.chunk;
  var top = totals[base].x;
  for (var c = 1u; c < chunks; c++) { top = max(top, totals[base + c].x); }
  var total = 0.0;
  for (var c = 0u; c < chunks; c++) { total += totals[base + c].y * exp(totals[base + c].x - top); }
  for (var d = id; d < shape.head_dim; d += WORKGROUP) {
    var sum = 0.0;
    for (var c = 0u; c < chunks; c++) {
      sum += sums[(base + c) * shape.head_dim + d] * exp(totals[base + c].x - top);
    }
    out[(row * shape.heads + place.y) * shape.head_dim + d] = sum / total;
  }
}
