// waves.ts: a sampling request cut into completions that decode together

import type { SampleRequest } from '../policy'
import type { DecodeRow } from './kernels/decode-state'

/** Completions that decode together: which prompts are read, and which samples of them are drawn. */
export interface Wave {
  prompts: { tokens: readonly number[]; start: number }[]
  rows: DecodeRow[]
  /** Of each row in the caller's list. */
  places: number[]
}

/** Cuts a request into waves of at most so many prompt tokens and rows. */
export function waves(request: SampleRequest, capacity: { rows: number; promptTokens: number }): Wave[] {
  const { prompts, promptIds, samples, maxNewTokens } = request
  const all: Wave[] = []
  let wave: Wave = { prompts: [], rows: [], places: [] }
  let used = 0
  const close = () => {
    if (wave.rows.length === 0) return
    // A completion's slots come after all prompts'.
    wave.rows.forEach((row, i) => (row.ownStart = used + i * maxNewTokens))
    all.push(wave)
    wave = { prompts: [], rows: [], places: [] }
    used = 0
  }
  prompts.forEach((tokens, prompt) => {
    let source = -1
    for (let sample = 0; sample < samples; sample++) {
      const tooLong = source < 0 && wave.rows.length > 0 && used + tokens.length > capacity.promptTokens
      if (wave.rows.length >= capacity.rows || tooLong) {
        close()
        source = -1
      }
      if (source < 0) {
        source = wave.prompts.length
        wave.prompts.push({ tokens, start: used })
        used += tokens.length
      }
      const prefixStart = wave.prompts[source].start
      wave.rows.push({
        promptId: promptIds[prompt], sample, source, prefixStart, prefixEnd: prefixStart + tokens.length, ownStart: 0,
        firstPosition: tokens.length,
      }) // prettier-ignore
      wave.places.push(prompt * samples + sample)
    }
  })
  close()
  return all
}
