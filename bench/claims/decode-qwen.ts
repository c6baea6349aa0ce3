// decode-qwen.ts: one sequence of Qwen2.5-0.5B, token by token

import { compareDecoding } from '../decoding'
import type { Comparison } from '../claim'
import type { Machine } from '../machine'

export default async function* decodeQwen(machine: Machine): AsyncGenerator<Comparison> {
  yield await compareDecoding(machine, {
    model: 'qwen2.5-0.5b',
    name: 'Qwen2.5-0.5B',
    prompts: 1,
    // The peer takes seconds a token on a CPU adapter.
    promptTokens: 8,
    samples: 1,
    newTokens: { ours: 17, peer: 5 },
    rounds: 2,
    atLeast: { software: 3, hardware: 1.5 },
  })
}
