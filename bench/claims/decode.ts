// decode.ts: one sequence of SmolLM2, token by token

import { compareDecoding } from '../decoding'
import type { Comparison } from '../claim'
import type { Machine } from '../machine'

export default async function* decode(machine: Machine): AsyncGenerator<Comparison> {
  yield await compareDecoding(machine, {
    model: 'smollm2',
    name: 'SmolLM2-135M',
    prompts: 1,
    promptTokens: 37,
    samples: 1,
    newTokens: { ours: 33, peer: 9 },
    rounds: 3,
    atLeast: { software: 3, hardware: 1.5 },
  })
}
