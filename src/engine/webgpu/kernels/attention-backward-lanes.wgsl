// attention-backward-lanes.wgsl: attention-backward.wgsl where the lanes of a subgroup share what they load
//
// One subgroup a workgroup; a lane owns OWNERS rows and keeps them and their gradients in registers. OTHERS rows of the other
// side at a time are loaded one vec4 a lane and handed round. A masked pair adds exactly 0, so a row's gradient does not depend
// on which rows share its tile.

// Every branch on a subgroup's result is the same in the whole workgroup, which is one subgroup.
@diagnostic(off, subgroup_uniformity)
@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first = group.x * OWNERS * LANES;
  if (first >= owner_count()) { return; }
  let kv_head = group.y;
  let last_other = other_count() - 1u;

  var rows: array<u32, OWNERS>;
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
    let owner = min(first + O * LANES + lane, owner_count() - 1u);
    let live = first + O * LANES + lane < owner_count();
    rows[O] = owner_row(owner, kv_head);
    ranges[O] = NOTHING;
    if (live) { ranges[O] = range_of(owner); }
    at = min(at, next_met(ranges[O], 0u));
    //@if OWNS_KEYS
    //@unroll D WIDTH
    a[O][D] = keys[rows[O] * WIDTH + D] * shape.scale;
    b[O][D] = values[rows[O] * WIDTH + D];
    //@end
    //@else
    own_stats[O] = stats[rows[O]];
    //@unroll D WIDTH
    a[O][D] = queries[rows[O] * WIDTH + D] * shape.scale;
    b[O][D] = d_out[rows[O] * WIDTH + D];
    //@end
    //@end
  }
  //@end

  at = subgroupMin(at);
  while (at != NONE) {
    var c: array<vec4f, LOADS>;
    var d: array<vec4f, LOADS>;
    //@unroll L LOADS
    {
      let other = min(at + (L * LANES + lane) / WIDTH, last_other);
      let source = other_row(other, kv_head) * WIDTH + (L * LANES + lane) % WIDTH;
      //@if OWNS_KEYS
      c[L] = queries[source];
      d[L] = d_out[source];
      //@else
      c[L] = keys[source];
      d[L] = values[source];
      //@end
    }
    //@end
    //@if OWNS_KEYS
    let other_stats = stats[other_row(min(at + lane % OTHERS, last_other), kv_head)];
    //@end
    //@unroll K OTHERS
    {
      var s: array<vec4f, OWNERS>;
      var d_p: array<vec4f, OWNERS>;
      // lavapipe does not clear an array again that is declared in a loop.
      //@unroll O OWNERS
      s[O] = vec4f();
      d_p[O] = vec4f();
      //@end
      //@unroll D WIDTH
      {
        let other_a = subgroupBroadcast(c[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
        let other_b = subgroupBroadcast(d[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
        //@unroll O OWNERS
        s[O] += a[O][D] * other_a;
        d_p[O] += b[O][D] * other_b;
        //@end
      }
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
      {
        let other_a = subgroupBroadcast(c[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
        //@if OWNS_KEYS
        let other_b = subgroupBroadcast(d[(K * WIDTH + D) / LANES], (K * WIDTH + D) % LANES);
        //@end
        //@unroll O OWNERS
        d_a[O][D] += d_s[O] * other_a;
        //@if OWNS_KEYS
        d_b[O][D] += p[O] * other_b;
        //@end
        //@end
      }
      //@end
    }
    //@end
    var next = NONE;
    //@unroll O OWNERS
    next = min(next, next_met(ranges[O], at + OTHERS));
    //@end
    at = subgroupMin(next);
  }

  //@unroll O OWNERS
  if (first + O * LANES + lane < owner_count()) {
    //@unroll D WIDTH
    //@if OWNS_KEYS
    d_keys[rows[O] * WIDTH + D] = d_a[O][D] * shape.scale;
    d_values[rows[O] * WIDTH + D] = d_b[O][D];
    //@else
    d_queries[rows[O] * WIDTH + D] = d_a[O][D] * shape.scale;
    //@end
    //@end
  }
  //@end
}
