// philox-words.wgsl: the four words of Philox4x32-10 for a counter and a key, for people who check it

@group(0) @binding(2) var<storage, read> given: array<u32>;
@group(0) @binding(3) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let found = philox(vec4u(given[0], given[1], given[2], given[3]), vec2u(given[4], given[5]));
  for (var i = 0u; i < 4u; i++) {
    words[i] = found[i];
  }
}
