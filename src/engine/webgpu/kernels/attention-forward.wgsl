// attention-forward.wgsl: what the kernels of attention bind
//
// out[t, head] = Σ softmax(q·k/√head_dim)·v over the keys that token t sees, log_sum_exp[t, head] = log Σ exp(q·k/√head_dim)
//
// queries  [rows, heads·head_dim]; keys, values  [slots, kv_heads·head_dim]
// out  [rows, heads, chunks, head_dim]; log_sum_exp  [rows, heads, chunks]
//
// A tile is some consecutive queries of one KV head, counted as (token, head of the group) pairs, and walks over ranges of
// keys. Which ranges, and whether a row's keys are cut into chunks, say attention-forward-ranges.wgsl for packed tokens (one
// chunk) and attention-decode-ranges.wgsl for rows of their own; how a tile is computed, -lanes.wgsl and -workgroup.wgsl. A
// query takes its keys one after the other, so its bits do not depend on the tile it is in.

struct Shape { heads: u32, kv_heads: u32, group: u32, chunks: u32, scale: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> queries: array<vec4f>;
@group(0) @binding(4) var<storage, read> keys: array<vec4f>;
@group(0) @binding(5) var<storage, read> values: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> log_sum_exp: array<f32>;

// Below every score.
const LOWEST = -1e30;

// Which of [rows, heads] query `index` of this KV head is.
fn head_of(index: u32, kv_head: u32) -> u32 {
  return index / shape.group * shape.heads + kv_head * shape.group + index % shape.group;
}
