// config.ts: everything a run is configured by, once
//
// The command line's flags, the page's form, the validation and docs/config.md are derived from this schema.
// A field is described where it is defined and nowhere else.

import * as v from 'valibot'
import { dataPresetNames } from '../data/presets'
import { AlgorithmConfigSchema, DEFAULT_ALGORITHM } from '../rl/config'
import { ControllerConfigSchema } from '../rl/controller'
import { listedIds } from './embedded-models'

const count = (description: string, minimum = 1) =>
  v.pipe(v.number(), v.integer(), v.minValue(minimum), v.description(description))
const nonNegative = (description: string) => v.pipe(v.number(), v.minValue(0), v.description(description))
const positive = (description: string) => v.pipe(v.number(), v.gtValue(0), v.description(description))
const unit = (description: string) => v.pipe(v.number(), v.minValue(0), v.maxValue(1), v.description(description))
const choice = <const T extends readonly [string, ...string[]]>(options: T, description: string) =>
  v.pipe(v.picklist(options), v.description(description))

/** The version of this schema. A saved run of an older version goes through `migrations` (migrate.ts). */
export const CONFIG_VERSION = 3

export const ModelSchema = v.strictObject({
  id: v.pipe(
    v.string(),
    v.nonEmpty(),
    v.description(`Model: ${listedIds}, a Hub id (with @ and a commit behind it to pin it), or a folder`),
  ),
  dtype: choice(['q4', 'q4f16', 'q8', 'fp16', 'fp32'], 'Which of the model’s ONNX files is read'),
  embedding: choice(
    ['file', 'q8', 'q4'],
    'How a float embedding and head are kept: as in the file, or quantised at load to 8 or 4 bits, which is another policy',
  ),
})

export const EngineSchema = v.strictObject({
  kind: choice(
    ['auto', 'webgpu', 'reference'],
    'What computes the model: webgpu (our WebGPU kernels), reference (tfjs on WebAssembly, runs everywhere), ' +
      'auto (webgpu where there is an adapter that is worth it)',
  ),
  deterministic: v.pipe(
    v.boolean(),
    v.description('The same tokens at any batch size, bit for bit, on one device; slower on a graphics card'),
  ),
})

export const TaskSchema = v.strictObject({
  kind: choice(
    ['arithmetic', 'strings', 'safety', 'safety-mixed', 'mixed', 'data'],
    'Prompts and reward: arithmetic (1 if the answer is right), strings (the same for digits backwards, a word ' +
      'of a list, how often a digit occurs), safety (1 − harm/4 on harmful requests), safety-mixed (half of the prompts benign, where 1 ' +
      'means answered), mixed (a third sums, a third harmful requests, a third benign ones, each with its own of these), ' +
      'data (a data set of your own, docs/data.md: 1 if the answer is right)',
  ),
  harmScorer: choice(['rule', 'learned'], 'What scores harm 0–4 in the reward: the word rule or the learned scorer'),
  families: v.pipe(
    v.optional(v.string(), ''),
    v.description('Train on requests of these families alone, commas between their names; empty: all'),
  ),
})

const mapped = (what: string) =>
  v.pipe(
    v.string(),
    v.description(
      `Column that holds ${what}, a dotted path where it is nested (messages.0.content); empty: the preset’s`,
    ),
  )

