// attention-decode-workgroup.wgsl: one chunk of one row's attention by one workgroup, for graphics cards
//
// First each invocation scores keys of the chunk, one a key and head; then each sums values of one dimension and head.

var<workgroup> scores: array<f32, GROUP * CHUNK>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) id: u32) {
  let row = place.x;
  if (row >= batch.count) { return; }
  let chunk = place.y;
  let token = tokens[row];
  let count = key_count(token);
  if (chunk * CHUNK >= count) { return; }
  let live = min(CHUNK, count - chunk * CHUNK);
  let head = place.z * GROUP;
  let kv_head = head / (shape.heads / shape.kv_heads);

  for (var at = id; at < GROUP * CHUNK; at += WORKGROUP) {
    let i = at % CHUNK;
    if (i >= live) { continue; }
    let base = (key_slot(token, chunk * CHUNK + i) * shape.kv_heads + kv_head) * HEAD_DIM;
    let query = (row * shape.heads + head + at / CHUNK) * HEAD_DIM;
    var product = vec4f();
    for (var d = 0u; d < HEAD_DIM; d += 4u) {
      product += vec4f(queries[query + d], queries[query + d + 1u], queries[query + d + 2u], queries[query + d + 3u])
        * vec4f(keys[base + d], keys[base + d + 1u], keys[base + d + 2u], keys[base + d + 3u]);
    }
    scores[at] = ((product.x + product.y) + (product.z + product.w)) * shape.scale;
  }
  workgroupBarrier();
  for (var at = id; at < GROUP * HEAD_DIM; at += WORKGROUP) {
    let g = at / HEAD_DIM;
    let d = at % HEAD_DIM;
    var top = LOWEST;
    for (var i = 0u; i < live; i++) { top = max(top, scores[g * CHUNK + i]); }
    var sum = 0.0;
    var total = 0.0;
    for (var i = 0u; i < live; i++) {
      let p = exp(scores[g * CHUNK + i] - top);
      total += p;
      sum += p * values[(key_slot(token, chunk * CHUNK + i) * shape.kv_heads + kv_head) * HEAD_DIM + d];
    }
    let to = (row * shape.heads + head + g) * shape.chunks + chunk;
    if (d == 0u) { totals[to] = vec2f(top, total); }
    sums[to * HEAD_DIM + d] = sum;
  }
}
