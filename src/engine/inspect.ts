// inspect.ts: `tiltlab inspect score`, `gradient` and `sample`: a model's numbers for a JSON document
//
// The same calls that training makes, on a policy and a tokenizer that the host has loaded.

import * as v from 'valibot'
import { ConfigError } from '../core/errors'
import { validate } from '../core/run/validate'
import { writeSafetensors } from './formats/safetensors'
import type { Policy } from './policy'
import type { Tokenizer } from './tokenizer'

const count = (minimum: number) => v.pipe(v.number(), v.integer(), v.minValue(minimum))
const token = count(0)
const tokens = v.pipe(v.array(token), v.minLength(1))
const sequence = v.strictObject({ tokens, from: count(1) })
const sequences = v.pipe(v.array(sequence), v.minLength(1))
const temperature = v.pipe(v.number(), v.finite(), v.gtValue(0))

const ScoreDocument = v.strictObject({
  sequences,
  entropy: v.optional(v.boolean(), false),
  temperature: v.optional(temperature, 1),
})

const GradientDocument = v.strictObject({
  ...ScoreDocument.entries,
  coefficients: v.array(v.array(v.pipe(v.number(), v.finite()))),
})

const message = v.strictObject({ role: v.pipe(v.string(), v.nonEmpty()), content: v.string() })

const SampleDocument = v.strictObject({
  prompts: v.optional(v.pipe(v.array(tokens), v.minLength(1))),
  messages: v.optional(v.pipe(v.array(v.pipe(v.array(message), v.minLength(1))), v.minLength(1))),
  samples: v.optional(count(1), 1),
  maxNewTokens: v.optional(count(1), 64),
  temperature: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 1),
  topK: v.optional(count(0), 0),
  topP: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1),
  minP: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)), 0),
})

/** Per scored token, in nats over the full vocabulary. */
export interface ScoreAnswer {
  sequences: { logps: number[]; entropies?: number[] }[]
}

/**
 * Log-probabilities, and entropies if asked for, of tokens from … end given their prefixes.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export async function inspectScore(policy: Policy, document: unknown): Promise<ScoreAnswer> {
  const { sequences, entropy, temperature } = validate(ScoreDocument, document, '')
  checkSequences(policy, sequences)
  const scored = await policy.score(sequences, { adapter: true, temperature, entropy, klToReference: false })
  return {
    sequences: scored.map(({ logps, entropies }) => ({
      logps: [...logps],
      ...(entropies && { entropies: [...entropies] }),
    })),
  }
}

/**
 * d(Σ coefficient·logp) / d(every LoRA A and B), as a safetensors file with PEFT's names.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export async function inspectGradient(policy: Policy, document: unknown): Promise<Uint8Array> {
  const { sequences, coefficients, temperature } = validate(GradientDocument, document, '')
  checkSequences(policy, sequences)
  if (coefficients.length !== sequences.length) {
    throw new ConfigError(
      'coefficients',
      `expected ${sequences.length} rows, one for each sequence, got ${coefficients.length}`,
    )
  }
  const rows = sequences.map(({ tokens, from }, i) => {
    if (coefficients[i].length !== tokens.length - from) {
      const problem = `expected ${tokens.length - from} numbers, one for each scored token, got ${coefficients[i].length}`
      throw new ConfigError(`coefficients[${i}]`, problem)
    }
    return { tokens, from, coefficients: Float64Array.from(coefficients[i]) }
  })
  policy.clearGradient()
  await policy.accumulate(rows, temperature)
  const gradient = await policy.gradient()
  policy.clearGradient()
  return writeSafetensors(gradient)
}

/** Completions in the order of the prompts, `samples` of each. */
export interface SampleAnswer {
  completions: {
    prompt: number
    sample: number
    tokens: number[]
    text: string
    logps: number[]
    finishReason: 'stop' | 'length'
  }[]
}

/**
 * Draws completions of token prompts or of conversations. The draws of a prompt depend on the seed and on its own tokens,
 * not on the other prompts of the document; equal prompts count on.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export async function inspectSample(policy: Policy, tokenizer: Tokenizer, document: unknown): Promise<SampleAnswer> {
  const { prompts, messages, ...settings } = validate(SampleDocument, document, '')
  if ((prompts === undefined) === (messages === undefined)) {
    throw new ConfigError('prompts', 'expected either prompts (token ids) or messages (conversations), and not both')
  }
  const ids = prompts ?? messages!.map((conversation) => tokenizer.encodeChat(conversation))
  ids.forEach((prompt, i) => checkTokens(policy, prompt, `${prompts ? 'prompts' : 'messages'}[${i}]`))
  checkBudget(policy, ids, settings.maxNewTokens)
  const completions = await policy.sample({
    ...settings,
    prompts: ids,
    promptIds: contentIds(ids),
    stopTokenIds: policy.spec.eosTokenIds,
    step: 0,
    adapter: true,
  })
  return {
    completions: completions.map(({ tokens, logps, finishReason }, i) => ({
      prompt: Math.floor(i / settings.samples),
      sample: i % settings.samples,
      tokens,
      text: tokenizer.decode(tokens),
      logps: [...logps],
      finishReason,
    })),
  }
}

function checkSequences(policy: Policy, sequences: readonly { tokens: number[]; from: number }[]): void {
  sequences.forEach(({ tokens, from }, i) => {
    checkTokens(policy, tokens, `sequences[${i}].tokens`)
    if (from >= tokens.length) {
      throw new ConfigError(`sequences[${i}].from`, `expected an integer from 1 to ${tokens.length - 1}, got ${from}`)
    }
  })
}

function checkTokens(policy: Policy, tokens: readonly number[], field: string): void {
  const { vocabSize, maxPositions } = policy.spec
  const unknown = tokens.findIndex((id) => id >= vocabSize)
  if (unknown >= 0) {
    throw new ConfigError(`${field}[${unknown}]`, `expected a token id below ${vocabSize}, got ${tokens[unknown]}`)
  }
  if (tokens.length > maxPositions) {
    throw new ConfigError(field, `expected at most ${maxPositions} tokens, got ${tokens.length}`)
  }
}

function checkBudget(policy: Policy, prompts: readonly (readonly number[])[], maxNewTokens: number): void {
  const longest = prompts.reduce((most, prompt) => Math.max(most, prompt.length), 0)
  const left = policy.spec.maxPositions - longest
  if (maxNewTokens > left) {
    throw new ConfigError(
      'maxNewTokens',
      `expected at most ${left}, what the model's ${policy.spec.maxPositions} positions leave after the longest prompt (${longest} tokens), got ${maxNewTokens}`,
    )
  }
}

/** A 32-bit number for each prompt: FNV-1a of its tokens, moved on by one for each earlier prompt that is equal. */
function contentIds(prompts: readonly (readonly number[])[]): number[] {
  const seen = new Map<string, number>()
  return prompts.map((prompt) => {
    const key = prompt.join()
    const earlier = seen.get(key) ?? 0
    seen.set(key, earlier + 1)
    const hash = prompt.reduce((state, id) => Math.imul(state ^ id, 0x0100_0193), 0x811c_9dc5)
    return (hash + earlier) >>> 0
  })
}