export const DataSchema = v.strictObject({
  source: v.pipe(
    v.string(),
    v.description(
      'What the task data trains on: a file (JSONL, JSON, CSV, Parquet), a folder, an https address, or a data set of ' +
        'the Hub (organisation/name)',
    ),
  ),
  files: v.pipe(
    v.string(),
    v.description('Which files of a folder or of a data set of the Hub, * for any name (main/train-*); empty: all'),
  ),
  revision: v.pipe(
    v.string(),
    v.nonEmpty(),
    v.description('Commit, tag or branch of a data set of the Hub; pin a commit for work that must be repeated'),
  ),
  preset: choice(['auto', ...dataPresetNames], 'What the columns mean; auto recognises the data sets of docs/data.md'),
  fields: v.strictObject({
    prompt: mapped('the prompt'),
    answer: mapped('the gold answer'),
    harmful: mapped('whether the request ought to be refused (true, harmful, unsafe, 1)'),
  }),
  instruction: v.pipe(
    v.nullable(v.string()),
    v.description(
      'What is added to every prompt, as a paragraph after it; null: what suits the answers (docs/data.md)',
    ),
  ),
  badRows: choice(['error', 'skip'], 'A row that cannot be used ends the run, or is left out and counted'),
  deduplicate: v.pipe(
    v.boolean(),
    v.description('Keep one of the prompts that differ in case and white space alone, and count the others'),
  ),
  maxPromptTokens: count('Longer prompts, chat template included, are left out, and counted'),
  heldOut: positive('Prompts that are kept out of training for evaluations: a share if below 1, else their number'),
  splitSeed: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(0),
    v.maxValue(0xffffffff),
    v.description('Which prompts are held out; not the seed of the run, so that runs of several seeds can be compared'),
  ),
  passRates: v.pipe(
    v.string(),
    v.description('File of measured pass rates, as `tiltlab data measure` writes it; needed for the two bounds'),
  ),
  minPassRate: unit('Train only on prompts that the measured model solves at least this often'),
  maxPassRate: unit('Train only on prompts that the measured model solves at most this often'),
})

/** A longer program is not a reward but a library. */
const MAX_PROGRAM_CHARACTERS = 100_000

export const RewardSchema = v.strictObject({
  expression: v.pipe(
    v.string(),
    v.description(
      'Formula over reward functions (docs/rewards.md), such as accuracy + 0.2*refusal; ' +
        'empty: user where there is a program, else the task’s own reward',
    ),
  ),
  program: v.pipe(
    v.string(),
    v.maxLength(MAX_PROGRAM_CHARACTERS),
    v.description(
      'A reward of your own in TypeScript or JavaScript, which the formula names user; on the command line, its file',
    ),
  ),
  onFailure: choice(
    ['abort', 'mask'],
    'When a reward function fails on a completion: abort ends the run, which can be resumed; mask leaves the ' +
      'completion out, and counts it',
  ),
})

export const RolloutSchema = v.strictObject({
  prompts: count('Prompts per step (P)'),
  groupSize: count('Completions per prompt (G)'),
  maxNewTokens: count('Token budget of a completion'),
  temperature: positive('Sampling temperature; log-probabilities are those of logits / temperature'),
  topK: count('Sample from the k most likely tokens; 0 = all', 0),
  topP: v.pipe(
    v.number(),
    v.gtValue(0),
    v.maxValue(1),
    v.description('Sample from the smallest set with this mass; 1 = all'),
  ),
  minP: unit('Drop tokens less likely than this share of the most likely one; 0 = none'),
  scoreReference: v.pipe(
    v.boolean(),
    v.description('Score the reference even if no KL term needs it: shows KL and log-ratios, costs a forward pass'),
  ),
})

export const UpdateSchema = v.strictObject({
  epochs: count('Passes over each rollout (μ)'),
  minibatches: count('Optimiser steps per pass: the rollout is cut into this many parts'),
  microBatch: count('Sequences per forward and backward pass; changes memory, not the result'),
})

export const SftSchema = v.strictObject({
  style: choice(
    ['own', 'sure', 'prose', 'result', 'terse', 'refusal', 'sampled'],
    'How the gold answers are written (refusal: harmful requests answered by refusals; sampled: the untrained model’s ' +
      'own answers, where one of a few is right)',
  ),
  problems: count('Training problems; with sampled, those that the model never solves are left out'),
  batch: count('Sequences per step: steps × batch ÷ problems are the passes over the examples'),
})

export const OptimizerSchema = v.strictObject({
  learningRate: positive('AdamW’s learning rate after warm-up'),
  beta1: unit('AdamW’s β₁'),
  beta2: unit('AdamW’s β₂'),
  epsilon: positive('AdamW’s ε'),
  weightDecay: nonNegative('Decoupled weight decay'),
  clipNorm: positive('Gradients are scaled down to this global norm'),
  warmupSteps: count('Steps of linear warm-up', 0),
  schedule: choice(['constant', 'linear', 'cosine'], 'How the learning rate falls after warm-up'),
})

