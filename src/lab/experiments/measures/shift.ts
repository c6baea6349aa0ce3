// shift.ts: how likely a trained policy makes the answers of the untrained one
//
// log π/π_ref of a pool's answers is all that the theory needs to know of a policy: importance weights, divergences,
// drift, and the line in the reward that a tilt would be (algorithms.md §5.3).

import type { Measure } from '../experiment'
import { sequenceLogps, type PoolResult } from './pool'

export interface ShiftResult {
  /** log π/π_ref of each answer of the pool, nats, [prompt][sample]. */
  logRatios: number[][]
}

/** log π/π_ref of the answers in the pool that was drawn of the untrained arm. */
export function shift(pool: Measure<PoolResult>): Measure<ShiftResult> {
  return {
    name: 'shift',
    settings: { pool: pool.settings },
    cost: { ...pool.cost, drawn: 0 },
    async take({ model, options, ofBase }) {
      const { promptTokens, tokens, logps } = await ofBase(pool)
      const sequences = tokens.flatMap((answers, i) =>
        answers.map((answer) => ({ tokens: [...promptTokens[i], ...answer], from: promptTokens[i].length })),
      )
      const scored = await sequenceLogps(model, sequences, { adapter: true }, options)
      let read = 0
      return { logRatios: logps.map((row) => row.map((logp) => scored[read++] - logp)) }
    },
  }
}
