// adapter-gradient-tile.wgsl: adapter-gradient.wgsl, one workgroup a tile
//
// An invocation owns one wide column and 4 narrow ones. DEPTH tokens at a time lie in workgroup memory and are added one after
// the other.

const WORKGROUP = TILE_WIDE * QUADS;

@group(0) @binding(2) var<storage, read> wide: array<f32>;
@group(0) @binding(3) var<storage, read> narrow: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

var<workgroup> wide_tile: array<f32, DEPTH * TILE_WIDE>;
var<workgroup> narrow_tile: array<vec4f, DEPTH * QUADS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let tile = tile_at(group.x);
  let own = local % TILE_WIDE;
  let quad = local / TILE_WIDE;
  let narrow_row = shape.sections * shape.narrow / 4u;
  let narrow_at = tile.section * (shape.narrow / 4u) + group.y * QUADS;
  var sum = vec4f();
  for (var t = 0u; t < batch.count; t += DEPTH) {
    workgroupBarrier();
    for (var i = local; i < DEPTH * TILE_WIDE; i += WORKGROUP) {
      let token = t + i / TILE_WIDE;
      let value = wide[token * shape.wide + tile.first + i % TILE_WIDE];
      wide_tile[i] = select(0.0, value, token < batch.count);
    }
    for (var i = local; i < DEPTH * QUADS; i += WORKGROUP) {
      let token = t + i / QUADS;
      let value = narrow[token * narrow_row + narrow_at + i % QUADS];
      narrow_tile[i] = select(vec4f(), value, token < batch.count);
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      sum += wide_tile[d * TILE_WIDE + own] * narrow_tile[d * QUADS + quad];
    }
  }
  let column = tile.first + own;
  if (column >= tile.end) { return; }
  let at = column * shape.wide_step + (group.y * QUADS + quad) * 4u * shape.narrow_step;
  sum *= shape.scale;
  out[at] += sum.x;
  out[at + shape.narrow_step] += sum.y;
  out[at + 2u * shape.narrow_step] += sum.z;
  out[at + 3u * shape.narrow_step] += sum.w;
}
