// attention-decode-ranges.wgsl: keys of a tile of decoding rows, and of one chunk
//
// Key i of a row's prefix_start … prefix_end−1, own_start … slot belongs to chunk i/CHUNK, whatever else the batch holds. Each
// distinct prefix of the rows is one range, so that they share its keys; then each row's own keys are one.

struct Tile { first: u32, last: u32, chunk: u32, row: u32, is_own: bool, prefix: vec2u, start: u32, end: u32 }

fn open_tile(row: u32, last: u32, chunk: u32) -> Tile {
  return Tile(row, last, chunk, row, false, vec2u(), 0u, 0u);
}

// Whether a row of the tile before this one has the same prefix.
fn is_repeated(tile: Tile, row: u32, prefix: vec2u) -> bool {
  for (var other = row; other > tile.first; other--) {
    if (tokens[other - 1u].prefix_start == prefix.x && tokens[other - 1u].prefix_end == prefix.y) { return true; }
  }
  return false;
}

// Moves on to the next range of keys; false if there is none.
fn next_range(tile: ptr<function, Tile>) -> bool {
  let begin = (*tile).chunk * CHUNK;
  while (!(*tile).is_own && (*tile).row <= (*tile).last) {
    let token = tokens[(*tile).row];
    let prefix = vec2u(token.prefix_start, token.prefix_end);
    (*tile).row++;
    if (prefix.x + begin < prefix.y && !is_repeated(*tile, (*tile).row - 1u, prefix)) {
      (*tile).prefix = prefix;
      (*tile).start = prefix.x + begin;
      (*tile).end = min((*tile).start + CHUNK, prefix.y);
      return true;
    }
  }
  if (!(*tile).is_own) {
    (*tile).is_own = true;
    (*tile).row = (*tile).first;
  }
  while ((*tile).row <= (*tile).last) {
    let token = tokens[(*tile).row];
    let prefix = token.prefix_end - token.prefix_start;
    (*tile).row++;
    (*tile).start = token.own_start + max(begin, prefix) - prefix;
    (*tile).end = min(token.own_start + max(begin + CHUNK, prefix) - prefix, token.slot + 1u);
    if ((*tile).start < (*tile).end) { return true; }
  }
  return false;
}

// First and end slot that this row sees of the tile's range.
fn visible(tile: Tile, row: u32) -> vec2u {
  let prefix = vec2u(tokens[row].prefix_start, tokens[row].prefix_end);
  let sees = select(all(prefix == tile.prefix), row + 1u == tile.row, tile.is_own);
  return select(vec2u(), vec2u(tile.start, tile.end), sees);
}
