// support.ts: onnxruntime and PyTorch as oracles of the engine

import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers'
import type { Dtype } from '../../src/engine/dtypes'
import type { FileSource } from '../../src/engine/hub'
import type { AdapterConfig, Policy } from '../../src/engine/policy'
import { loadReferencePolicy } from '../../src/engine/reference/policy'
import { largestDifference, repositoryPath, sampling } from '../engine/support'
import { hasAdapter, openTestPolicy } from '../engine/webgpu/device'

/** SmolLM2 lies beside the repository where the workplace provides it. */
export const SMOLLM2 = '../shared/models/SmolLM2-135M-Instruct'

/** The engines that run here, as what opens a model folder. */
export const ENGINES: Record<string, (files: FileSource, dtype: Dtype, adapter: AdapterConfig) => Promise<Policy>> = {
  reference: (files, dtype, adapter) => loadReferencePolicy(files, { dtype, backend: 'wasm', adapter, seed: 1 }),
  ...((await hasAdapter()) && { webgpu: openTestPolicy }),
}

/** Whether to run tests on SmolLM2: in CI always, so that a missing file is a failure and not silence. */
export function hasSmolLm2(): boolean {
  const found = existsSync(repositoryPath(SMOLLM2))
  if (!found) console.warn(`skipped: ${SMOLLM2} is not there`)
  return found || process.env.CI !== undefined
}

/** log p of tokens 1 … end, and the entropy of the distribution that each was drawn from, in nats. */
export interface Likelihood {
  logps: ArrayLike<number>
  entropies: ArrayLike<number>
}

/** By transformers.js on onnxruntime, softmax in float64. */
export async function onnxLikelihood(folder: string, dtype: Dtype, tokens: readonly number[]): Promise<Likelihood> {
  const path = repositoryPath(folder)
  env.allowRemoteModels = false
  env.localModelPath = `${dirname(path)}/`
  const model = await AutoModelForCausalLM.from_pretrained(basename(path), {
    dtype,
    device: 'cpu',
    local_files_only: true,
  })
  try {
    const shape = [1, tokens.length]
    const { logits } = (await model({
      input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), shape),
      attention_mask: new Tensor('int64', new BigInt64Array(tokens.length).fill(1n), shape),
    })) as { logits: Tensor }
    const values = logits.to('float32').data as Float32Array
    const vocabulary = logits.dims[2]
    const rows = tokens.slice(1).map((token, i) => {
      const row = values.subarray(i * vocabulary, (i + 1) * vocabulary)
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity)
      const mass = row.reduce((total, logit) => total + Math.exp(logit - largest), 0)
      const mean = row.reduce((total, logit) => total + Math.exp(logit - largest) * (logit - largest), 0) / mass
      return { logp: row[token] - largest - Math.log(mass), entropy: Math.log(mass) - mean }
    })
    return { logps: rows.map(({ logp }) => logp), entropies: rows.map(({ entropy }) => entropy) }
  } finally {
    await model.dispose()
  }
}

/** By the policy, adapter off. */
export async function policyLikelihood(policy: Policy, tokens: readonly number[]): Promise<Likelihood> {
  const request = { adapter: false, temperature: 1, entropy: true, klToReference: false }
  const [{ logps, entropies }] = await policy.score([{ tokens, from: 1 }], request)
  return { logps, entropies: entropies! }
}

/** Largest difference of two likelihoods, in nats. */
export function likelihoodError(a: Likelihood, b: Likelihood): number {
  return Math.max(largestDifference(a.logps, b.logps), largestDifference(a.entropies, b.entropies))
}

/**
 * How many of `count` greedy tokens a policy and onnxruntime agree on, and by how much the policy likes its own first other
 * token better than theirs: two that are as good as equal may go either way.
 */
export async function greedyAgreement(
  policy: Policy,
  folder: string,
  dtype: Dtype,
  prompt: readonly number[],
  count = 64,
): Promise<{ alike: number; gap: number }> {
  const theirs = await onnxGreedy(folder, dtype, prompt, count)
  const one = { prompts: [prompt], promptIds: [0], samples: 1 }
  const greedy = sampling({ ...one, temperature: 0, maxNewTokens: count, adapter: false })
  const [{ tokens: ours, logps }] = await policy.sample(greedy)
  const apart = ours.findIndex((token, i) => token !== theirs[i])
  if (apart < 0) return { alike: count, gap: 0 }
  const rival = [...prompt, ...ours.slice(0, apart), theirs[apart]]
  const request = { adapter: false, temperature: 1, entropy: false, klToReference: false }
  const [{ logps: rivalLogps }] = await policy.score([{ tokens: rival, from: rival.length - 1 }], request)
  return { alike: apart, gap: Math.abs(rivalLogps[0] - logps[apart]) }
}

/** Greedy continuation of a prompt by transformers.js on onnxruntime. */
export async function onnxGreedy(
  folder: string,
  dtype: Dtype,
  prompt: readonly number[],
  tokens: number,
): Promise<number[]> {
  const path = repositoryPath(folder)
  env.allowRemoteModels = false
  env.localModelPath = `${dirname(path)}/`
  const options = { dtype, device: 'cpu', local_files_only: true } as const
  const model = await AutoModelForCausalLM.from_pretrained(basename(path), options)
  try {
    const shape = [1, prompt.length]
    const output = (await model.generate({
      inputs: new Tensor('int64', BigInt64Array.from(prompt, BigInt), shape),
      attention_mask: new Tensor('int64', new BigInt64Array(prompt.length).fill(1n), shape),
      max_new_tokens: tokens,
      min_new_tokens: tokens,
      do_sample: false,
      repetition_penalty: 1,
    } as never)) as Tensor
    return Array.from(output.data as BigInt64Array, Number).slice(prompt.length)
  } finally {
    await model.dispose()
  }
}
