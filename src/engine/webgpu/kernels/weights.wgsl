// weights.wgsl: reads a weight matrix [rows, cols] of any format (../matrix.ts says how it lies; weights.ts has the constants)
//
// The kernel declares `struct Shape { weights: WeightShape, … }` and gives bindings WEIGHTS_AT, + 1, + 2 to the matrix.
//
// Along a row, 32 columns at a time (products over cols):
//   let block = weight_block(row, step);        columns 32·step … 32·step+31
//   weight_quad(block, J)                       columns 32·step + 4·J … + 3 before scaling
//   block.scale                                 factor of them all
// By 8 columns (OCTETS; products over rows, gathering, filling tiles):
//   weight_octet(row, o)                        columns 8·o … 8·o+7, scaled: two vec4f
//   weight_octet_by(row, o, scale, zero)        the same of integers, for a reader that shares scales between lanes
//
// Columns beyond cols are finite numbers of no meaning; the reader masks them. Rows are those of the segment.

// block_quads is always 8, but no constant, so that compilers keep the loops over a block, which are dear to unroll.
struct WeightShape { row_words: u32, row_scales: u32, scale_shift: u32, block_quads: u32 }

//@if QUANTISED
//@if HALF_SCALES
@group(0) @binding(WEIGHTS_AT + 1u) var<storage, read> weight_scales: array<u32>;
fn weight_scale(at: u32) -> f32 { return unpack2x16float(weight_scales[at >> 1u] >> ((at & 1u) * 16u)).x; }
//@else
@group(0) @binding(WEIGHTS_AT + 1u) var<storage, read> weight_scales: array<f32>;
fn weight_scale(at: u32) -> f32 { return weight_scales[at]; }
//@end
//@if ZEROS
@group(0) @binding(WEIGHTS_AT + 2u) var<storage, read> weight_zeros: array<u32>;
fn weight_zero(at: u32) -> f32 { return f32(extractBits(weight_zeros[at >> 2u], (at & 3u) * 8u, 8u)); }
//@else
fn weight_zero(at: u32) -> f32 { return select(128.0, 8.0, Q4); }
//@end
// Index of the scale of columns 8·octet …
fn weight_scale_at(row: u32, octet: u32) -> u32 {
  return row * shape.weights.row_scales + (octet >> shape.weights.scale_shift);
}
//@end

// The lowest four integers of a word.
fn weight_nibbles(word: u32) -> vec4f {
  return vec4f((vec4i(i32(word)) >> vec4u(0u, 4u, 8u, 12u)) & vec4i(15));
}
fn weight_bytes(word: u32) -> vec4f {
  return vec4f((vec4i(i32(word)) >> vec4u(0u, 8u, 16u, 24u)) & vec4i(255));
}
fn weight_halves(words: vec2u) -> vec4f {
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

//@if OCTETS
@group(0) @binding(WEIGHTS_AT) var<storage, read> weight_data: array<u32>;
//@if QUANTISED
fn weight_octet(row: u32, octet: u32) -> array<vec4f, 2> {
  let scale_at = weight_scale_at(row, octet);
  return weight_octet_by(row, octet, weight_scale(scale_at), weight_zero(scale_at));
}
fn weight_octet_by(row: u32, octet: u32, scale: f32, zero: f32) -> array<vec4f, 2> {
  //@if Q4
  let word = weight_data[row * shape.weights.row_words + octet];
  return array((weight_nibbles(word) - zero) * scale, (weight_nibbles(word >> 16u) - zero) * scale);
  //@else
  let at = row * shape.weights.row_words + octet * 2u;
  return array((weight_bytes(weight_data[at]) - zero) * scale, (weight_bytes(weight_data[at + 1u]) - zero) * scale);
  //@end
}
//@else
fn weight_octet(row: u32, octet: u32) -> array<vec4f, 2> {
  let start = row * shape.weights.row_words;
  //@if F16
  let at = start + octet * 4u;
  return array(
    weight_halves(vec2u(weight_data[at], weight_data[at + 1u])),
    weight_halves(vec2u(weight_data[at + 2u], weight_data[at + 3u])),
  );
  //@else
  let at = start + octet * 8u;
  return array(
    bitcast<vec4f>(vec4u(weight_data[at], weight_data[at + 1u], weight_data[at + 2u], weight_data[at + 3u])),
    bitcast<vec4f>(vec4u(weight_data[at + 4u], weight_data[at + 5u], weight_data[at + 6u], weight_data[at + 7u])),
  );
  //@end
}
//@end
//@else
//@if QUANTISED
@group(0) @binding(WEIGHTS_AT) var<storage, read> weight_data: array<vec4u>;
// Blocks of 16 have two scales in 32 columns: they are in `scales`, and `scale` is 1.
struct WeightBlock { words: vec4u, more: vec4u, scale: f32, scales: vec2f, zeros: vec2f }
fn weight_block(row: u32, step: u32) -> WeightBlock {
  var block: WeightBlock;
  //@if Q4
  block.words = weight_data[row * (shape.weights.row_words / 4u) + step];
  //@else
  let at = row * (shape.weights.row_words / 4u) + step * 2u;
  block.words = weight_data[at];
  block.more = weight_data[at + 1u];
  //@end
  let scale_at = weight_scale_at(row, step * 4u);
  //@if BLOCK16
  block.scale = 1.0;
  block.scales = vec2f(weight_scale(scale_at), weight_scale(scale_at + 1u));
  block.zeros = vec2f(weight_zero(scale_at), weight_zero(scale_at + 1u));
  //@else
  block.scale = weight_scale(scale_at);
  block.scales = vec2f(1.0);
  block.zeros = vec2f(weight_zero(scale_at));
  //@end
  return block;
}
fn weight_quad(block: WeightBlock, quad: u32) -> vec4f {
  //@if Q4
  let integers = weight_nibbles(block.words[quad / 2u] >> ((quad & 1u) * 16u));
  //@else
  let integers = weight_bytes(select(block.words, block.more, quad >= 4u)[quad & 3u]);
  //@end
  return (integers - block.zeros[quad / 4u]) * block.scales[quad / 4u];
}
//@else
// Floats are loaded when they are asked for.
struct WeightBlock { at: u32, scale: f32 }
fn weight_block(row: u32, step: u32) -> WeightBlock {
  //@if F16
  return WeightBlock(row * (shape.weights.row_words / 2u) + step * 8u, 1.0);
  //@else
  return WeightBlock(row * (shape.weights.row_words / 4u) + step * 8u, 1.0);
  //@end
}
//@if F16
@group(0) @binding(WEIGHTS_AT) var<storage, read> weight_data: array<vec2u>;
fn weight_quad(block: WeightBlock, quad: u32) -> vec4f { return weight_halves(weight_data[block.at + quad]); }
//@else
@group(0) @binding(WEIGHTS_AT) var<storage, read> weight_data: array<vec4f>;
fn weight_quad(block: WeightBlock, quad: u32) -> vec4f { return weight_data[block.at + quad]; }
//@end
//@end
//@end
