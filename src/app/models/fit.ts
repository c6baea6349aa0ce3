// fit.ts: whether a model can be trained on this machine, said before it is downloaded
//
// WebGPU tells what a single buffer may hold and nothing of how much memory there is; browsers tell the machine's memory in
// powers of two and no more than some bound. So a plan is held against what is known, and the sentence says what that was.

import { size } from '../../core/format'
import type { RunConfig } from '../../core/run/config'
import type { ForecastEngine, Forecast } from '../../engine/forecast'
import type { PlanShape } from '../../engine/policy'

/** What is known of a machine. */
export interface MachineLimits {
  engine: ForecastEngine
  /** Most bytes of a buffer of the adapter; Infinity where nothing is asked of one. */
  bufferBytes: number
  /** Memory as the browser tells it; undefined where it does not. */
  memoryBytes: number | undefined
}

export interface Fit {
  fits: 'yes' | 'tight' | 'no'
  sentence: string
}

/** WebAssembly addresses no more. */
const WASM_BYTES = 2 ** 32
/** Browsers tell of no more than this, whatever there is. */
const MOST_TOLD_BYTES = 2 ** 33
/** Share of the memory that one page can hope for while others run. */
const EASY_SHARE = 0.5
const LONGEST_EMBEDDED_PROMPT = 64

/** The largest batch that a configuration can lead to. */
export function shapeOf({ rollout, update, evaluation, task, data }: RunConfig): PlanShape {
  const prompt = task.kind === 'data' ? data.maxPromptTokens : LONGEST_EMBEDDED_PROMPT
  return {
    sampleRows: Math.max(rollout.prompts * rollout.groupSize, evaluation.problems),
    trainRows: update.microBatch,
    tokens: prompt + Math.max(rollout.maxNewTokens, evaluation.maxNewTokens),
  }
}

/** Holds a forecast against a machine. */
export function fitOf({ plan, largestBytes }: Forecast, { engine, bufferBytes, memoryBytes }: MachineLimits): Fit {
  const needs = `A run as it is set holds at most ${size(plan.totalBytes)}`
  if (engine === 'wasm' && plan.totalBytes > WASM_BYTES)
    return {
      fits: 'no',
      sentence: `${needs}, and WebAssembly, which would compute it here, addresses ${size(WASM_BYTES)}.`,
    }
  if (largestBytes > bufferBytes)
    return {
      fits: 'no',
      sentence: `A run as it is set needs a buffer of ${size(largestBytes)}, and the adapter has none above ${size(bufferBytes)}: fewer prompts, or shorter completions.`,
    }
  if (memoryBytes === undefined)
    return { fits: 'tight', sentence: `${needs}; this browser does not say how much there is.` }
  const told = memoryBytes >= MOST_TOLD_BYTES ? `${size(memoryBytes)} or more` : size(memoryBytes)
  if (plan.totalBytes <= EASY_SHARE * memoryBytes)
    return { fits: 'yes', sentence: `${needs}, of ${told} that this machine has.` }
  if (plan.totalBytes <= memoryBytes || memoryBytes >= MOST_TOLD_BYTES)
    return { fits: 'tight', sentence: `${needs}, of ${told} that this machine has: close other programs first.` }
  return { fits: 'no', sentence: `${needs}, and this machine has ${told}.` }
}

/** What to take: the smallest of those that fit easily, else the smallest that may fit. */
export function recommended<T extends { problem: string; fit: Fit | null }>(choices: readonly T[]): T | undefined {
  const readable = choices.filter(({ problem }) => problem === '')
  return (
    readable.find(({ fit }) => fit?.fits === 'yes') ??
    readable.find(({ fit }) => fit?.fits === 'tight') ??
    readable.find(({ fit }) => fit === null)
  )
}
