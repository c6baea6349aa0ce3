// attention-decode-lanes.wgsl: one chunk of one row's attention by one subgroup
//
// Lane l keeps dimensions l, l + LANES, … of the queries and of the outputs of GROUP heads, which share each key and value.

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let row = place.x;
  if (row >= batch.count) { return; }
  let chunk = place.y;
  let token = tokens[row];
  let count = key_count(token);
  if (chunk * CHUNK >= count) { return; }
  let head = place.z * GROUP;
  let kv_head = head / (shape.heads / shape.kv_heads);

  var q: array<f32, GROUP * PARTS>;
  var sum: array<f32, GROUP * PARTS>;
  var top: array<f32, GROUP>;
  var total: array<f32, GROUP>;
  //@unroll G GROUP
  top[G] = LOWEST;
  //@unroll I PARTS
  q[G * PARTS + I] = queries[(row * shape.heads + head + G) * HEAD_DIM + I * LANES + lane] * shape.scale;
  //@end
  //@end

  for (var i = chunk * CHUNK; i < min((chunk + 1u) * CHUNK, count); i++) {
    let base = (key_slot(token, i) * shape.kv_heads + kv_head) * HEAD_DIM + lane;
    var k: array<f32, PARTS>;
    var v: array<f32, PARTS>;
    //@unroll I PARTS
    k[I] = keys[base + I * LANES];
    v[I] = values[base + I * LANES];
    //@end
    //@unroll G GROUP
    {
      var product = 0.0;
      //@unroll I PARTS
      product += q[G * PARTS + I] * k[I];
      //@end
      let score = subgroupAdd(product);
      let next = max(top[G], score);
      let shrink = exp(top[G] - next);
      let p = exp(score - next);
      top[G] = next;
      total[G] = total[G] * shrink + p;
      //@unroll I PARTS
      sum[G * PARTS + I] = sum[G * PARTS + I] * shrink + p * v[I];
      //@end
    }
    //@end
  }

  //@unroll G GROUP
  {
    let to = (row * shape.heads + head + G) * shape.chunks + chunk;
    if (lane == 0u) { totals[to] = vec2f(top[G], total[G]); }
    //@unroll I PARTS
    sums[to * HEAD_DIM + I * LANES + lane] = sum[G * PARTS + I];
    //@end
  }
  //@end
}
