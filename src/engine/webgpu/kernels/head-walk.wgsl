// head-walk.wgsl: the token within the chunk that head-pick.wgsl chose, and its log-probability
//
// settings  request
// choices   [decoding rows]
// x         [rows, width] f32
// draws     [decoding rows]
// One workgroup a decoding row computes the chunk's logits again. A head in several segments takes one dispatch for each.

struct Shape { weights: WeightShape, width: u32, rows: u32, first_chunk: u32, end_chunk: u32, first_token: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> choices: array<Choice>;
@group(0) @binding(4) var<storage, read> x: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> draws: array<Draw>;

var<workgroup> logits: array<f32, CHUNK>;
var<private> largest: f32;

fn weight_of(i: u32) -> f32 {
  if (settings.temperature == 0.0) { return f32(logits[i] == largest); }
  return exp((logits[i] - largest) / settings.temperature);
}

fn logit(source: u32, row: u32) -> f32 {
  let quads = shape.width / 4u;
  var sum = 0.0;
  for (var step = 0u; step * 8u < quads; step++) {
    let block = weight_block(row, step);
    var part = 0.0;
    //@unroll Q 8
    if (step * 8u + Q < quads) { part += dot(weight_quad(block, Q), x[source * quads + step * 8u + Q]); }
    //@end
    sum += part * block.scale;
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let decoding_row = group.x;
  if (decoding_row >= batch.count) { return; }
  let chosen = choices[decoding_row];
  if (chosen.chunk < shape.first_chunk || chosen.chunk >= shape.end_chunk) { return; }
  let first = (chosen.chunk - shape.first_chunk) * CHUNK;
  let count = min(CHUNK, shape.rows - first);
  var own = LOWEST;
  for (var i = lane; i < count; i += WORKGROUP) {
    logits[i] = logit(chosen.source, first + i);
    own = max(own, logits[i]);
  }
  workgroupBarrier();
  largest = largest_of(lane, own);
  let place = invert(lane, count, chosen.fraction).index;
  if (lane == 0u) {
    let above = (logits[place] - chosen.largest) / divisor(settings.temperature);
    draws[decoding_row] = Draw(shape.first_token + first + place, above - chosen.log_mass);
  }
}
