// head.wgsl: what the kernels of the unfiltered head hand to each other

// Lower than any logit.
const LOWEST = -1.0e30;

// One chunk of the vocabulary for one row: largest logit, and Σ exp((logit − largest) / temperature).
struct Partial { largest: f32, mass: f32 }

// Where a decoding row's token is.
struct Choice {
  // Row of x.
  source: u32,
  chunk: u32,
  // How far into the chunk's mass, 0 … 1.
  fraction: f32,
  // Of the whole vocabulary: largest logit, and log Σ exp((logit − largest) / temperature).
  largest: f32,
  log_mass: f32,
}
