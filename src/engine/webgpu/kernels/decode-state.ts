// decode-state.ts: completions that grow on the device
//
// The host encodes many tokens ahead. What a token needs (who is decoded where, what comes next, when to stop) lies in
// buffers that decode-state-advance.wgsl keeps up to date; decode-state.wgsl says how.

import type { Completion, SampleRequest } from '../../policy'
import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { TOKEN_WORDS } from '../packing'
import advanceText from './decode-state-advance.wgsl?raw'
import stateText from './decode-state.wgsl?raw'

/** Most completions that decode together. */
export const MAX_DECODE_ROWS = 128
/** Most ids that end a completion. */
const MAX_STOPS = 32
/** Words of the structs in decode-state.wgsl. */
const SETTINGS_WORDS = 8 + MAX_STOPS
const ROW_WORDS = 9
const DRAW_WORDS = 2
const STOPPED = 1

/** Buffers of completions that decode together. */
export interface DecodeState {
  /** The request's settings, for every kernel that draws */
  settings: View
  /** [completions] Row */
  rows: View
  /** [decoding rows] Token: the input of the next pass; `row` is the completion */
  tokens: View
  /** [decoding rows] Draw: what was drawn last */
  draws: View
  /** [completions, budget] Draw */
  outputs: View
  /** The uniform `batch` of decoding passes: how many completions go on */
  batch: View
}

/** A completion before its first token. */
export interface DecodeRow {
  /** Words of its random address. */
  promptId: number
  sample: number
  /** Row of hidden states from which its first token is drawn: completions of one prompt share it. */
  source: number
  /** Slots of the prompt. */
  prefixStart: number
  prefixEnd: number
  /** Slot of its first token; the others follow. */
  ownStart: number
  /** Position of its first token: the length of the prompt. */
  firstPosition: number
}

/** Bytes of each buffer for this many completions of at most `budget` tokens. */
export function decodeStateSizes(completions: number, budget: number): Record<keyof DecodeState, number> {
  return {
    settings: 4 * SETTINGS_WORDS,
    rows: 4 * ROW_WORDS * completions,
    tokens: 4 * TOKEN_WORDS * completions,
    draws: 4 * DRAW_WORDS * completions,
    outputs: 4 * DRAW_WORDS * completions * budget,
    batch: 16,
  }
}

/** Begins to decode: completion i is decoded in row i until others end. */
export function writeDecodeState(
  gpu: Gpu,
  state: DecodeState,
  {
    seed,
    step,
    temperature,
    topK,
    topP,
    minP,
    maxNewTokens,
    stopTokenIds,
  }: Omit<SampleRequest, 'prompts' | 'promptIds'>,
  rows: readonly DecodeRow[],
): void {
  if (rows.length > MAX_DECODE_ROWS) throw new Error(`${rows.length} completions cannot decode together`)
  if (stopTokenIds.length > MAX_STOPS) throw new Error(`${stopTokenIds.length} stop ids are more than ${MAX_STOPS}`)
  const settings = new Uint32Array(SETTINGS_WORDS)
  settings.set([seed, step, floatBits(temperature), topK, floatBits(topP), floatBits(minP)])
  settings.set([maxNewTokens, stopTokenIds.length, ...stopTokenIds], 6)
  gpu.write(state.settings, settings)
  const words = new Uint32Array(rows.length * ROW_WORDS)
  const tokens = new Uint32Array(rows.length * TOKEN_WORDS)
  rows.forEach(({ promptId, sample, source, prefixStart, prefixEnd, ownStart, firstPosition }, i) => {
    words.set([promptId, sample, source, prefixStart, prefixEnd, ownStart, firstPosition], i * ROW_WORDS)
    tokens[(i + 1) * TOKEN_WORDS - 1] = i
  })
  gpu.write(state.rows, words)
  gpu.write(state.tokens, tokens)
  gpu.write(state.batch, Uint32Array.of(rows.length, 0, 0, 0))
}

/**
 * Records what follows a draw: keeps the tokens, ends completions at a stop id or when their budget is used, and makes those
 * that go on, in their order, rows 0 … count − 1 of the next pass (`tokens`, `batch`).
 *
 * @param budget  that `outputs` was made for
 */
export function advance(gpu: Gpu, recording: Recording, state: DecodeState, budget: number): void {
  const { settings, draws, rows, outputs, tokens, batch } = state
  recording.dispatch({
    kernel: gpu.kernel(
      { label: 'decode-advance', files: [advanceText, stateText], constants: { WORKGROUP: MAX_DECODE_ROWS } },
      ['read', 'read', 'write', 'write', 'write', 'write'],
    ),
    // Anything: the pass's batch is written here, so that it cannot be the uniform one.
    batch: settings,
    shape: [budget],
    views: [settings, draws, rows, outputs, tokens, batch],
    grid: () => [1],
    work: (live) => ({ flops: 0, bytes: 100 * live }),
  })
}

/** How many completions go on. */
export async function goingRows(gpu: Gpu, { batch }: DecodeState): Promise<number> {
  return (await gpu.readWords(batch))[0]
}

/** What the first `count` completions have drawn so far. */
export async function readCompletions(
  gpu: Gpu,
  { rows, outputs }: DecodeState,
  count: number,
  budget: number,
): Promise<Completion[]> {
  const [rowBytes, outputBytes] = await gpu.read(
    { ...rows, size: 4 * ROW_WORDS * count },
    { ...outputs, size: 4 * DRAW_WORDS * count * budget },
  )
  const words = new Uint32Array(rowBytes)
  const tokens = new Uint32Array(outputBytes)
  const logps = new Float32Array(outputBytes)
  return Array.from({ length: count }, (_, i) => {
    const [drawn, finished] = words.subarray((i + 1) * ROW_WORDS - 2)
    const place = (position: number) => DRAW_WORDS * (i * budget + position)
    return {
      tokens: Array.from({ length: drawn }, (_, position) => tokens[place(position)]),
      logps: Float64Array.from({ length: drawn }, (_, position) => logps[place(position) + 1]),
      finishReason: finished === STOPPED ? 'stop' : 'length',
    }
  })
}
