// model-answers.ts: `tiltlab inspect score`, `gradient` and `sample` on this machine

import { ConfigError } from '../../core/errors'
import { inspectGradient, inspectSample, inspectScore } from '../../engine/inspect'
import type { Policy } from '../../engine/policy'
import { loadTokenizer } from '../../engine/tokenizer'
import { openModel } from '../load'
import { modelSource, type ModelOptions } from '../models'
import { answerEach } from './each'

type Options = ModelOptions & { model: string }

/** Log-probabilities, for one document or for each of an array. */
export function score(document: unknown, options: Options): Promise<unknown> {
  return withPolicy(options, (policy) => answerEach(document, (item) => inspectScore(policy, item)))
}

/** A safetensors file. @throws {ConfigError} for an array of documents: they would need a file each */
export function gradient(document: unknown, options: Options): Promise<Uint8Array> {
  if (Array.isArray(document)) throw new ConfigError('document', 'expected one object: a gradient is one file')
  return withPolicy(options, (policy) => inspectGradient(policy, document))
}

/** Completions, for one document or for each of an array. */
export async function sample(document: unknown, options: Options): Promise<unknown> {
  const tokenizer = await loadTokenizer(modelSource(options.model))
  return withPolicy(options, (policy) => answerEach(document, (item) => inspectSample(policy, tokenizer, item)))
}

async function withPolicy<T>(options: Options, use: (policy: Policy) => Promise<T>): Promise<T> {
  const policy = await openModel(options)
  try {
    return await use(policy)
  } finally {
    policy.dispose()
  }
}
