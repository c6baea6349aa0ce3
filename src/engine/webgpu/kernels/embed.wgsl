// embed.wgsl: out[t] = embedding[token t's id], for tokens whose id lies in this segment
//
// tokens  [rows] Token
// out     [rows, width] f32
// One workgroup a row. weights.wgsl reads the embedding, by octets.

struct Shape { weights: WeightShape, width: u32, first_row: u32, segment_rows: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let id = tokens[row].id;
  if (id < shape.first_row || id - shape.first_row >= shape.segment_rows) { return; }
  let quads = shape.width / 4u;
  for (var octet = lane; octet * 2u < quads; octet += 64u) {
    let values = weight_octet(id - shape.first_row, octet);
    let at = row * quads + octet * 2u;
    out[at] = values[0];
    if (octet * 2u + 1u < quads) { out[at + 1u] = values[1]; }
  }
}
