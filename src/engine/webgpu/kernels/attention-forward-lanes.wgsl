// attention-forward-lanes.wgsl: causal attention of packed tokens, softmax on line, keys and values shared by the subgroup
//
// One workgroup is one subgroup and takes QUERIES·LANES queries of one KV head: consecutive (token, head of the group) pairs,
// QUERIES a lane. Of KEYS keys each lane loads LOADS vec4 and hands them round. A query takes its keys one after the other,
// so its bits do not depend on where it lies in a tile.

@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let live = batch.count * shape.group;
  let first = place.x * QUERIES * LANES;
  if (first >= live) { return; }
  let kv_head = place.y;

  var row: array<u32, QUERIES>;
  var head: array<u32, QUERIES>;
  var q: array<vec4f, QUERIES * WIDTH>;
  var sum: array<vec4f, QUERIES * WIDTH>;
  var top: array<f32, QUERIES>;
  var total: array<f32, QUERIES>;
  var span: array<vec2u, QUERIES>;
  var p: array<f32, QUERIES>;
  //@unroll Q QUERIES
  {
    let index = min(first + lane + Q * LANES, live - 1u);
    row[Q] = index / shape.group;
    head[Q] = row[Q] * shape.heads + kv_head * shape.group + index % shape.group;
    top[Q] = LOWEST;
    //@unroll I WIDTH
    q[Q * WIDTH + I] = queries[head[Q] * WIDTH + I] * shape.scale;
    //@end
  }
  //@end

  var k: array<vec4f, LOADS>;
  var v: array<vec4f, LOADS>;
  var tile = open_tile(first / shape.group, (min(first + QUERIES * LANES, live) - 1u) / shape.group);
  while (next_range(&tile)) {
    //@unroll Q QUERIES
    span[Q] = visible(tile, tokens[row[Q]]);
    //@end
    for (var key = tile.start; key < tile.end; key += KEYS) {
      //@unroll L LOADS
      {
        let at = lane + L * LANES;
        let base = (min(key + at / WIDTH, tile.end - 1u) * shape.kv_heads + kv_head) * WIDTH + at % WIDTH;
        k[L] = keys[base];
        v[L] = values[base];
      }
      //@end
      //@unroll KEY KEYS
      {
        var product = array<vec4f, QUERIES>();
        //@unroll I WIDTH
        {
          let shared_k = subgroupBroadcast(k[(KEY * WIDTH + I) / LANES], (KEY * WIDTH + I) % LANES);
          //@unroll Q QUERIES
          product[Q] += q[Q * WIDTH + I] * shared_k;
          //@end
        }
        //@end
        //@unroll Q QUERIES
        {
          let seen = key + KEY >= span[Q].x && key + KEY < span[Q].y;
          let score = select(LOWEST, (product[Q].x + product[Q].y) + (product[Q].z + product[Q].w), seen);
          {
            let shrink = select(1.0, exp(top[Q] - score), score > top[Q]);
            top[Q] = max(top[Q], score);
            total[Q] *= shrink;
            //@unroll I WIDTH
            sum[Q * WIDTH + I] *= shrink;
            //@end
          }
          p[Q] = select(0.0, exp(score - top[Q]), seen);
          total[Q] += p[Q];
        }
        //@end
        //@unroll I WIDTH
        {
          let shared_v = subgroupBroadcast(v[(KEY * WIDTH + I) / LANES], (KEY * WIDTH + I) % LANES);
          //@unroll Q QUERIES
          sum[Q * WIDTH + I] += p[Q] * shared_v;
          //@end
        }
        //@end
      }
      //@end
    }
  }

  //@unroll Q QUERIES
  if (first + lane + Q * LANES < live) {
    //@unroll I WIDTH
    out[head[Q] * WIDTH + I] = sum[Q * WIDTH + I] / total[Q];
    //@end
    log_sum_exp[head[Q]] = top[Q] + log(total[Q]);
  }
  //@end
}
