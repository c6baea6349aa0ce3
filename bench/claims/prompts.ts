// prompts.ts: a group's prompt is computed once, forward and backward, instead of once for every completion

import { compared, inTurns, someTokens, type Comparison } from '../claim'
import type { Machine } from '../machine'
import { loadOurs } from '../ours'
import { randomModel, RANDOM_DTYPE, SMOLLM2_BLOCK } from '../random-model'
import { scoredRow, trainingStepMs } from '../training'

const PROMPT = 256
const COMPLETION = 64
const GROUP = 8
const VOCABULARY = 1024

export default async function* prompts(machine: Machine): AsyncGenerator<Comparison> {
  const files = randomModel({
    ...SMOLLM2_BLOCK,
    layers: 2,
    vocabulary: VOCABULARY,
    linears: 'q4',
    embedding: 'q4',
  })
  const policy = await loadOurs(machine.gpu, files, { dtype: RANDOM_DTYPE, rank: 16 })
  // Apart only in the first token of the prompt, which is enough for nothing to be shared.
  const rows = (first: (sample: number) => number) =>
    Array.from({ length: GROUP }, (_, i) =>
      scoredRow(
        [first(i), ...someTokens(PROMPT - 1, VOCABULARY, 1), ...someTokens(COMPLETION, VOCABULARY, 2 + i)],
        PROMPT,
      ),
    )
  const shared = rows(() => 5)
  const apart = rows((sample) => 10 + sample)
  const ms = await inTurns(
    { ours: () => trainingStepMs(policy, shared), peer: () => trainingStepMs(policy, apart) },
    { rounds: 3 },
  )
  policy.dispose()
  yield compared({
    ...ms,
    name: `training step with a shared prompt (prompt ${PROMPT}, completion ${COMPLETION}, G ${GROUP})`,
    unit: 'ms',
    peerName: 'each sequence packed alone',
    atLeast: 1.8,
    adapter: machine.adapter,
  })
}
