// product-lanes.wgsl: products of a few tokens with rows of a weight matrix, operands shared by a subgroup
//
// For CPU adapters, where a load costs as much as 20 multiply-adds: each lane loads another quad of x and hands it round.
// A workgroup is one subgroup of LANES (4 or 8); each lane has four rows of its own and all have the same TOKENS tokens.
// A kernel that includes this (and weights.wgsl, without OCTETS) declares
//   x      storage [rows, width] f32, as array<vec4f>
//   Shape  weights: WeightShape first, width: u32
// and calls `product` in uniform control flow. The order of every sum depends on the width alone, so that a token's result
// has the same bits in any tile.
//
// Constants: LANES, TOKENS, GROUP: quads of x that a turn of the inner loop takes (small ones compile faster),
// RAGGED (width is no multiple of GROUP quads), TOGETHER = LANES / GROUP: tokens whose quads the lanes load at once,
// WHOLE (GROUP is 8: one turn) and LOADS = TOKENS / TOGETHER rounded up

fn product_operand(start: u32, quad: u32) -> vec4f {
  //@if RAGGED
  if (quad >= shape.width / 4u) { return vec4f(); }
  //@end
  return x[start + quad];
}

// Element t: Σ x[min(token + t, batch.count − 1)]·W[rows[i]] for i = 0 … 3.
fn product(token: u32, rows: vec4u, lane: u32) -> array<vec4f, TOKENS> {
  var sums = array<vec4f, TOKENS>();
  var starts = array<u32, LOADS>();
  //@unroll O LOADS
  starts[O] = min(token + O * TOGETHER + lane / GROUP, batch.count - 1u) * (shape.width / 4u);
  //@end
  let steps = (shape.width + 31u) / 32u;
  for (var step = 0u; step < steps; step++) {
    let block0 = weight_block(rows.x, step);
    let block1 = weight_block(rows.y, step);
    let block2 = weight_block(rows.z, step);
    let block3 = weight_block(rows.w, step);
    var parts = array<vec4f, TOKENS>(); // without the value some drivers keep the last step's
    //@if WHOLE
    const quad = 0u;
    {
    //@else
    let quads = min(shape.weights.block_quads, shape.width / 4u - step * 8u);
    for (var quad = 0u; quad < quads; quad += GROUP) {
    //@end
      var own = array<vec4f, LOADS>();
      //@unroll O LOADS
      own[O] = product_operand(starts[O], step * 8u + quad + lane % GROUP);
      //@end
      //@unroll G GROUP
      {
        let w0 = weight_quad(block0, quad + G);
        let w1 = weight_quad(block1, quad + G);
        let w2 = weight_quad(block2, quad + G);
        let w3 = weight_quad(block3, quad + G);
        //@unroll T TOKENS
        {
          let v = subgroupBroadcast(own[T / TOGETHER], T % TOGETHER * GROUP + G);
          parts[T] += vec4f(dot(w0, v), dot(w1, v), dot(w2, v), dot(w3, v));
        }
        //@end
      }
      //@end
    }
    let scales = vec4f(block0.scale, block1.scale, block2.scale, block3.scale);
    //@unroll T TOKENS
    sums[T] += parts[T] * scales;
    //@end
  }
  return sums;
}
