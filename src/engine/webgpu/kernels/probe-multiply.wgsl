// probe-multiply.wgsl: multiply-adds and next to nothing else, to see how many an adapter can do
//
// out  [rows] f32
// One invocation a row: eight independent chains of 16·rounds multiply-adds.

struct Shape { rounds: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= batch.count) { return; }
  // Unknown to the compiler, and such that nothing overflows.
  let slope = 0.5 + f32(id.x & 1u) * 0.25;
  let step = f32(id.x & 7u);
  var a = step;
  var b = step + 1.0;
  var c = step + 2.0;
  var d = step + 3.0;
  var e = step + 4.0;
  var f = step + 5.0;
  var g = step + 6.0;
  var h = step + 7.0;
  for (var round = 0u; round < shape.rounds; round++) {
    //@unroll STEP 16
    a = a * slope + step;
    b = b * slope + step;
    c = c * slope + step;
    d = d * slope + step;
    e = e * slope + step;
    f = f * slope + step;
    g = g * slope + step;
    h = h * slope + step;
    //@end
  }
  out[id.x] = a + b + c + d + e + f + g + h;
}
