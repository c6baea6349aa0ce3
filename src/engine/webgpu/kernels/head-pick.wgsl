// head-pick.wgsl: from the statistics of vocabulary chunks to the chunk that a row's token is in
//
// settings  request
// rows      [cache rows]
// tokens    [decoding rows]; only `row` is read
// partials  [rows of x, chunks]
// choices   [decoding rows]
// One workgroup a decoding row.

struct Shape { chunks: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> tokens: array<Token>;
@group(0) @binding(5) var<storage, read> partials: array<Partial>;
@group(0) @binding(6) var<storage, read_write> choices: array<Choice>;

var<private> first_chunk: u32;
var<private> largest: f32;

fn chunk_mass(chunk: u32) -> f32 {
  let part = partials[first_chunk + chunk];
  return part.mass * exp((part.largest - largest) / divisor(settings.temperature));
}
// Greedy: only chunks with the largest logit count, and the first of them is drawn.
fn weight_of(chunk: u32) -> f32 {
  if (settings.temperature == 0.0) { return f32(partials[first_chunk + chunk].largest == largest); }
  return chunk_mass(chunk);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let decoding_row = group.x;
  if (decoding_row >= batch.count) { return; }
  let row = rows[tokens[decoding_row].row];
  let source = select(decoding_row, row.source, row.drawn == 0u);
  first_chunk = source * shape.chunks;
  var own = LOWEST;
  for (var i = lane; i < shape.chunks; i += WORKGROUP) { own = max(own, partials[first_chunk + i].largest); }
  largest = largest_of(lane, own);
  own = 0.0;
  for (var i = lane; i < shape.chunks; i += WORKGROUP) { own += chunk_mass(i); }
  let log_mass = log(sum_of(lane, own));
  var fraction = 0.0;
  if (settings.temperature > 0.0) {
    fraction = sampling_uniform(settings.seed, settings.step, row.prompt, row.sample, row.drawn);
  }
  let drawn = invert(lane, shape.chunks, fraction);
  choices[decoding_row] = Choice(source, drawn.index, drawn.fraction, largest, log_mass);
}
