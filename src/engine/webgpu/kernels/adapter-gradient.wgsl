// adapter-gradient.wgsl: what both kernels of out[i, j] += scale · Σ_t p[t, i] · q[t, s(i)·J + j] share
//
// One factor is wide (thousands of features), the other narrow (the adapter's rank, or ranks); which of them is p is a matter
// of strides. Sections divide the wide columns; each meets its own columns of the narrow factor.
//
// wide    [rows, shape.wide] f32
// narrow  [rows, sections · shape.narrow] f32
// out     element (w, n) at w · wide_step + n · narrow_step, f32; added to
// Grid: x tiles of TILE_WIDE columns, which end where their section ends; y tiles of 4·QUADS narrow columns.

struct Shape {
  // Where each section's wide columns end.
  ends: vec4u,
  sections: u32,
  wide: u32,
  narrow: u32,
  wide_step: u32,
  narrow_step: u32,
  scale: f32,
}
@group(0) @binding(1) var<uniform> shape: Shape;

// Wide columns first … end−1.
struct Tile { first: u32, end: u32, section: u32 }

fn tile_at(index: u32) -> Tile {
  var start = 0u;
  var section = 0u;
  var left = index;
  loop {
    let end = shape.ends[section];
    let tiles = (end - start + TILE_WIDE - 1u) / TILE_WIDE;
    if (left < tiles || section + 1u >= shape.sections) {
      return Tile(start + left * TILE_WIDE, end, section);
    }
    left -= tiles;
    start = end;
    section++;
  }
}
