// logits.wgsl: what the kernels over streamed logits share
//
// A scored token ("entry") has one row of logits [entries, chunk]; the vocabulary comes by in chunks.

struct Entry {
  // The token whose log-probability is asked for.
  token: u32,
  // Weights of its log-probability and of the distribution's entropy in the objective.
  coefficient: f32,
  entropy_coefficient: f32,
  spare: u32,
}

// An entry's running values. With a = (logit − largest) / T, b the same of the reference, and x = a − b:
struct State {
  largest: f32,
  // Σ exp(a)
  mass: f32,
  // Σ exp(a)·a
  moment: f32,
  // 0 without a reference, as the next two:
  reference_largest: f32,
  // Σ exp(a)·x
  contrast: f32,
  // Σ exp(a)·(exp(−x) − 1 + x), of which no term is negative
  curvature: f32,
  // Logit of the entry's token.
  chosen: f32,
  spare: f32,
}
