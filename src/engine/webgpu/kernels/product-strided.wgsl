// product-strided.wgsl: products of up to TOKENS tokens with rows of a weight matrix, for graphics cards
//
// Reading the weights is what it costs, so neighbours read neighbouring blocks of 32 columns: of a workgroup's 64 invocations,
// SPLITS share the same four rows and take every SPLITS-th block. Their partial sums meet in workgroup memory.
// A kernel that includes this (and weights.wgsl, without OCTETS) declares x and Shape as for product-lanes.wgsl; if NORMED also
// the norm's weights, the first `width` floats of `vectors` [array<vec4f>], and `epsilon` in Shape.
//
// Constants: SPLITS (≥ TOKENS), TOKENS, RAGGED, NORMED: x is RMSNormed on the way. Its sum of squares costs next to nothing where
// reading the weights is the cost, and a launch is saved

var<workgroup> product_parts: array<vec4f, 64u * TOKENS>;
//@if NORMED
var<workgroup> product_squares: array<f32, 64u * TOKENS>;
//@end

// For the calling invocation's token, token + lane % SPLITS (meaningless unless lane % SPLITS < TOKENS):
// Σ x[that token]·W[rows[i]] for i = 0 … 3. `rows` is the same for each SPLITS neighbours.
fn product(token: u32, rows: vec4u, lane: u32) -> vec4f {
  var sums: array<vec4f, TOKENS>;
  //@if NORMED
  var squares: array<f32, TOKENS>;
  //@end
  let width = shape.width / 4u;
  let steps = (width + 7u) / 8u;
  for (var step = lane % SPLITS; step < steps; step += SPLITS) {
    let block0 = weight_block(rows.x, step);
    let block1 = weight_block(rows.y, step);
    let block2 = weight_block(rows.z, step);
    let block3 = weight_block(rows.w, step);
    var parts = array<vec4f, TOKENS>(); // without the value some drivers keep the last step's
    for (var q = 0u; q < 8u; q++) {
      //@if RAGGED
      if (step * 8u + q >= width) { break; }
      //@end
      let w0 = weight_quad(block0, q);
      let w1 = weight_quad(block1, q);
      let w2 = weight_quad(block2, q);
      let w3 = weight_quad(block3, q);
      for (var t = 0u; t < TOKENS; t++) {
        //@if NORMED
        let read = x[min(token + t, batch.count - 1u) * width + step * 8u + q];
        squares[t] += dot(read, read);
        let v = read * vectors[step * 8u + q];
        //@else
        let v = x[min(token + t, batch.count - 1u) * width + step * 8u + q];
        //@end
        parts[t] += vec4f(dot(w0, v), dot(w1, v), dot(w2, v), dot(w3, v));
      }
    }
    let scales = vec4f(block0.scale, block1.scale, block2.scale, block3.scale);
    for (var t = 0u; t < TOKENS; t++) { sums[t] += parts[t] * scales; }
  }
  for (var t = 0u; t < TOKENS; t++) { product_parts[t * 64u + lane] = sums[t]; }
  //@if NORMED
  for (var t = 0u; t < TOKENS; t++) { product_squares[t * 64u + lane] = squares[t]; }
  //@end
  workgroupBarrier();
  var sum = vec4f();
  let first = (lane % SPLITS % TOKENS) * 64u + lane / SPLITS * SPLITS;
  for (var i = 0u; i < SPLITS; i++) { sum += product_parts[first + i]; }
  //@if NORMED
  var square = 0.0;
  for (var i = 0u; i < SPLITS; i++) { square += product_squares[first + i]; }
  sum *= inverseSqrt(square / f32(shape.width) + shape.epsilon);
  //@end
  return sum;
}
