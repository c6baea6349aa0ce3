// philox.wgsl: random bits as a function of a counter and a key, and the number with which a token is drawn
//
// Twin of core/random/philox.ts and stream.ts: Philox4x32 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). WGSL has no 64-bit integers, so the upper half of a product comes from 16-bit halves.

fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = (middle & 0xffffu) + a_low * b_high;
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high = vec2u(multiply_high(0xd2511f53u, c.x), multiply_high(0xcd9e8d57u, c.z));
    let low = vec2u(0xd2511f53u * c.x, 0xcd9e8d57u * c.z);
    c = vec4u(high.y ^ c.y ^ k.x, low.y, high.x ^ c.w ^ k.y, low.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// The number in 0 … 1 of core/random/stream.ts `uniform`, rounded to float32.
fn sampling_uniform(seed: u32, step: u32, prompt: u32, sample: u32, position: u32) -> f32 {
  let word = philox(vec4u(position, sample, prompt, step), vec2u(seed, 0u)).x;
  return (f32(word) + 0.5) * 0x1p-32;
}
