// attention-backward-lanes.wgsl: attention-backward.wgsl where the lanes of a subgroup share what they load
//
// One subgroup a workgroup; a lane owns OWNERS rows and keeps them and their gradients in registers. OTHERS rows of the other
// side at a time are loaded one vec4 a lane and handed round. A masked pair adds exactly 0, so a row's gradient does not depend
// on which rows share its tile. Own rows too come and go one vec4 a lane: each load or store in the text costs lavapipe 0.1 s
// of compilation.

// Every branch on a subgroup's result is the same in the whole workgroup, which is one subgroup.
@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first = group.x * OWNERS * LANES;
  if (first >= owner_count()) { return; }
  let kv_head = group.y;
  let last_other = other_count() - 1u;

  var ranges: array<Range, OWNERS>;
  var a: array<array<vec4f, WIDTH>, OWNERS>;
  var b: array<array<vec4f, WIDTH>, OWNERS>;
  var d_a: array<array<vec4f, WIDTH>, OWNERS>;
  //@if OWNS_KEYS
  var d_b: array<array<vec4f, WIDTH>, OWNERS>;
  //@else
  var own_stats: array<vec2f, OWNERS>;
  //@end
  var at = NONE;
  //@unroll O OWNERS
  {
    let owner = first + O * LANES + lane;
    ranges[O] = NOTHING;
    if (owner < owner_count()) { ranges[O] = range_of(owner); }
    at = min(at, next_met(ranges[O], 0u));
    //@if OWNS_KEYS
    //@else
    own_stats[O] = stats[owner_row(min(owner, owner_count() - 1u), kv_head)];
    //@end
  }
  //@end
  // A count that is not a constant also keeps the driver from unrolling.
  let owners = min(OWNERS * LANES, owner_count() - first);
  for (var j = 0u; j < owners; j++) {
    let row = owner_row(first + j, kv_head) * WIDTH;
    var row_a: array<vec4f, ROW_LOADS>;
    var row_b: array<vec4f, ROW_LOADS>;
    //@unroll L ROW_LOADS
    row_a[L] = owner_a(row + L * LANES + lane);
    row_b[L] = owner_b(row + L * LANES + lane);
    //@end
    //@unroll D WIDTH
    {
      let shared_a = subgroupBroadcast(row_a[D / LANES], D % LANES);
      let shared_b = subgroupBroadcast(row_b[D / LANES], D % LANES);
      //@unroll O OWNERS
      a[O][D] = select(a[O][D], shared_a, O * LANES + lane == j);
      b[O][D] = select(b[O][D], shared_b, O * LANES + lane == j);
      //@end
    }
    //@end
  }

  at = subgroupMin(at);
  while (at != NONE) {
    var c: array<vec4f, LOADS>;
    var d: array<vec4f, LOADS>;
    //@unroll L LOADS
    {
      let index = L * LANES + lane;
      let source = other_row(min(at + index / WIDTH, last_other), kv_head) * WIDTH + index % WIDTH;
      c[L] = other_a(source);
      d[L] = other_b(source);
    }
    //@end
    //@if OWNS_KEYS
    let other_stats = stats[other_row(min(at + lane % OTHERS, last_other), kv_head)];
    //@end
    //@unroll K OTHERS
    {
      var shared_a: array<vec4f, WIDTH>;
      var shared_b: array<vec4f, WIDTH>;
      var s: array<vec4f, OWNERS>;
      var d_p: array<vec4f, OWNERS>;
      // lavapipe does not clear an array again that is declared in a loop.
      //@unroll O OWNERS
      s[O] = vec4f();
      d_p[O] = vec4f();
      //@end
      //@unroll D WIDTH
      shared_a[D] = subgroupBroadcast(c[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
      shared_b[D] = subgroupBroadcast(d[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
      //@unroll O OWNERS
      s[O] += a[O][D] * shared_a[D];
      d_p[O] += b[O][D] * shared_b[D];
      //@end
      //@end
      var p: array<f32, OWNERS>;
      var d_s: array<f32, OWNERS>;
      //@if OWNS_KEYS
      let stat = subgroupBroadcast(other_stats, K);
      //@end
      //@unroll O OWNERS
      {
        //@if OWNS_KEYS
        //@else
        let stat = own_stats[O];
        //@end
        p[O] = select(0.0, exp(dot(s[O], vec4f(1.0)) - stat.x), meets(ranges[O], at + K));
        d_s[O] = p[O] * (dot(d_p[O], vec4f(1.0)) - stat.y);
      }
      //@end
      //@unroll D WIDTH
      //@unroll O OWNERS
      d_a[O][D] += d_s[O] * shared_a[D];
      //@if OWNS_KEYS
      d_b[O][D] += p[O] * shared_b[D];
      //@end
      //@end
      //@end
    }
    //@end
    var next = NONE;
    //@unroll O OWNERS
    next = min(next, next_met(ranges[O], at + OTHERS));
    //@end
    at = subgroupMin(next);
  }

  for (var j = 0u; j < owners; j++) {
    let row = owner_row(first + j, kv_head) * WIDTH;
    var row_a: array<vec4f, ROW_LOADS>;
    var row_b: array<vec4f, ROW_LOADS>;
    //@unroll D WIDTH
    //@unroll O OWNERS
    if (j / LANES == O) {
      row_a[D / LANES] = select(row_a[D / LANES], subgroupShuffle(d_a[O][D], j % LANES), lane == D % LANES);
      //@if OWNS_KEYS
      row_b[D / LANES] = select(row_b[D / LANES], subgroupShuffle(d_b[O][D], j % LANES), lane == D % LANES);
      //@end
    }
    //@end
    //@end
    //@unroll L ROW_LOADS
    if (L * LANES + lane < WIDTH) {
      store_a(row + L * LANES + lane, row_a[L]);
      //@if OWNS_KEYS
      store_b(row + L * LANES + lane, row_b[L]);
      //@end
    }
    //@end
  }
}
