// logits.ts: log-probabilities, entropies, exact KL and their gradients from logits that come by in chunks of the vocabulary
//
// For each chunk a `linear` writes [entries, chunk] logits and `foldLogits` takes them into each entry's running values;
// `finishLogits` ends it. For a gradient each chunk is made again and `logitGradient` replaces it by its gradient. Memory does
// not grow with the vocabulary. Everything is at logits / temperature, in nats.

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import finishText from './logits-finish.wgsl?raw'
import foldText from './logits-fold.wgsl?raw'
import sumText from './sum.wgsl?raw'
import gradientText from './logits-gradient.wgsl?raw'
import text from './logits.wgsl?raw'
import { laneWorkgroup, rowGrid } from './tiles'

/** A scored token and its weights in the objective Σ coefficient·log p(token) + Σ entropyCoefficient·H. */
export interface LogitEntry {
  token: number
  coefficient: number
  entropyCoefficient: number
}

/** Bytes of an entry on the device. */
export const ENTRY_BYTES = 16
/** Running values of an entry. */
export const STATE_FLOATS = 8
/** Results of an entry: log-probability, entropy, KL(policy ‖ reference) (0 without one), log Σ exp(logit / temperature). */
export const RESULT_FLOATS = 4

/** Entries as the kernels read them. */
export function entryWords(entries: readonly LogitEntry[]): Uint32Array {
  return Uint32Array.from(
    entries.flatMap(({ token, coefficient, entropyCoefficient }) => [
      token,
      floatBits(coefficient),
      floatBits(entropyCoefficient),
      0,
    ]),
  )
}

/** A chunk of the vocabulary, tokens firstToken … firstToken + chunk − 1, for each live entry. */
interface Chunk {
  batch: View
  /** [entries, chunk] */
  logits: View
  /** [entries], from `entryWords` */
  entries: View
  firstToken: number
  /** A multiple of 4. */
  chunk: number
  temperature: number
}

export interface FoldLogits extends Chunk {
  /** [entries, chunk] logits of the reference, for the KL; for all chunks or for none. */
  reference?: View
  /** [entries, STATE_FLOATS]; its contents do not matter at firstToken 0. */
  state: View
}

/** Records taking a chunk into the running values. The chunk of token 0 comes first. */
export function foldLogits(gpu: Gpu, recording: Recording, call: FoldLogits): void {
  const { batch, logits, reference, entries, state, chunk } = call
  const { constants, subgroups } = laneWorkgroup(gpu)
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'fold logits',
        files: [text, foldText, sumText],
        constants: { ...constants, REFERENCE: reference !== undefined },
        subgroups,
      },
      ['read', 'read', 'write', ...(reference ? (['read'] as const) : [])],
    ),
    batch,
    shape: chunkShape(call),
    views: [logits, entries, state, ...(reference ? [reference] : [])],
    grid: rowGrid,
    work: (rows) => ({ flops: 8 * rows * chunk, bytes: (reference ? 8 : 4) * rows * chunk }),
  })
}

export interface FinishLogits {
  batch: View
  /** [entries, STATE_FLOATS] after all chunks */
  state: View
  /** [entries, RESULT_FLOATS] */
  out: View
  temperature: number
}

/** Records the results of each live entry. */
export function finishLogits(gpu: Gpu, recording: Recording, { batch, state, out, temperature }: FinishLogits): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'finish logits', files: [text, finishText], constants: {} }, ['read', 'write']),
    batch,
    shape: [floatBits(1 / temperature)],
    views: [state, out],
    grid: (rows) => [Math.ceil(rows / 64)],
    work: (rows) => ({ flops: 20 * rows, bytes: 48 * rows }),
  })
}

export interface LogitGradient extends Chunk {
  /** [entries, RESULT_FLOATS] of `finishLogits` */
  results: View
}

/** Records replacing a chunk's logits by the objective's gradient with respect to them. */
export function logitGradient(gpu: Gpu, recording: Recording, call: LogitGradient): void {
  const { batch, logits, entries, results, chunk } = call
  recording.dispatch({
    kernel: gpu.kernel({ label: 'logit gradient', files: [text, gradientText], ...laneWorkgroup(gpu) }, [
      'read',
      'read',
      'write',
    ]),
    batch,
    shape: chunkShape(call),
    views: [entries, results, logits],
    grid: rowGrid,
    work: (rows) => ({ flops: 10 * rows * chunk, bytes: 8 * rows * chunk }),
  })
}

function chunkShape({ chunk, firstToken, temperature }: Chunk): number[] {
  if (chunk % 4 !== 0) throw new Error(`a chunk of ${chunk} tokens is no multiple of 4`)
  return [chunk / 4, firstToken, floatBits(1 / temperature)]
}
