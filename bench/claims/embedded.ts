// embedded.ts: one step of the default run, against the reference on tfjs-wasm
//
// Ours samples; both score and train on what was sampled, so that both do the same work.

import type { GradientRow, Policy } from '../../src/engine/policy'
import { defaultConfig } from '../../src/core/run/config'
import { loadTokenizer } from '../../src/engine/tokenizer'
import { modelSource } from '../../src/runner/models'
import { compared, inTurns, timed, type Comparison } from '../claim'
import type { Machine } from '../machine'
import { loadOurs, loadReference } from '../ours'
import { scoredRow, trainingStepMs } from '../training'

const { rollout, model, adapter } = defaultConfig
const INSTRUCTION = 'Think step by step. End with #### and the number.'
const SUMS = ['12 + 7', '31 + 45', '8 + 64', '17 + 5', '23 + 23', '50 + 9', '6 + 77', '40 + 38']

export default async function* embedded(machine: Machine): AsyncGenerator<Comparison> {
  const files = modelSource(model.id)
  const options = { dtype: model.dtype, rank: adapter.rank }
  const ours = await loadOurs(machine.gpu, files, options)
  const reference = await loadReference(files, options, 'wasm')
  const tokenizer = await loadTokenizer(files)
  const prompts = SUMS.slice(0, rollout.prompts).map((sum) =>
    tokenizer.encodeChat([{ role: 'user', content: `${sum} = ? ${INSTRUCTION}` }]),
  )
  const rows = await sampledRows(ours, prompts)
  const parts: Record<string, (policy: Policy) => Promise<number>> = {
    sampling: (policy) => timed(() => sampledRows(policy, prompts)),
    scoring: (policy) => timed(() => scoreTwice(policy, rows)),
    training: (policy) => trainingStepMs(policy, rows),
  }
  const total = { ours: 0, peer: 0 }
  const common = { unit: 'ms', peerName: reference.engine, adapter: machine.adapter } as const
  for (const [part, measure] of Object.entries(parts)) {
    const ms = await inTurns({ ours: () => measure(ours), peer: () => measure(reference) }, { rounds: 3 })
    total.ours += ms.ours
    total.peer += ms.peer
    yield compared({
      ...common,
      ...ms,
      name: `${model.id}, 64 × ${rollout.maxNewTokens} tokens: ${part}`,
      atLeast: null,
    })
  }
  yield compared({ ...common, ...total, name: `${model.id}: one step of GRPO`, atLeast: 3 })
}

async function sampledRows(policy: Policy, prompts: readonly number[][]): Promise<GradientRow[]> {
  const { groupSize, maxNewTokens, temperature, topK, topP, minP } = rollout
  const completions = await policy.sample({
    prompts,
    promptIds: prompts.map((_, i) => i),
    samples: groupSize,
    maxNewTokens,
    temperature,
    topK,
    topP,
    minP,
    stopTokenIds: policy.spec.eosTokenIds,
    seed: 0,
    step: 1,
    adapter: true,
  })
  return completions.map(({ tokens }, i) => {
    const prompt = prompts[Math.floor(i / groupSize)]
    return scoredRow([...prompt, ...tokens], prompt.length)
  })
}

/** As the trainer does: under the policy with entropies, then under the reference. */
async function scoreTwice(policy: Policy, rows: readonly GradientRow[]): Promise<void> {
  const request = { temperature: rollout.temperature, klToReference: false }
  await policy.score(rows, { ...request, adapter: true, entropy: true })
  await policy.score(rows, { ...request, adapter: false, entropy: false })
}
