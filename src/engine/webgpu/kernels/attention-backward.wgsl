// attention-backward.wgsl: gradients of attention, as far as the kernels of both families and both sides share it
//
//   s = q·k/√hd,  p = exp(s − lse);   ∂v += p·∂o,   ∂s = p·(∂o·v − δ),   ∂q += ∂s·k/√hd,   ∂k += ∂s·q/√hd
//
// Either side owns its gradients, so nothing is added atomically: an owner (a query of a head, or with OWNS_KEYS a key of a KV
// head) sums over the other side's rows that it meets, in ascending order. Queries are counted per KV head, a token's heads
// next to each other (item = token·(heads/kv_heads) + head), so that heads which share keys share their loads.
//
// tokens                   [rows]; row = slot
// queries, d_out           [rows, heads·hd] f32
// keys, values             [rows, kv_heads·hd] f32
// stats                    [rows, heads] of (lse, δ = ∂o·o)
// d_queries or d_keys, d_values as queries, keys, values

const NONE = 0xffffffffu;

struct Shape { heads: u32, kv_heads: u32, scale: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> queries: array<vec4f>;
@group(0) @binding(4) var<storage, read> keys: array<vec4f>;
@group(0) @binding(5) var<storage, read> values: array<vec4f>;
@group(0) @binding(6) var<storage, read> d_out: array<vec4f>;
@group(0) @binding(7) var<storage, read> stats: array<vec2f>;
//@if OWNS_KEYS
@group(0) @binding(8) var<storage, read_write> d_keys: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> d_values: array<vec4f>;
//@else
@group(0) @binding(8) var<storage, read_write> d_queries: array<vec4f>;
//@end

// What an owner meets on the other side: two ranges of ascending indices, either may be empty.
struct Range { prefix_start: u32, prefix_end: u32, own_start: u32, own_end: u32 }
const NOTHING = Range(NONE, 0u, NONE, 0u);

fn heads_per_key() -> u32 { return shape.heads / shape.kv_heads; }

fn query_row(item: u32, kv_head: u32) -> u32 {
  return item / heads_per_key() * shape.heads + kv_head * heads_per_key() + item % heads_per_key();
}

fn key_row(key: u32, kv_head: u32) -> u32 { return key * shape.kv_heads + kv_head; }

// Rows by their index in head rows; a, b: query and ∂out, or key and value. The owner's factor of the score is scaled.
//@if OWNS_KEYS
fn owner_count() -> u32 { return batch.count; }
fn other_count() -> u32 { return batch.count * heads_per_key(); }
fn owner_row(key: u32, kv_head: u32) -> u32 { return key_row(key, kv_head); }
fn other_row(item: u32, kv_head: u32) -> u32 { return query_row(item, kv_head); }
fn owner_a(at: u32) -> vec4f { return keys[at] * shape.scale; }
fn owner_b(at: u32) -> vec4f { return values[at]; }
fn other_a(at: u32) -> vec4f { return queries[at]; }
fn other_b(at: u32) -> vec4f { return d_out[at]; }
fn store_a(at: u32, gradient: vec4f) { d_keys[at] = gradient * shape.scale; }
fn store_b(at: u32, gradient: vec4f) { d_values[at] = gradient; }
fn range_of(key: u32) -> Range {
  return Range(NONE, 0u, key * heads_per_key(), tokens[key].query_end * heads_per_key());
}
//@else
fn owner_count() -> u32 { return batch.count * heads_per_key(); }
fn other_count() -> u32 { return batch.count; }
fn owner_row(item: u32, kv_head: u32) -> u32 { return query_row(item, kv_head); }
fn other_row(key: u32, kv_head: u32) -> u32 { return key_row(key, kv_head); }
fn owner_a(at: u32) -> vec4f { return queries[at] * shape.scale; }
fn owner_b(at: u32) -> vec4f { return d_out[at]; }
fn other_a(at: u32) -> vec4f { return keys[at]; }
fn other_b(at: u32) -> vec4f { return values[at]; }
fn store_a(at: u32, gradient: vec4f) { d_queries[at] = gradient * shape.scale; }
fn range_of(item: u32) -> Range {
  let slot = item / heads_per_key();
  return Range(tokens[slot].prefix_start, tokens[slot].prefix_end, tokens[slot].own_start, slot + 1u);
}
//@end

fn meets(range: Range, other: u32) -> bool {
  return (other >= range.prefix_start && other < range.prefix_end) || (other >= range.own_start && other < range.own_end);
}

// The first index from `start` on that is met, or NONE.
fn next_met(range: Range, start: u32) -> u32 {
  let prefix = max(start, range.prefix_start);
  let own = max(start, range.own_start);
  return min(select(NONE, prefix, prefix < range.prefix_end), select(NONE, own, own < range.own_end));
}
