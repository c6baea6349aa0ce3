// head-invert.wgsl: draws an index by inverting a distribution function, one workgroup together
//
// The kernel declares `fn weight_of(i: u32) -> f32`, ≥ 0 and not all 0. Drawn is the first index at which the running sum of
// weights exceeds `fraction` of their total; where rounding leaves none, the last index with a weight. The range is cut into
// one part for each lane, the part that holds the goal again, and so on down to one index: a fixed tree, whatever the batch.

struct Inverse {
  index: u32,
  // How far into the weight of this index the goal lies, 0 … 1.
  fraction: f32,
}

// Largest value and sum of the values of all lanes; every lane calls them.
//@if LANES
fn largest_of(lane: u32, value: f32) -> f32 { return subgroupMax(value); }
fn sum_of(lane: u32, value: f32) -> f32 {
  var sum = 0.0;
  //@unroll PART WORKGROUP
  sum += subgroupBroadcast(value, PART);
  //@end
  return sum;
}
//@else
var<workgroup> lane_values: array<f32, WORKGROUP>;
fn share(lane: u32, value: f32) {
  workgroupBarrier();
  lane_values[lane] = value;
  workgroupBarrier();
}
fn largest_of(lane: u32, value: f32) -> f32 {
  share(lane, value);
  var largest = lane_values[0];
  for (var i = 1u; i < WORKGROUP; i++) { largest = max(largest, lane_values[i]); }
  return largest;
}
fn sum_of(lane: u32, value: f32) -> f32 {
  share(lane, value);
  var sum = 0.0;
  for (var i = 0u; i < WORKGROUP; i++) { sum += lane_values[i]; }
  return sum;
}
//@end

// Sum of weights first … end−1; in blocks, so that rounding does not grow with the length.
fn sum_of_weights(first: u32, end: u32) -> f32 {
  var sum = 0.0;
  for (var block = first; block < end; block += 64u) {
    var part = 0.0;
    let block_end = min(block + 64u, end);
    for (var i = block; i < block_end; i++) { part += weight_of(i); }
    sum += part;
  }
  return sum;
}

// Where the goal lies among the lanes' sums: part, the sum before it, and its own.
struct Place { part: u32, before: f32, own: f32, sum: f32, found: bool }
fn look_at(place: ptr<function, Place>, part: u32, own: f32, goal: f32) {
  if (!(*place).found && own > 0.0) {
    *place = Place(part, (*place).sum, own, (*place).sum + own, (*place).sum + own > goal);
  }
}

fn invert(lane: u32, count: u32, fraction: f32) -> Inverse {
  var drawn: Inverse;
  var goal = 0.0;
  var range = count;
  loop {
    let span = (range + WORKGROUP - 1u) / WORKGROUP;
    let first = drawn.index + lane * span;
    let own = sum_of_weights(first, min(first + span, min(drawn.index + range, count)));
    let sum = sum_of(lane, own);
    if (range == count) { goal = fraction * sum; }
    // Some drivers keep the value of the turn before where none is written out.
    var place = Place(0u, 0.0, 0.0, 0.0, false);
    //@if LANES
    //@unroll PART WORKGROUP
    look_at(&place, PART, subgroupBroadcast(own, PART), goal);
    //@end
    //@else
    for (var part = 0u; part < WORKGROUP; part++) { look_at(&place, part, lane_values[part], goal); }
    //@end
    drawn.index += place.part * span;
    goal -= place.before;
    drawn.fraction = clamp(goal / place.own, 0.0, 1.0);
    range = span;
    if (span == 1u) { break; }
  }
  return drawn;
}
