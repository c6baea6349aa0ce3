// speed.ts: how fast a model is on this machine: a few calls of the engine, timed
//
// Times follow lines: a call costs something by itself and something for each token. Two sizes of each call give both.
// What is asked are prompts of the task, so the lengths of the answers are known as well.

import type { RunConfig } from '../../core/run/config'
import { mean, sum } from '../../core/stats/moments'
import type { CallOptions, GradientRow, TokenSequence } from '../../engine/policy'
import { conversationOf } from '../data/rows'
import type { LoadedModel } from '../hosts'
import { loadOwnData } from '../own-data'
import { loadTask } from '../tasks'
import type { ExperimentHosts } from './experiment'

/** Seconds of a call: each, and for each token of it. */
export interface Line {
  each: number
  token: number
}

/** A model on a machine, asked the prompts of a task. Plain JSON. */
export interface Speed {
  /** Seconds from its files to the first answer. */
  load: number
  /** A step of decoding, in which every answer that goes on gets a token. */
  decode: Line
  /** A call that scores; tokens of prompts and answers. */
  score: Line
  /** A micro-batch, forward and backward; tokens of prompts and answers. */
  gradient: Line
  /** Seconds of an AdamW update. */
  update: number
  /** Mean tokens of a prompt. */
  promptTokens: number
  /** Tokens of answers of the untrained model at temperature 1; LONGEST_TIMED for one that was cut there. */
  answers: number[]
}

/** Answers are drawn no further than this, or than the model has positions. */
export const LONGEST_TIMED = 64

/** Completions at once; the larger batch is timed only where the smaller one took less than a second. */
const ROWS = [8, 64]
const PATIENCE_SECONDS = 1

/** Repetitions beside the first. */
const ROUNDS = 3

/**
 * Loads the model of a configuration and times it; some seconds for a small one. Nothing is kept of the model.
 *
 * @throws {CancelledError} if the signal aborts
 * @throws {TiltlabError} if the model cannot be loaded here, or its data not be read
 */
export async function measureSpeed(
  config: RunConfig,
  hosts: ExperimentHosts,
  options: CallOptions = {},
): Promise<Speed> {
  const loading = stopwatch()
  const model = await hosts.loadModel(config, options)
  try {
    const prompts = await taskPrompts(config, hosts, model)
    // The first call compiles and allocates; it belongs to loading.
    await answers(model, prompts.slice(0, 2), options)
    const load = loading()
    const timed = await timeSampling(model, prompts, options)
    const rows = timed.at(-1)!.sequences
    const few = rows.slice(0, ROWS[0])
    const score = (sequences: readonly TokenSequence[]) => model.policy.score(sequences, SCORED, options)
    const learn = (sequences: readonly TokenSequence[]) =>
      model.policy.accumulate(sequences.map(gradientRow), 1, options)
    return {
      load,
      decode: line(timed.map(({ seconds, steps, tokens }) => ({ seconds, calls: steps, tokens }))),
      score: await timeBoth(score, few, rows),
      gradient: await timeBoth(learn, few, rows),
      update: await timeUpdate(model, config),
      promptTokens: mean(prompts.map(({ length }) => length)),
      answers: rows.map(({ tokens, from }) => tokens.length - from).sort((a, b) => a - b),
    }
  } finally {
    model.policy.dispose()
  }
}

const SCORED = { adapter: true, temperature: 1, entropy: true, klToReference: false }

/** Token ids of prompts of the task, as a step of training draws them. */
async function taskPrompts(config: RunConfig, hosts: ExperimentHosts, model: LoadedModel): Promise<number[][]> {
  const own = await loadOwnData(config, hosts, model)
  const task = await loadTask(config.task, hosts, own)
  return task
    .batch(ROWS.at(-1)!, 0, 1)
    .map(({ text, messages }) =>
      model.tokenizer.encodeChat(conversationOf({ prompt: text, ...(messages && { messages }) })),
    )
}

async function answers(
  { policy }: LoadedModel,
  prompts: readonly number[][],
  options: CallOptions,
): Promise<TokenSequence[]> {
  const longestPrompt = Math.max(...prompts.map(({ length }) => length))
  const completions = await policy.sample(
    {
      prompts,
      promptIds: prompts.map((_, i) => i),
      samples: 1,
      maxNewTokens: Math.min(LONGEST_TIMED, policy.spec.maxPositions - longestPrompt),
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
      stopTokenIds: policy.spec.eosTokenIds,
      seed: 0,
      step: 1,
      adapter: true,
    },
    options,
  )
  return completions.map(({ tokens }, i) => ({ tokens: [...prompts[i], ...tokens], from: prompts[i].length }))
}

async function timeSampling(
  model: LoadedModel,
  prompts: readonly number[][],
  options: CallOptions,
): Promise<{ seconds: number; steps: number; tokens: number; sequences: TokenSequence[] }[]> {
  const timed = []
  for (const count of ROWS) {
    const { result: sequences, seconds } = await quickest(() => answers(model, prompts.slice(0, count), options))
    const lengths = sequences.map(({ tokens, from }) => tokens.length - from)
    timed.push({ seconds, steps: Math.max(...lengths), tokens: sum(lengths), sequences })
    if (seconds > PATIENCE_SECONDS || sequences.length === prompts.length) break
  }
  return timed
}

async function timeBoth(
  work: (sequences: readonly TokenSequence[]) => Promise<unknown>,
  few: readonly TokenSequence[],
  many: readonly TokenSequence[],
): Promise<Line> {
  const points = []
  for (const sequences of many.length > few.length ? [few, many] : [many]) {
    const { seconds } = await quickest(() => work(sequences))
    points.push({ seconds, calls: 1, tokens: sum(sequences.map(({ tokens }) => tokens.length)) })
  }
  return line(points)
}

async function timeUpdate({ policy }: LoadedModel, { optimizer }: RunConfig): Promise<number> {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = optimizer
  const settings = { learningRate: 1e-6, beta1, beta2, epsilon, weightDecay, clipNorm }
  return (await quickest(() => policy.step(settings))).seconds
}

function gradientRow({ tokens, from }: TokenSequence): GradientRow {
  return { tokens, from, coefficients: new Float64Array(tokens.length - from).fill(1e-3) }
}

/** The line through the smallest and the largest size; neither part is negative. One size alone is all tokens. */
function line(points: readonly { seconds: number; calls: number; tokens: number }[]): Line {
  const [a, b] = [points[0], points.at(-1)!]
  const determinant = a.calls * b.tokens - b.calls * a.tokens
  if (determinant > 0) {
    const each = (a.seconds * b.tokens - b.seconds * a.tokens) / determinant
    const token = (a.calls * b.seconds - b.calls * a.seconds) / determinant
    if (each >= 0 && token >= 0) return { each, token }
  }
  return { each: 0, token: b.seconds / b.tokens }
}

/**
 * Does some work again and again, and times the quickest: others use the machine as well, and buffers and recordings of a
 * new size are made once. What takes long is done once more and no oftener.
 */
async function quickest<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  let best = Infinity
  for (let round = 0; ; round++) {
    const took = stopwatch()
    const result = await work()
    const seconds = took()
    // The first round makes what the others use.
    if (round > 0) best = Math.min(best, seconds)
    if (round === ROUNDS || (round > 0 && seconds > PATIENCE_SECONDS)) return { result, seconds: best }
  }
}

function stopwatch(): () => number {
  const startedMs = performance.now()
  return () => (performance.now() - startedMs) / 1000
}
