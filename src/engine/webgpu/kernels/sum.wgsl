// sum.wgsl: the sum of a value of each invocation of a workgroup, known to all of them
//
// The kernel says what is summed: `alias Summed = f32;` or a vector. With LANES the workgroup is one subgroup; else the sum is a
// tree in workgroup memory. Its shape is fixed: the same bits whatever the batch. Once in a kernel, by every invocation.

//@if LANES
fn sum_of_all(lane: u32, own: Summed) -> Summed { return subgroupAdd(own); }
//@else
var<workgroup> summed: array<Summed, WORKGROUP>;
fn sum_of_all(lane: u32, own: Summed) -> Summed {
  summed[lane] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { summed[lane] += summed[lane + half]; }
  }
  workgroupBarrier();
  return summed[0];
}
//@end
