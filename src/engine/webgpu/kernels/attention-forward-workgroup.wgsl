// attention-forward-workgroup.wgsl: a tile of attention for graphics cards, KEYS keys at a time in workgroup memory
//
// WORKGROUP/PARTS queries a workgroup. PARTS invocations share a query; each keeps every PARTS-th vec4 of it and of its output.

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
  var tile = open_tile(first / shape.group, (min(first + TILE, live) - 1u) / shape.group, place.z);
  if (!next_range(&tile)) { return; }
  let part = id % PARTS;
  let index = min(first + id / PARTS, live - 1u);
  let head = head_of(index, kv_head);

  var q: array<vec4f, SHARE>;
  var sum: array<vec4f, SHARE>;
  var top = LOWEST;
  var total = 0.0;
  //@unroll I SHARE
  q[I] = queries[head * WIDTH + I * PARTS + part] * shape.scale;
  //@end

  loop {
    let span = visible(tile, index / shape.group);
    for (var key = tile.start; key < tile.end; key += KEYS) {
      let stop = min(key + KEYS, tile.end);
      workgroupBarrier();
      for (var i = id; i < (stop - key) * WIDTH; i += WORKGROUP) {
        let base = ((key + i / WIDTH) * shape.kv_heads + kv_head) * WIDTH + i % WIDTH;
        k[i] = keys[base];
        v[i] = values[base];
      }
      workgroupBarrier();
      // Counted from `key`, so that compilers of CPU adapters do not unroll these loops, which takes them seconds.
      for (var slot = key; slot < stop; slot++) {
        let row_k = (slot - key) * WIDTH + part;
        var product = vec4f();
        //@unroll I SHARE
        product += q[I] * k[row_k + I * PARTS];
        //@end
        products[(slot - key) * WORKGROUP + id] = (product.x + product.y) + (product.z + product.w);
      }
      workgroupBarrier();
      for (var slot = max(key, span.x); slot < min(stop, span.y); slot++) {
        let row_v = (slot - key) * WIDTH + part;
        let shared_products = (slot - key) * WORKGROUP + id - part;
        var score = 0.0;
        for (var other = 0u; other < PARTS; other++) { score += products[shared_products + other]; }
        let next = max(top, score);
        let shrink = exp(top - next);
        let p = exp(score - next);
        top = next;
        total = total * shrink + p;
        //@unroll I SHARE
        sum[I] = sum[I] * shrink + p * v[row_v + I * PARTS];
        //@end
      }
    }
    if (!next_range(&tile)) { break; }
  }

  if (first + id / PARTS < live) {
    let to = head * shape.chunks + place.z;
    //@unroll I SHARE
    out[to * WIDTH + I * PARTS + part] = sum[I] / total;
    //@end
    if (part == 0u) { log_sum_exp[to] = top + log(total); }
  }
}
