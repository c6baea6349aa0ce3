// attention-decode.wgsl: what both kernels of attention-decode-*.wgsl bind
//
// Each row has one query and its own keys: prefix_start … prefix_end−1, then own_start … slot. Key i of that sequence belongs to
// chunk i/CHUNK, whatever else the batch holds. A workgroup takes one chunk of one row for GROUP query heads of a KV head and
// leaves Σ exp(score − top)·v in `sums` and (top, Σ exp(score − top)) in `totals`; attention-decode-reduce.wgsl joins them.
//
// queries  [rows, heads·head_dim]; keys, values  [slots, kv_heads·head_dim]
// sums     [rows, heads, chunks, head_dim]; totals  [rows, heads, chunks]

struct Shape { heads: u32, kv_heads: u32, chunks: u32, scale: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> queries: array<f32>;
@group(0) @binding(4) var<storage, read> keys: array<f32>;
@group(0) @binding(5) var<storage, read> values: array<f32>;
@group(0) @binding(6) var<storage, read_write> sums: array<f32>;
@group(0) @binding(7) var<storage, read_write> totals: array<vec2f>;

// Below every score.
const LOWEST = -1e30;

// Slot of a token's key i.
fn key_slot(token: Token, i: u32) -> u32 {
  let prefix = token.prefix_end - token.prefix_start;
  return select(token.own_start + i - prefix, token.prefix_start + i, i < prefix);
}
