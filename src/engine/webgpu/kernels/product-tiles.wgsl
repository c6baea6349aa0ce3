// product-tiles.wgsl: products of 64 tokens with 64 rows of a weight matrix, for graphics cards
//
// 256 invocations; 32 columns of both operands at a time lie in workgroup memory (16 KB), weights as floats; each invocation
// keeps 4 tokens × 4 rows in registers. A kernel that includes this (and weights.wgsl, with OCTETS) declares x and Shape as
// for product-lanes.wgsl and calls `product` in uniform control flow.
//
// Constants: RAGGED

// [8 quads][64]; the slot of token or row i is i % 4 · 16 + i / 4, so that neighbours read neighbouring words.
var<workgroup> product_x: array<vec4f, 512>;
var<workgroup> product_w: array<vec4f, 512>;

fn product_operand(start: u32, quad: u32) -> vec4f {
  //@if RAGGED
  if (quad >= shape.width / 4u) { return vec4f(); }
  //@end
  return x[start + quad];
}

// Element t: Σ x[token + lane / 16 · 4 + t]·W[row + lane % 16 · 4 + i] for i = 0 … 3. Tokens end at batch.count − 1 and rows at
// `last_row`; what lies beyond repeats them.
fn product(token: u32, row: u32, last_row: u32, lane: u32) -> array<vec4f, 4> {
  var sums: array<vec4f, 4>;
  let filled = lane / 4u;
  let octet = lane % 4u;
  let slot = octet * 128u + filled % 4u * 16u + filled / 4u;
  let start = min(token + filled, batch.count - 1u) * (shape.width / 4u);
  let filled_row = min(row + filled, last_row);
  let steps = (shape.width + 31u) / 32u;
  for (var step = 0u; step < steps; step++) {
    let quad = step * 8u + octet * 2u;
    let w = weight_octet(filled_row, step * 4u + octet);
    workgroupBarrier();
    product_x[slot] = product_operand(start, quad);
    product_x[slot + 64u] = product_operand(start, quad + 1u);
    product_w[slot] = w[0];
    product_w[slot + 64u] = w[1];
    workgroupBarrier();
    for (var q = 0u; q < 8u; q++) {
      let at_x = q * 64u + lane / 16u;
      let at_w = q * 64u + lane % 16u;
      let w0 = product_w[at_w];
      let w1 = product_w[at_w + 16u];
      let w2 = product_w[at_w + 32u];
      let w3 = product_w[at_w + 48u];
      //@unroll T 4
      {
        let v = product_x[at_x + T * 16u];
        sums[T] += vec4f(dot(w0, v), dot(w1, v), dot(w2, v), dot(w3, v));
      }
      //@end
    }
  }
  return sums;
}
