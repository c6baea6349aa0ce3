// decode-state.wgsl: what sampling knows of a request and of its rows (decode-state.ts writes and reads it)

const GOING = 0u;
const STOPPED = 1u;
const OUT_OF_BUDGET = 2u;

struct Settings {
  seed: u32,
  step: u32,
  // 0: greedy.
  temperature: f32,
  // 0: all.
  top_k: u32,
  // 1: all.
  top_p: f32,
  // 0: all.
  min_p: f32,
  max_new_tokens: u32,
  stop_count: u32,
  stops: array<u32, 32>,
}

// One completion, in its place in the cache from first token to last.
struct Row {
  prompt: u32,
  sample: u32,
  // Row of hidden states from which the first token is drawn; later ones are drawn from the completion's decoding row.
  source: u32,
  prefix_start: u32,
  prefix_end: u32,
  // Slot and position of the first token.
  own_start: u32,
  first_position: u32,
  drawn: u32,
  finished: u32,
}

struct Draw { token: u32, logp: f32 }

// What logits are divided by.
fn divisor(temperature: f32) -> f32 { return select(temperature, 1.0, temperature == 0.0); }
