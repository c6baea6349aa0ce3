// adapter-gradient-lanes.wgsl: adapter-gradient.wgsl, one subgroup a tile
//
// A lane owns 4 wide columns. Of four tokens' narrow values each lane loads a few quads and hands them round. Tokens are added
// one after the other.

@group(0) @binding(2) var<storage, read> wide: array<vec4f>;
@group(0) @binding(3) var<storage, read> narrow: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const CHUNKS = (4u * QUADS + LANES - 1u) / LANES;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tile_at(group.x);
  let column = tile.first + lane * 4u;
  let wide_row = shape.wide / 4u;
  let wide_at = column / 4u;
  let narrow_row = shape.sections * shape.narrow / 4u;
  let narrow_at = tile.section * (shape.narrow / 4u) + group.y * QUADS;
  // sums[4·q + c]: narrow column c of quad q, with this lane's wide columns.
  var sums: array<vec4f, 4u * QUADS>;
  let whole = batch.count / 4u * 4u;
  for (var t = 0u; t < whole; t += 4u) {
    var own: array<vec4f, 4>;
    //@unroll T 4
    own[T] = wide[(t + T) * wide_row + wide_at];
    //@end
    // Item i is quad i % QUADS of token t + i / QUADS.
    var mine: array<vec4f, CHUNKS>;
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
      let item = min(chunk * LANES + lane, 4u * QUADS - 1u);
      mine[chunk] = narrow[(t + item / QUADS) * narrow_row + narrow_at + item % QUADS];
    }
    //@unroll Q QUADS
    //@unroll T 4
    {
      let given = subgroupBroadcast(mine[(T * QUADS + Q) / LANES], (T * QUADS + Q) % LANES);
      sums[4u * Q] += own[T] * given.x;
      sums[4u * Q + 1u] += own[T] * given.y;
      sums[4u * Q + 2u] += own[T] * given.z;
      sums[4u * Q + 3u] += own[T] * given.w;
    }
    //@end
    //@end
  }
  for (var t = whole; t < batch.count; t++) {
    let own = wide[t * wide_row + wide_at];
    //@unroll Q QUADS
    {
      let given = narrow[t * narrow_row + narrow_at + Q];
      sums[4u * Q] += own * given.x;
      sums[4u * Q + 1u] += own * given.y;
      sums[4u * Q + 2u] += own * given.z;
      sums[4u * Q + 3u] += own * given.w;
    }
    //@end
  }
  if (column >= tile.end) { return; }
  for (var n = 0u; n < 4u * QUADS; n++) {
    let at = column * shape.wide_step + (group.y * 4u * QUADS + n) * shape.narrow_step;
    let sum = sums[n] * shape.scale;
    out[at] += sum.x;
    out[at + shape.wide_step] += sum.y;
    out[at + 2u * shape.wide_step] += sum.z;
    out[at + 3u * shape.wide_step] += sum.w;
  }
}
