// decode-state-advance.wgsl: keeps what was drawn, ends completions, and closes the batch up
//
// settings  request
// draws     [decoding rows], what was drawn from each
// rows      [cache rows]
// outputs   [cache rows, BUDGET], all that was drawn
// tokens    [decoding rows], in: `row` says which completion is decoded there; out: the next pass's tokens
// live      the batch of the decoding pass; binding 0 is another one, because no buffer is both uniform and written
//
// One workgroup. Completions that go on move up in stable order; a bit mask of them gives each its place.

struct Shape { budget: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> settings: Settings;
@group(0) @binding(3) var<storage, read> draws: array<Draw>;
@group(0) @binding(4) var<storage, read_write> rows: array<Row>;
@group(0) @binding(5) var<storage, read_write> outputs: array<Draw>;
@group(0) @binding(6) var<storage, read_write> tokens: array<Token>;
@group(0) @binding(7) var<storage, read_write> live: Batch;

var<workgroup> going: array<atomic<u32>, WORKGROUP / 32u>;

fn is_stop(token: u32) -> bool {
  for (var i = 0u; i < settings.stop_count; i++) {
    if (settings.stops[i] == token) { return true; }
  }
  return false;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  var next: Token;
  var goes_on = false;
  if (lane < live.count) {
    let at = tokens[lane].row;
    let row = rows[at];
    let draw = draws[lane];
    outputs[at * shape.budget + row.drawn] = draw;
    var finished = GOING;
    if (row.drawn + 1u >= settings.max_new_tokens) { finished = OUT_OF_BUDGET; }
    if (is_stop(draw.token)) { finished = STOPPED; }
    rows[at].drawn = row.drawn + 1u;
    rows[at].finished = finished;
    goes_on = finished == GOING;
    let slot = row.own_start + row.drawn;
    next = Token(
      draw.token, row.first_position + row.drawn, slot, slot + 1u, row.prefix_start, row.prefix_end, row.own_start, at,
    );
  }
  if (goes_on) { atomicOr(&going[lane / 32u], 1u << (lane & 31u)); }
  // Also: every lane has read the batch and its token before another lane overwrites them.
  workgroupBarrier();
  storageBarrier();
  var place = countOneBits(atomicLoad(&going[lane / 32u]) & ((1u << (lane & 31u)) - 1u));
  for (var word = 0u; word < lane / 32u; word++) { place += countOneBits(atomicLoad(&going[word])); }
  if (goes_on) { tokens[place] = next; }
  if (lane == WORKGROUP - 1u) { live.count = place + u32(goes_on); }
}
