// attention-forward-ranges.wgsl: keys of a tile of packed tokens
//
// Each distinct prefix of the tokens `row` … `last` is one range of slots, and then their own keys are one: what lies between
// a shared prompt and a completion is never loaded. Tokens that share a prefix must be neighbours, but for tokens without a
// prefix.

struct Tile { row: u32, last: u32, is_own: bool, start: u32, end: u32, own_start: u32 }

fn open_tile(row: u32, last: u32, chunk: u32) -> Tile {
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

// First and end slot that this row sees of the tile's range.
fn visible(tile: Tile, row: u32) -> vec2u {
  let token = tokens[row];
  if (tile.is_own) { return vec2u(token.own_start, token.slot + 1u); }
  let same = token.prefix_start == tile.start && token.prefix_end == tile.end;
  return select(vec2u(), vec2u(tile.start, tile.end), same);
}
