// speed.ts: how fast a model is on this machine: a few calls of the engine, timed
//
// Times follow lines: a call costs something by itself and something for each token. Two sizes of each call give both.
// What is asked are prompts of the task, so the lengths of the answers are known as well.

import type { RunConfig } from '../../core/run/config'
import { mean } from '../../core/stats/moments'
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

/** Answers are drawn no further than this, and timed by this. */
export const LONGEST_TIMED = 64

/** Completions of the sizes that are timed: the larger ones only where the smaller one took less than this. */
const ROWS = [4, 16, 64]
const PATIENCE_SECONDS = 1

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
  const completions = await policy.sample(
    {
      prompts,
      promptIds: prompts.map((_, i) => i),
      samples: 1,
      maxNewTokens: LONGEST_TIMED,
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
    const asked = prompts.slice(0, count)
    // Buffers and recordings of this size are made once.
    const warm = stopwatch()
    await answers(model, asked, options)
    const isSlow = warm() > PATIENCE_SECONDS
    const took = stopwatch()
    const sequences = await answers(model, asked, options)
    const seconds = took()
    const lengths = sequences.map(({ tokens, from }) => tokens.length - from)
    timed.push({ seconds, steps: Math.max(...lengths), tokens: lengths.reduce((a, b) => a + b, 0), sequences })
    if (isSlow || asked.length === prompts.length) break
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
    await work(sequences)
    const took = stopwatch()
    await work(sequences)
    const tokens = sequences.reduce((sum, { tokens }) => sum + tokens.length, 0)
    points.push({ seconds: took(), calls: 1, tokens })
  }
  return line(points)
}

async function timeUpdate({ policy }: LoadedModel, { optimizer }: RunConfig): Promise<number> {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = optimizer
  const settings = { learningRate: 1e-6, beta1, beta2, epsilon, weightDecay, clipNorm }
  await policy.step(settings)
  const took = stopwatch()
  await policy.step(settings)
  return took()
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

function stopwatch(): () => number {
  const startedMs = performance.now()
  return () => (performance.now() - startedMs) / 1000
}
