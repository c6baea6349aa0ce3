// attention-backward-tiles.wgsl: attention-backward.wgsl with tiles in workgroup memory, for graphics cards
//
// A workgroup owns 16 rows, four invocations each: an invocation keeps every fourth vec4 of its row and of its gradient in
// registers. OTHERS rows of the other side at a time lie in workgroup memory; the four partial products of a pair are added
// through it. 12 KB at a head of 128.

const PARTS = 4u;
const TILE = WORKGROUP / PARTS;
const WIDTH = OWN * PARTS;

var<workgroup> c: array<vec4f, OTHERS * WIDTH>;
var<workgroup> d: array<vec4f, OTHERS * WIDTH>;
var<workgroup> partial: array<array<vec2f, WORKGROUP>, OTHERS>;
//@if OWNS_KEYS
var<workgroup> other_stats: array<vec2f, OTHERS>;
//@end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * TILE;
  if (first >= owner_count()) { return; }
  let kv_head = group.y;
  let last_other = other_count() - 1u;
  let part = thread % PARTS;
  let live = first + thread / PARTS < owner_count();
  let owner = min(first + thread / PARTS, owner_count() - 1u);
  let row = owner_row(owner, kv_head);
  let range = range_of(owner);

  // What any row of the tile meets.
  var tile = NOTHING;
  for (var i = first; i < min(first + TILE, owner_count()); i++) {
    let met = range_of(i);
    if (met.prefix_start < met.prefix_end) {
      tile.prefix_start = min(tile.prefix_start, met.prefix_start);
      tile.prefix_end = max(tile.prefix_end, met.prefix_end);
    }
    tile.own_start = min(tile.own_start, met.own_start);
    tile.own_end = max(tile.own_end, met.own_end);
  }

  var a: array<vec4f, OWN>;
  var b: array<vec4f, OWN>;
  var d_a: array<vec4f, OWN>;
  //@if OWNS_KEYS
  var d_b: array<vec4f, OWN>;
  //@else
  let own_stats = stats[row];
  //@end
  //@unroll D OWN
  a[D] = owner_a(row * WIDTH + D * PARTS + part);
  b[D] = owner_b(row * WIDTH + D * PARTS + part);
  //@end

  for (var at = next_met(tile, 0u); at != NONE; at = next_met(tile, at + OTHERS)) {
    // Not a constant: lavapipe would unroll the loops and take twice as long to compile.
    let others = min(OTHERS, last_other + 1u - at);
    workgroupBarrier();
    for (var i = thread; i < others * WIDTH; i += WORKGROUP) {
      let source = other_row(at + i / WIDTH, kv_head) * WIDTH + i % WIDTH;
      c[i] = other_a(source);
      d[i] = other_b(source);
    }
    //@if OWNS_KEYS
    if (thread < others) { other_stats[thread] = stats[other_row(at + thread, kv_head)]; }
    //@end
    workgroupBarrier();
    for (var k = 0u; k < others; k++) {
      var s = 0.0;
      var d_p = 0.0;
      //@unroll D OWN
      s += dot(a[D], c[k * WIDTH + D * PARTS + part]);
      d_p += dot(b[D], d[k * WIDTH + D * PARTS + part]);
      //@end
      partial[k][thread] = vec2f(s, d_p);
    }
    workgroupBarrier();
    for (var k = 0u; k < others; k++) {
      let row_start = thread - part;
      let sum = (partial[k][row_start] + partial[k][row_start + 1u]) + (partial[k][row_start + 2u] + partial[k][row_start + 3u]);
      //@if OWNS_KEYS
      let stat = other_stats[k];
      //@else
      let stat = own_stats;
      //@end
      let p = select(0.0, exp(sum.x - stat.x), meets(range, at + k));
      let d_s = p * (sum.y - stat.y);
      //@unroll D OWN
      d_a[D] += d_s * c[k * WIDTH + D * PARTS + part];
      //@if OWNS_KEYS
      d_b[D] += p * d[k * WIDTH + D * PARTS + part];
      //@end
      //@end
    }
  }

  if (live) {
    //@unroll D OWN
    store_a(row * WIDTH + D * PARTS + part, d_a[D]);
    //@if OWNS_KEYS
    store_b(row * WIDTH + D * PARTS + part, d_b[D]);
    //@end
    //@end
  }
}
