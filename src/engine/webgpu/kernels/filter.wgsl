// filter.wgsl: draws from logits under top-k, top-p and min-p, in that order
//
// settings  request
// rows      [cache rows]
// tokens    [decoding rows]; only `row` is read
// logits    [rows, vocabulary]
// draws     [decoding rows]: a token that the filters leave, and its log-probability without them
// One workgroup a decoding row. Of tokens that tie at the edge of top-k or top-p all stay.

struct Shape { vocabulary: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> tokens: array<Token>;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read_write> draws: array<Draw>;

var<private> first: u32;
var<private> largest: f32;
// Tokens stay whose key and whose probability, as a share of the largest, are no less.
var<private> lowest_key: u32;
var<private> lowest_share: f32;

// Unsigned integers in the order of floats.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, bits >> 31u == 1u);
}

fn weight_of(i: u32) -> f32 {
  let logit = logits[first + i];
  let share = exp((logit - largest) / divisor(settings.temperature));
  return select(0.0, share, key_of(logit) >= lowest_key && share >= lowest_share);
}

fn sum_of_all(lane: u32) -> f32 {
  let span = (shape.vocabulary + WORKGROUP - 1u) / WORKGROUP;
  return sum_of(lane, sum_of_weights(lane * span, min(lane * span + span, shape.vocabulary)));
}

// The largest key such that the tokens from it on number, or together weigh, at least `need`: four bits at a time, 15
// candidates in each pass over the logits.
fn key_with(lane: u32, need: f32, by_weight: bool) -> u32 {
  var key = 0u;
  for (var digit = 0u; digit < 8u; digit++) {
    let shift = 28u - 4u * digit;
    var sums = array<f32, 15>(); // written out: some drivers keep the last pass's
    for (var i = lane; i < shape.vocabulary; i += WORKGROUP) {
      let own = key_of(logits[first + i]);
      if (own < key) { continue; }
      var amount = 1.0;
      if (by_weight) { amount = weight_of(i); }
      //@unroll D 15
      sums[D] += select(0.0, amount, own >= key + ((D + 1u) << shift));
      //@end
    }
    var reached = 0u;
    //@unroll D 15
    if (sum_of(lane, sums[D]) >= need) { reached = D + 1u; }
    //@end
    key += reached << shift;
  }
  // The most likely token always stays.
  return min(key, key_of(largest));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let decoding_row = group.x;
  if (decoding_row >= batch.count) { return; }
  let row = rows[tokens[decoding_row].row];
  first = select(decoding_row, row.source, row.drawn == 0u) * shape.vocabulary;
  var own = LOWEST;
  for (var i = lane; i < shape.vocabulary; i += WORKGROUP) { own = max(own, logits[first + i]); }
  largest = largest_of(lane, own);
  let log_mass = log(sum_of_all(lane));
  var fraction = 0.0;
  if (settings.temperature > 0.0) {
    fraction = sampling_uniform(settings.seed, settings.step, row.prompt, row.sample, row.drawn);
    if (settings.top_k > 0u) { lowest_key = key_with(lane, f32(settings.top_k), false); }
    if (settings.top_p < 1.0) { lowest_key = key_with(lane, settings.top_p * sum_of_all(lane), true); }
    lowest_share = settings.min_p;
  } else {
    lowest_key = key_of(largest);
  }
  let token = invert(lane, shape.vocabulary, fraction).index;
  if (lane == 0u) {
    let above = (logits[first + token] - largest) / divisor(settings.temperature);
    draws[decoding_row] = Draw(token, above - log_mass);
  }
}
