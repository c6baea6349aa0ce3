// batches.ts: many sequences at once, alone and as groups that share their prompt

import type { Comparison } from '../claim'
import { compareDecoding } from '../decoding'
import type { Machine } from '../machine'

export default async function* batches(machine: Machine): AsyncGenerator<Comparison> {
  for (const samples of [1, 4]) {
    yield await compareDecoding(machine, {
      model: 'smollm2',
      name: 'SmolLM2-135M',
      prompts: 8,
      // The peer prefills every row: longer prompts would take minutes on a CPU adapter, outside of what is timed.
      promptTokens: 16,
      samples,
      newTokens: { ours: 17, peer: 6 },
      rounds: 3,
      atLeast: { software: 4, hardware: 4 },
    })
  }
}
