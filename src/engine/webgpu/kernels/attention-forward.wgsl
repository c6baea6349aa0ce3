// attention-forward.wgsl: what both kernels of attention-forward-*.wgsl bind, and which keys a tile of queries walks over
//
// out[t, head] = Σ softmax(q·k/√head_dim)·v over the keys that token t sees, log_sum_exp[t, head] = log Σ exp(q·k/√head_dim)
//
// queries, out  [rows, heads·head_dim]; keys, values  [slots, kv_heads·head_dim]; log_sum_exp  [rows, heads]

struct Shape { heads: u32, kv_heads: u32, group: u32, scale: f32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> tokens: array<Token>;
@group(0) @binding(3) var<storage, read> queries: array<vec4f>;
@group(0) @binding(4) var<storage, read> keys: array<vec4f>;
@group(0) @binding(5) var<storage, read> values: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> log_sum_exp: array<f32>;

// Below every score.
const LOWEST = -1e30;

// A tile of the tokens `row` … `last`. Each distinct prefix of theirs is one range of slots to walk over, and then their own
// keys are one: what lies between a shared prompt and a completion is never loaded. Tokens that share a prefix must be
// neighbours, up to tokens without a prefix.
struct Tile { row: u32, last: u32, is_own: bool, start: u32, end: u32, own_start: u32 }

fn open_tile(row: u32, last: u32) -> Tile {
  return Tile(row, last, false, 0u, 0u, 0xffffffffu);
}

// Moves on to the next range of keys; false if there is none.
fn next_range(tile: ptr<function, Tile>) -> bool {
  if ((*tile).is_own) { return false; }
  let previous = vec2u((*tile).start, (*tile).end);
  while ((*tile).row <= (*tile).last) {
    let token = tokens[(*tile).row];
    (*tile).row++;
    (*tile).own_start = min((*tile).own_start, token.own_start);
    if (token.prefix_start < token.prefix_end && any(vec2u(token.prefix_start, token.prefix_end) != previous)) {
      (*tile).start = token.prefix_start;
      (*tile).end = token.prefix_end;
      return true;
    }
  }
  (*tile).is_own = true;
  (*tile).start = (*tile).own_start;
  (*tile).end = tokens[(*tile).last].slot + 1u;
  return true;
}

// First and end slot that this token sees of the tile's range.
fn visible(tile: Tile, token: Token) -> vec2u {
  if (tile.is_own) { return vec2u(token.own_start, token.slot + 1u); }
  let same = token.prefix_start == tile.start && token.prefix_end == tile.end;
  return select(vec2u(), vec2u(tile.start, tile.end), same);
}
