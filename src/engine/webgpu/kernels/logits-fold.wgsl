// logits-fold.wgsl: takes one chunk of each entry's logits into its running values
//
// logits     [rows, chunk] f32, and `reference` of the same shape
// entries    [rows] Entry
// state      [rows] State; the chunk at token 0 begins anew
// One workgroup a row. The chunk's largest logit is found first, so that its sums are plain ones: trees of a fixed shape,
// the same bits whatever the batch.

struct Shape { quads: u32, first_token: u32, inverse_temperature: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> logits: array<vec4f>;
@group(0) @binding(3) var<storage, read> entries: array<Entry>;
@group(0) @binding(4) var<storage, read_write> state: array<State>;
//@if REFERENCE
@group(0) @binding(5) var<storage, read> reference: array<vec4f>;
//@end

// Below every logit, and far enough from the smallest float that divided by a temperature it stays finite.
const LOWEST = -1e30;
// Quads that a lane adds up before it adds their sum to the others.
const RUN = 16u;

alias Summed = vec4f;

//@if LANES
fn largest_of_all(lane: u32, own: vec4f) -> vec4f { return subgroupMax(own); }
//@else
var<workgroup> parts: array<vec4f, WORKGROUP>;
fn largest_of_all(lane: u32, own: vec4f) -> vec4f {
  parts[lane] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { parts[lane] = max(parts[lane], parts[lane + half]); }
  }
  workgroupBarrier();
  return parts[0];
}
//@end

//@if REFERENCE
// exp(a)·(exp(−x) − 1 + x) with x = a − b, by its series where the sum would cancel.
fn curvature_of(x: vec4f, share: vec4f, reference_share: vec4f) -> vec4f {
  let tail = 1.0 / 720.0 - x * (1.0 / 5040.0 - x * (1.0 / 40320.0));
  let series = x * x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x * (1.0 / 120.0 - x * tail))));
  return select(reference_share - share + share * x, share * series, abs(x) < vec4f(0.5));
}
//@end

fn largest_in(v: vec4f) -> f32 { return max(max(v.x, v.y), max(v.z, v.w)); }
fn sum_in(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * 65535u;
  if (row >= batch.count) { return; }
  let start = row * shape.quads;
  var seen = State(LOWEST, 0.0, 0.0, LOWEST, 0.0, 0.0, 0.0, 0.0);
  if (shape.first_token > 0u) { seen = state[row]; }

  var most = vec4f(LOWEST);
  //@if REFERENCE
  var reference_most = vec4f(LOWEST);
  //@end
  for (var i = lane; i < shape.quads; i += WORKGROUP) {
    most = max(most, logits[start + i]);
    //@if REFERENCE
    reference_most = max(reference_most, reference[start + i]);
    //@end
  }
  var own = vec4f(max(seen.largest, largest_in(most)), seen.reference_largest, 0.0, 0.0);
  //@if REFERENCE
  own.y = max(own.y, largest_in(reference_most));
  //@end
  let largest = largest_of_all(lane, own);

  // mass, moment, contrast, curvature
  var sums = vec4f();
  for (var first = lane; first < shape.quads; first += WORKGROUP * RUN) {
    var mass = vec4f();
    var moment = vec4f();
    //@if REFERENCE
    let apart = largest.x - largest.y;
    var contrast = vec4f();
    var curvature = vec4f();
    //@end
    let end = min(first + WORKGROUP * RUN, shape.quads);
    for (var i = first; i < end; i += WORKGROUP) {
      let a = (logits[start + i] - largest.x) * shape.inverse_temperature;
      let share = exp(a);
      mass += share;
      moment += share * a;
      //@if REFERENCE
      // Not a − b, which would lose the digits of a small difference.
      let x = ((logits[start + i] - reference[start + i]) - apart) * shape.inverse_temperature;
      contrast += share * x;
      curvature += curvature_of(x, share, exp(a - x));
      //@end
    }
    //@if REFERENCE
    sums += vec4f(sum_in(mass), sum_in(moment), sum_in(contrast), sum_in(curvature));
    //@else
    sums += vec4f(sum_in(mass), sum_in(moment), 0.0, 0.0);
    //@end
  }
  sums = sum_of_all(lane, sums);
  if (lane > 0u) { return; }

  // What was seen before, as from the new largest logits.
  let moved = (seen.largest - largest.x) * shape.inverse_temperature;
  let scale = exp(moved);
  sums.x += scale * seen.mass;
  sums.y += scale * (seen.moment + moved * seen.mass);
  //@if REFERENCE
  let shift = ((seen.largest - seen.reference_largest) - (largest.x - largest.y)) * shape.inverse_temperature;
  let reference_scale = exp(moved - shift);
  let bend = curvature_of(vec4f(shift), vec4f(scale), vec4f(reference_scale)).x;
  sums.z += scale * (seen.contrast + shift * seen.mass);
  sums.w += reference_scale * seen.curvature + bend * seen.mass + (scale * shift - bend) * seen.contrast;
  //@end
  let place = entries[row].token - shape.first_token;
  if (place < shape.quads * 4u) { seen.chosen = logits[start + place / 4u][place % 4u]; }
  state[row] = State(largest.x, sums.x, sums.y, largest.y, sums.z, sums.w, seen.chosen, 0.0);
}
