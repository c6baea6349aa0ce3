// sum-squares.wgsl: sums of data (of its squares where SQUARES) over equal pieces, one a workgroup
//
// data  [quads] vec4f
// sums  [workgroups] f32
// Within a workgroup each lane adds runs of RUN quads and then the runs, so that the error stays small over millions of
// numbers. The order depends on sizes alone.

struct Shape { quads: u32, piece: u32 }
@group(0) @binding(1) var<uniform> shape: Shape;
@group(0) @binding(2) var<storage, read> data: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

const RUN = 32u;

alias Summed = f32;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let end = min((group.x + 1u) * shape.piece, shape.quads);
  var sum = vec4f();
  for (var first = group.x * shape.piece + lane; first < end; first += WORKGROUP * RUN) {
    var run = vec4f();
    let stop = min(first + WORKGROUP * RUN, end);
    for (var i = first; i < stop; i += WORKGROUP) {
      let v = data[i];
      //@if SQUARES
      run += v * v;
      //@else
      run += v;
      //@end
    }
    sum += run;
  }
  let total = sum_of_all(lane, (sum.x + sum.y) + (sum.z + sum.w));
  if (lane == 0u) { sums[group.x] = total; }
}
