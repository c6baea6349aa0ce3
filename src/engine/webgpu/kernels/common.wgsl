// common.wgsl: what every kernel has
//
// batch.count rows (tokens or decoding rows) are live; a kernel leaves rows beyond it alone. The buffers are larger.
// Binding 1 is the kernel's own `shape`; storage buffers follow from binding 2 on.

struct Batch {
  count: u32,
  // Cache slot of row 0 where rows are consecutive tokens.
  slot_base: u32,
  spare0: u32,
  spare1: u32,
}
@group(0) @binding(0) var<uniform> batch: Batch;

// One token of a pass: what it is, where its key and value lie, and which keys it sees. Slots index keys and values.
// It sees slots prefix_start … prefix_end−1 (a shared prompt; none if equal) and own_start … slot.
struct Token {
  id: u32,
  position: u32,
  slot: u32,
  // The queries that see this token's key are the slots from its own to query_end−1, without a gap.
  query_end: u32,
  prefix_start: u32,
  prefix_end: u32,
  own_start: u32,
  // Which sequence or decoding row the token belongs to.
  row: u32,
}
