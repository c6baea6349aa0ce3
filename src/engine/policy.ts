// policy.ts: the one interface between a training run and whatever computes the model
//
// An engine holds a frozen, quantised base model and one trainable LoRA adapter over all its linear layers.
// It knows tokens, log-probabilities and gradients. It does not know what a reward, an advantage or a loss is:
// a trainer hands it one coefficient per token, d(loss)/d(log-probability), and never touches a kernel.
//
// The reference policy is the same model with the adapter off. There is no second copy of the weights.

import type { MemoryPlan } from '../core/run/events'

export type { MemoryPlan }

/** What the model is, as far as a trainer, a memory plan and a report need to know. */
export interface ModelSpec {
  architecture: 'qwen2' | 'qwen3' | 'llama'
  vocabSize: number
  layers: number
  hiddenSize: number
  intermediateSize: number
  heads: number
  kvHeads: number
  headDim: number
  ropeTheta: number
  rmsNormEpsilon: number
  tiedEmbedding: boolean
  maxPositions: number
  /** Ids that end a completion, from generation_config.json. */
  eosTokenIds: readonly number[]
  /** Number of base parameters (embedding counted once when tied). */
  parameters: number
}

/** Shape of the adapter: rank r and alpha of LoRA on every linear layer; the update is (alpha / r)·B·A. */
export interface AdapterConfig {
  rank: number
  alpha: number
}

/** One prompt and what to draw for it. Row order of the result is prompt-major: completion g of prompt i is row i·samples + g. */
export interface SampleRequest {
  /** Token ids of each prompt, chat template applied. */
  prompts: readonly (readonly number[])[]
  /** Index of each prompt in the data set: the `prompt` word of the random key, so that a draw does not depend on batching. */
  promptIds: readonly number[]
  /** Completions per prompt (the group size G). */
  samples: number
  maxNewTokens: number
  /** 0 is greedy decoding. Log-probabilities are those of logits / temperature (of the plain logits when greedy). */
  temperature: number
  /** Keep the k most likely tokens; 0 keeps all. */
  topK: number
  /** Keep the smallest set of tokens with this probability mass; 1 keeps all. */
  topP: number
  /** Drop tokens less likely than this share of the most likely one; 0 keeps all. */
  minP: number
  /** Ids that end a completion; the id itself is part of the completion. */
  stopTokenIds: readonly number[]
  /** Random key words: draws are functions of (seed, step, prompt, sample, position) and of nothing else. */
  seed: number
  step: number
  /** false samples from the reference policy. */
  adapter: boolean
}

/** One sampled answer. */
export interface Completion {
  /** Generated ids, the stop token included. */
  tokens: number[]
  /** log π(token) in nats over the full vocabulary at the sampling temperature, before top-k / top-p / min-p. */
  logps: Float64Array
  /** 'stop' if a stop id ended it, 'length' if the token budget did (a truncated completion). */
  finishReason: 'stop' | 'length'
}

/** A sequence whose tokens from index `from` on are scored given everything before them; from ≥ 1. */
export interface TokenSequence {
  tokens: readonly number[]
  from: number
}

export interface ScoreRequest {
  /** true: the policy; false: the reference (adapter off). */
  adapter: boolean
  /** Logits are divided by this before the softmax. */
  temperature: number
  /** Also return the entropy of each next-token distribution. */
  entropy: boolean
  /** Also return KL(policy ‖ reference) of each next-token distribution, summed exactly over the vocabulary. Needs adapter: true. */
  klToReference: boolean
}

/** Per scored token, in nats; each array has tokens.length − from entries. */
export interface Scored {
  logps: Float64Array
  entropies?: Float64Array
  klToReference?: Float64Array
}

/** A sequence and d(loss)/d(log-probability) of each of its scored tokens (and d(loss)/d(entropy), where a loss uses it). */
export interface GradientRow extends TokenSequence {
  coefficients: Float64Array
  entropyCoefficients?: Float64Array
}

/** AdamW's settings for one update; the trainer owns the schedule. */
export interface UpdateSettings {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** Gradients are scaled down to this global L2 norm; Infinity leaves them. */
  clipNorm: number
}

export interface UpdateResult {
  /** Global L2 norm of the accumulated gradient before clipping. */
  gradNorm: number
  /** false if the gradient was not finite: then nothing was changed. */
  applied: boolean
}

/** Named float32 tensors: PEFT's names for an adapter, the same names under `exp_avg.` / `exp_avg_sq.` for the optimiser. */
export type TensorMap = Map<string, { shape: number[]; data: Float32Array }>

/** Everything an engine must keep to continue exactly: the adapter, AdamW's moments, and the number of updates made. */
export interface TrainingState {
  adapter: TensorMap
  optimizer: TensorMap
  updates: number
}

/** Progress of one long call: bytes or layers (load), tokens of the budget (sample), sequences (score, gradient). */
export interface Progress {
  phase: 'load' | 'sample' | 'score' | 'gradient'
  done: number
  total: number
}

/** Every call that can take over a second reports progress and stops soon after the signal aborts (CancelledError). */
export interface CallOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

/** The largest batch of a run, for the memory plan. */
export interface PlanShape {
  /** Sequences that are sampled at once. */
  sampleRows: number
  /** Sequences in one gradient micro-batch. */
  trainRows: number
  /** Longest sequence, prompt and completion together. */
  tokens: number
}

/** A frozen base model with one trainable adapter. Calls are not reentrant: await one before the next. */
export interface Policy {
  readonly spec: ModelSpec
  readonly adapterConfig: AdapterConfig
  /** Engine and device, for people and fingerprints: "reference (tfjs wasm)". */
  readonly engine: string

  /** Draws `samples` completions for each prompt. The same request gives the same tokens, whatever the batch. */
  sample(request: SampleRequest, options?: CallOptions): Promise<Completion[]>

  /** Log-probabilities of given tokens. */
  score(sequences: readonly TokenSequence[], request: ScoreRequest, options?: CallOptions): Promise<Scored[]>

  /**
   * log π of every token of the vocabulary after these, nats, [vocabSize]. For looking at what else was possible, and not
   * for training: the reference engine alone has it.
   */
  nextLogps?(prefix: readonly number[], request: Pick<ScoreRequest, 'adapter' | 'temperature'>): Promise<Float64Array>

  /**
   * Adds Σ coefficient·∇logp (+ Σ entropyCoefficient·∇entropy) of these rows to the gradient of the adapter, at this temperature.
   * Call it once per micro-batch. Gradients are held until `step` or `clearGradient`.
   */
  accumulate(rows: readonly GradientRow[], temperature: number, options?: CallOptions): Promise<void>

  /** The accumulated gradient, under the adapter's tensor names. */
  gradient(): Promise<TensorMap>

  /** Drops the accumulated gradient. */
  clearGradient(): void

  /** One AdamW update (decoupled weight decay, bias correction) from the accumulated gradient, which is dropped. */
  step(settings: UpdateSettings): Promise<UpdateResult>

  /** A copy of adapter and optimiser state. */
  save(): Promise<TrainingState>

  /** Continues from a saved state. @throws {ModelFileError} if a tensor is missing or of another shape. */
  restore(state: TrainingState): Promise<void>

  /** Back to the initial adapter (A random by the seed, B zero) and an empty optimiser: the policy equals the reference again. */
  reset(): Promise<void>

  memoryPlan(shape: PlanShape): MemoryPlan

  /** Frees every tensor. The policy cannot be used afterwards. */
  dispose(): void
}
