// deterministic.ts: what it costs that a token's bits do not depend on the batch
//
// Where lanes are shared it costs nothing, because those kernels sum in one order anyway. Elsewhere, as on graphics cards, many
// rows are otherwise multiplied by tiles that sum in another order than those of few rows; so this runs without subgroups too.

import type { Policy } from '../../src/engine/policy'
import { loadWebGpuPolicy, type LoadOptions } from '../../src/engine/webgpu/policy'
import { compared, inTurns, someTokens, type Comparison } from '../claim'
import { decodeStepMs } from '../decode-step'
import type { Machine } from '../machine'
import { randomModel, RANDOM_DTYPE, SMOLLM2_BLOCK, type ModelShape } from '../random-model'

const SHAPE: ModelShape = { ...SMOLLM2_BLOCK, layers: 4, vocabulary: 8192, linears: 'q4', embedding: 'q4' }
const PROMPTS = 8
const SAMPLES = 4
const ROUNDS = 5
/** A deterministic step may take one and a half times as long. */
const AT_LEAST = 0.67

export default async function* deterministic(machine: Machine): AsyncGenerator<Comparison> {
  for (const subgroups of [true, false]) {
    const open = (options: Partial<LoadOptions>): Promise<Policy> =>
      loadWebGpuPolicy(randomModel(SHAPE), {
        gpu: machine.gpu, dtype: RANDOM_DTYPE, adapter: { rank: 16, alpha: 16 }, seed: 0, subgroups, ...options,
      }) // prettier-ignore
    const policies = { fast: await open({}), deterministic: await open({ deterministic: true }) }
    const prompts = Array.from({ length: PROMPTS }, (_, i) => someTokens(16, SHAPE.vocabulary, i + 1))
    const step = (policy: Policy) => decodeStepMs(policy, { prompts, samples: SAMPLES, newTokens: 17 })
    const stepMs = await inTurns(
      { fast: () => step(policies.fast), deterministic: () => step(policies.deterministic) },
      { rounds: ROUNDS },
    )
    Object.values(policies).forEach((policy) => policy.dispose())
    yield compared({
      name: `deterministic decoding, ${PROMPTS * SAMPLES} rows of 4 layers${subgroups ? '' : ', without subgroups'}`,
      unit: 'ms',
      ours: stepMs.deterministic,
      peer: stepMs.fast,
      peerName: 'the same, not deterministic',
      atLeast: AT_LEAST,
      adapter: machine.adapter,
    })
  }
}
