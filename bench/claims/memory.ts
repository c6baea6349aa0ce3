// memory.ts: device memory of GRPO on Qwen2.5-0.5B, 8 × 8 completions of 256 tokens
//
// Weights are random, 4 bits with the float16 embedding of the Hub's q4f16 file. Sampling and training are begun and, once every
// buffer is there, stopped: memory does not depend on how far they get, and a CPU adapter would take an hour.

import { CancelledError } from '../../src/core/errors'
import { compared, someTokens, type Comparison } from '../claim'
import { counted } from '../counted'
import type { Machine } from '../machine'
import { loadOurs } from '../ours'
import { QWEN25_HALF_BILLION, randomModel, RANDOM_DTYPE } from '../random-model'
import { scoredRow } from '../training'

const PROMPTS = 8
const GROUP = 8
const PROMPT = 64
const COMPLETION = 256
const GIGABYTE = 1e9
/** mlx-node's own figure for Qwen3-0.6B on Apple silicon. */
const CLAIMED_BY_PEER = 4
/** Long enough for a phase to begin its first submission. */
const BEGUN_MS = 5000

export default async function* memory(machine: Machine): AsyncGenerator<Comparison> {
  const { gpu, peakBytes } = counted(machine.gpu)
  const policy = await loadOurs(gpu, randomModel(QWEN25_HALF_BILLION), { dtype: RANDOM_DTYPE, rank: 16 })
  const plan = policy.memoryPlan({
    sampleRows: PROMPTS * GROUP,
    trainRows: PROMPTS * GROUP,
    tokens: PROMPT + COMPLETION,
  })
  const vocabulary = policy.spec.vocabSize
  const prompts = Array.from({ length: PROMPTS }, (_, i) => someTokens(PROMPT, vocabulary, i + 1))
  await begin((signal) =>
    policy.sample(
      {
        prompts,
        promptIds: prompts.map((_, i) => i),
        samples: GROUP,
        maxNewTokens: COMPLETION,
        temperature: 1,
        topK: 0,
        topP: 1,
        minP: 0,
        stopTokenIds: [],
        seed: 0,
        step: 0,
        adapter: true,
      },
      { signal },
    ),
  )
  const rows = prompts.flatMap((prompt, i) =>
    Array.from({ length: GROUP }, (_, g) =>
      scoredRow([...prompt, ...someTokens(COMPLETION, vocabulary, 100 + i * GROUP + g)], PROMPT),
    ),
  )
  await begin((signal) => policy.accumulate(rows, 1, { signal }))
  policy.dispose()
  const common = {
    unit: 'GB',
    peer: CLAIMED_BY_PEER,
    peerName: 'mlx-node, claimed',
    atLeast: 2,
    adapter: machine.adapter,
  } as const
  const name = `memory of GRPO, Qwen2.5-0.5B, ${PROMPTS} × ${GROUP} × ${COMPLETION} tokens`
  yield compared({ ...common, name: `${name}: planned`, ours: plan.totalBytes / GIGABYTE })
  yield compared({ ...common, name: `${name}: buffers counted`, ours: peakBytes() / GIGABYTE })
}

/** Starts work and stops it soon. */
async function begin(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  try {
    await work(AbortSignal.timeout(BEGUN_MS))
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
  }
}
