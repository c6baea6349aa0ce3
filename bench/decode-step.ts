// decode-step.ts: time of one decoding step of ours, in any host

import type { Policy } from '../src/engine/policy'
import { timed } from './claim'

export interface StepJob {
  prompts: readonly (readonly number[])[]
  samples: number
  newTokens: number
}

/** What `newTokens` tokens take beyond one, by step: without prefill, in ms. Greedy where a prompt has one sample. */
export async function decodeStepMs(policy: Policy, { prompts, samples, newTokens }: StepJob): Promise<number> {
  const sample = (maxNewTokens: number) =>
    timed(() =>
      policy.sample({
        prompts,
        promptIds: prompts.map((_, i) => i),
        samples,
        maxNewTokens,
        temperature: samples > 1 ? 1 : 0,
        topK: 0,
        topP: 1,
        minP: 0,
        stopTokenIds: [],
        seed: 0,
        step: 0,
        adapter: true,
      }),
    )
  const first = await sample(1)
  return ((await sample(newTokens)) - first) / (newTokens - 1)
}
