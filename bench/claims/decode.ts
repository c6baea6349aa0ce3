// decode.ts: one sequence, token by token

import type { Comparison } from '../claim'
import { compareDecoding } from '../decoding'
import type { Machine } from '../machine'

const MODELS = { smollm2: 'SmolLM2-135M', 'qwen2.5-0.5b': 'Qwen2.5-0.5B' }

export default async function* decode(machine: Machine): AsyncGenerator<Comparison> {
  for (const [model, name] of Object.entries(MODELS)) {
    yield await compareDecoding(machine, {
      model,
      name,
      prompts: 1,
      promptTokens: 37,
      samples: 1,
      newTokens: { ours: 33, peer: 9 },
      atLeast: { software: 3, hardware: 1.5 },
    })
  }
}