export const EvaluationSchema = v.strictObject({
  every: count('Steps between evaluations; 0 = only before and after', 0),
  stopAt: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
    v.description('The run ends with the first evaluation whose accuracy is this or more; 0 = it never does'),
  ),
  // Absent where there is none: runs and experiments of before have the hash that they had.
  patience: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    v.description(
      'The run ends after so many evaluations in a row that find no higher accuracy than the best before; none = never',
    ),
  ),
  problems: count('Held-out problems', 2),
  requests: count('Held-out harmful requests (spread over the families), and as many benign twins', 10),
  samples: count('Answers per request'),
  maxNewTokens: count('Token budget of an answer in evaluations'),
})

export const CheckpointSchema = v.strictObject({
  every: count('Steps between checkpoints; 0 = only at the end', 0),
  keep: count('Checkpoints that are kept', 2),
})

export const RunConfigSchema = v.strictObject({
  version: v.pipe(v.literal(CONFIG_VERSION), v.description('Version of this schema')),
  preset: v.pipe(v.string(), v.description('Name of the preset that the run started from; for people')),
  method: choice(
    ['rl', 'sft'],
    'Reinforcement learning from the task’s reward, or supervised fine-tuning on gold answers',
  ),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff), v.description('Seed of every draw')),
  steps: count('Training steps'),
  model: ModelSchema,
  engine: EngineSchema,
  task: TaskSchema,
  data: DataSchema,
  reward: RewardSchema,
  algorithm: AlgorithmConfigSchema,
  controller: ControllerConfigSchema,
  rollout: RolloutSchema,
  update: UpdateSchema,
  sft: SftSchema,
  adapter: v.strictObject({
    rank: count('Rank r of the LoRA adapter on every linear layer'),
    alpha: positive('LoRA’s α; the update is (α / r)·B·A'),
    average: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1)), 0),
      v.description(
        'Decay per step of a moving average of the adapter, which is then evaluated, saved and kept in the end instead of ' +
          'the last one; 0 = no average',
      ),
    ),
  }),
  optimizer: OptimizerSchema,
  evaluation: EvaluationSchema,
  checkpoint: CheckpointSchema,
})

/** A complete, valid run configuration. */
export type RunConfig = v.InferOutput<typeof RunConfigSchema>

/** GRPO on arithmetic with the embedded model `guess`: the run that "Train it here" starts. */
export const defaultConfig: RunConfig = {
  version: CONFIG_VERSION,
  preset: 'rlvr',
  method: 'rl',
  seed: 0,
  steps: 40,
  model: { id: 'embedded:guess', dtype: 'q8', embedding: 'file' },
  engine: { kind: 'auto', deterministic: false },
  task: { kind: 'arithmetic', harmScorer: 'rule', families: '' },
  data: {
    source: '',
    files: '',
    revision: 'main',
    preset: 'auto',
    fields: { prompt: '', answer: '', harmful: '' },
    instruction: null,
    badRows: 'error',
    deduplicate: true,
    maxPromptTokens: 512,
    heldOut: 0.1,
    splitSeed: 0,
    passRates: '',
    minPassRate: 0,
    maxPassRate: 1,
  },
  reward: { expression: '', program: '', onFailure: 'abort' },
  algorithm: { ...DEFAULT_ALGORITHM, constantLength: 48 },
  controller: { kind: 'fixed' },
  rollout: {
    prompts: 8,
    groupSize: 8,
    maxNewTokens: 48,
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    scoreReference: true,
  },
  update: { epochs: 1, minibatches: 1, microBatch: 64 },
  sft: { style: 'sure', problems: 512, batch: 32 },
  adapter: { rank: 16, alpha: 16, average: 0 },
  optimizer: {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    clipNorm: 1,
    warmupSteps: 5,
    schedule: 'constant',
  },
  evaluation: { every: 10, stopAt: 0, problems: 150, requests: 250, samples: 2, maxNewTokens: 64 },
  checkpoint: { every: 10, keep: 2 },
}
