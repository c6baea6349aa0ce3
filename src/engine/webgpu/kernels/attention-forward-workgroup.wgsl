// attention-forward-workgroup.wgsl: causal attention of packed tokens for graphics cards, KEYS keys at a time in workgroup
// memory
//
// WORKGROUP/PARTS queries of one KV head a workgroup: consecutive (token, head of the group) pairs. PARTS invocations share a
// query; each keeps every PARTS-th vec4 of it and of its output. A query takes its keys one after the other.

const TILE = WORKGROUP / PARTS;

var<workgroup> k: array<vec4f, KEYS * WIDTH>;
var<workgroup> v: array<vec4f, KEYS * WIDTH>;
var<workgroup> products: array<f32, KEYS * WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) id: u32) {
  let live = batch.count * shape.group;
  let first = place.x * TILE;
  if (first >= live) { return; }
  let kv_head = place.y;
  let part = id % PARTS;
  let index = min(first + id / PARTS, live - 1u);
  let row = index / shape.group;
  let head = row * shape.heads + kv_head * shape.group + index % shape.group;
  let at = head * WIDTH + part;

  var q: array<vec4f, SHARE>;
  var sum: array<vec4f, SHARE>;
  var top = LOWEST;
  var total = 0.0;
  //@unroll I SHARE
  q[I] = queries[at + I * PARTS] * shape.scale;
  //@end

  var tile = open_tile(first / shape.group, (min(first + TILE, live) - 1u) / shape.group);
  while (next_range(&tile)) {
    let span = visible(tile, tokens[row]);
    for (var key = tile.start; key < tile.end; key += KEYS) {
      workgroupBarrier();
      for (var i = id; i < KEYS * WIDTH; i += WORKGROUP) {
        let base = (min(key + i / WIDTH, tile.end - 1u) * shape.kv_heads + kv_head) * WIDTH + i % WIDTH;
        k[i] = keys[base];
        v[i] = values[base];
      }
      workgroupBarrier();
      for (var j = 0u; j < KEYS; j++) {
        var product = vec4f();
        //@unroll I SHARE
        product += q[I] * k[j * WIDTH + I * PARTS + part];
        //@end
        products[j * WORKGROUP + id] = (product.x + product.y) + (product.z + product.w);
      }
      workgroupBarrier();
      for (var j = 0u; j < KEYS; j++) {
        if (key + j < span.x || key + j >= span.y) { continue; }
        var score = 0.0;
        for (var other = 0u; other < PARTS; other++) { score += products[j * WORKGROUP + id - part + other]; }
        if (score > top) {
          let shrink = exp(top - score);
          top = score;
          total *= shrink;
          //@unroll I SHARE
          sum[I] *= shrink;
          //@end
        }
        let p = exp(score - top);
        total += p;
        //@unroll I SHARE
        sum[I] += p * v[j * WIDTH + I * PARTS + part];
        //@end
      }
    }
  }

  if (first + id / PARTS < live) {
    //@unroll I SHARE
    out[at + I * PARTS] = sum[I] / total;
    //@end
    if (part == 0u) { log_sum_exp[head] = top + log(total); }
  }
}
