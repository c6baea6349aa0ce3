// attention-forward-lanes.wgsl: a tile of attention, softmax on line, keys and values shared by the subgroup
//
// One workgroup is one subgroup and takes a tile of QUERIES·LANES queries, QUERIES a lane. Of KEYS keys each lane loads LOADS
// vec4 and hands them round. Queries and outputs pass the same way, because every load that is written out costs the compilers
// of CPU adapters dear.

@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let live = batch.count * shape.group;
  let first = place.x * QUERIES * LANES;
  if (first >= live) { return; }
  let kv_head = place.y;
  var tile = open_tile(first / shape.group, (min(first + QUERIES * LANES, live) - 1u) / shape.group, place.z);
  if (!next_range(&tile)) { return; }

  var q: array<vec4f, QUERIES * WIDTH>;
  var sum: array<vec4f, QUERIES * WIDTH>;
  var top: array<f32, QUERIES>;
  var total: array<f32, QUERIES>;
  var span: array<vec2u, QUERIES>;
  var p: array<f32, QUERIES>;
  //@unroll Q QUERIES
  top[Q] = LOWEST;
  for (var other = 0u; other < LANES; other++) {
    let base = head_of(min(first + other + Q * LANES, live - 1u), kv_head) * WIDTH;
    //@unroll L ROW_LOADS
    {
      let piece = queries[base + min(lane + L * LANES, WIDTH - 1u)] * shape.scale;
      //@unroll I LANES
      {
        let shared_q = subgroupBroadcast(piece, I);
        if (L * LANES + I < WIDTH && lane == other) { q[Q * WIDTH + min(L * LANES + I, WIDTH - 1u)] = shared_q; }
      }
      //@end
    }
    //@end
  }
  //@end

  var k: array<vec4f, LOADS>;
  var v: array<vec4f, LOADS>;
  loop {
    //@unroll Q QUERIES
    span[Q] = visible(tile, min(first + lane + Q * LANES, live - 1u) / shape.group);
    //@end
    for (var key = tile.start; key < tile.end; key += KEYS) {
      //@unroll L LOADS
      {
        let at = min(lane + L * LANES, KEYS * WIDTH - 1u);
        let base = (min(key + at / WIDTH, tile.end - 1u) * shape.kv_heads + kv_head) * WIDTH + at % WIDTH;
        k[L] = keys[base];
        v[L] = values[base];
      }
      //@end
      //@unroll KEY KEYS
      {
        // The initial value matters: Dawn does not zero a variable of a loop's body anew each time.
        var product = array<vec4f, QUERIES>();
        //@unroll I WIDTH
        {
          let shared_k = subgroupBroadcast(k[(KEY * WIDTH + I) / LANES], (KEY * WIDTH + I) % LANES);
          //@unroll Q QUERIES
          product[Q] += q[Q * WIDTH + I] * shared_k;
          //@end
        }
        //@end
        var shrink: array<f32, QUERIES>;
        //@unroll Q QUERIES
        {
          let seen = key + KEY >= span[Q].x && key + KEY < span[Q].y;
          let score = select(LOWEST, (product[Q].x + product[Q].y) + (product[Q].z + product[Q].w), seen);
          let next = max(top[Q], score);
          shrink[Q] = exp(top[Q] - next);
          p[Q] = select(0.0, exp(score - next), seen);
          total[Q] = total[Q] * shrink[Q] + p[Q];
          top[Q] = next;
        }
        //@end
        //@unroll I WIDTH
        {
          let shared_v = subgroupBroadcast(v[(KEY * WIDTH + I) / LANES], (KEY * WIDTH + I) % LANES);
          //@unroll Q QUERIES
          sum[Q * WIDTH + I] = sum[Q * WIDTH + I] * shrink[Q] + p[Q] * shared_v;
          //@end
        }
        //@end
      }
      //@end
    }
    if (!next_range(&tile)) { break; }
  }

  //@unroll Q QUERIES
  for (var other = 0u; other < LANES; other++) {
    let index = first + other + Q * LANES;
    let share = subgroupShuffle(1.0 / total[Q], other);
    //@unroll L ROW_LOADS
    {
      var piece = vec4f();
      //@unroll I LANES
      {
        let shared_sum = subgroupShuffle(sum[Q * WIDTH + min(L * LANES + I, WIDTH - 1u)], other);
        if (lane == I) { piece = shared_sum; }
      }
      //@end
      if (index < live && lane + L * LANES < WIDTH) {
        out[(head_of(index, kv_head) * shape.chunks + place.z) * WIDTH + lane + L * LANES] = piece * share;
      }
    }
    //@end
  }
  if (first + lane + Q * LANES < live) {
    log_sum_exp[head_of(first + lane + Q * LANES, kv_head) * shape.chunks + place.z] = top[Q] + log(total[Q]);
  }
  //@end
}
