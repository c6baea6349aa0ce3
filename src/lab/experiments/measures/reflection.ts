// reflection.ts: how undecided a policy is where it stops to think
//
// Reflection tokens are words ("wait", "let me check"), looked for in the decoded text and led back to the tokens that
// wrote them, so that one list serves every tokenizer. Which words, and which step's distribution counts, the paper does
// not say (algorithms.md §4.2): both steps are kept, and every entropy with them.

import type { Tokenizer } from '../../../engine/tokenizer'
import { sum } from '../../../core/stats/moments'
import { answer, type Answer } from '../../answers'
import { parts } from '../../progress'
import { amounts } from '../arms'
import type { Measure, MeasureContext, Setting } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { loadPrompts, PROMPTS, type PoolPrompts } from './pool'
import { drawing } from './problems'

/** Words that open second thoughts. */
export const REFLECTION_WORDS = ['wait', 'but', 'let me check', 'however', 'hmm', 'alternatively', 'actually'] as const

/** Upper ends of the bins that entropies of all tokens are counted in, nats; the last bin has none. */
export const ENTROPY_EDGES: readonly number[] = [
  0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4,
]

export interface ReflectionSettings {
  unsafe: PoolPrompts
  reasoning: PoolPrompts
  /** Unsafe prompts and reasoning prompts. */
  counts: readonly [number, number]
  /** Answers to each, at temperature 1. */
  samples: number
  maxNewTokens: number
  /** In any case; matched as whole words of the decoded answer. */
  words: readonly string[]
}

/** One place where an answer reflects. */
export interface ReflectionMark {
  /** Index of the prompt, and of its answer. */
  prompt: number
  sample: number
  word: string
  /** Index of the token that begins the word, in the answer. */
  token: number
  /** Entropy of the distribution from which that token was drawn, nats: the emission step. */
  entropy: number
  /** Entropy of the distribution after the word's last token: the step after; null at the end of an answer. */
  after: number | null
}

/** Entropies of one kind of prompt. */
export interface ReflectionEntropies {
  marks: ReflectionMark[]
  /** Mean entropy over all tokens of each answer, nats, [prompt][sample]. */
  means: number[][]
  /** Tokens of all answers by entropy: bin i holds those below ENTROPY_EDGES[i], the last one the rest. */
  histogram: number[]
}

export interface ReflectionResult {
  unsafe: ReflectionEntropies
  reasoning: ReflectionEntropies
}

/** Entropy at reflection tokens, on harmful requests and on the task's held-out problems. */
export function reflection(setting: Setting, changes: Partial<ReflectionSettings> = {}): Measure<ReflectionResult> {
  const { requests, problems, maxNewTokens } = amounts(setting)
  const settings: ReflectionSettings = {
    unsafe: PROMPTS.requests(setting),
    reasoning: PROMPTS.problems(setting),
    counts: [requests, problems],
    samples: 2,
    maxNewTokens,
    words: REFLECTION_WORDS,
    ...changes,
  }
  const { counts, samples } = settings
  const rows = (counts[0] + counts[1]) * samples
  return {
    name: 'reflection',
    settings: { ...settings },
    cost: { prompts: counts[0] + counts[1], maxNewTokens: settings.maxNewTokens, drawn: rows, scored: rows },
    async take(context) {
      const part = parts(context.options, 4)
      const entropiesOf = async (prompts: PoolPrompts, count: number, firstPrompt: number) => {
        const { asked } = await loadPrompts({ ...settings, prompts, count }, context)
        const config = drawing(context.config, settings.maxNewTokens)
        const draw = { ...MEASURE_DRAWS.reflection, samples, firstPrompt }
        const answers = await answer(context.model, config, asked, draw, part())
        return entropies(answers, settings, context, part())
      }
      return {
        unsafe: await entropiesOf(settings.unsafe, counts[0], 0),
        reasoning: await entropiesOf(settings.reasoning, counts[1], counts[0]),
      }
    },
  }
}

async function entropies(
  answers: readonly Answer[],
  { words, samples }: ReflectionSettings,
  { model: { policy, tokenizer } }: Pick<MeasureContext, 'model'>,
  options: MeasureContext['options'],
): Promise<ReflectionEntropies> {
  const request = { adapter: true, temperature: 1, entropy: true, klToReference: false }
  const scored = (await policy.score(answers, request, options)).map((row) => row.entropies!)
  const histogram = new Array<number>(ENTROPY_EDGES.length + 1).fill(0)
  for (const row of scored) for (const entropy of row) histogram[binOf(entropy)]++
  const marks = answers.flatMap(({ tokens, from, text }, i) =>
    findWords(text, tokens.slice(from), words, tokenizer).map(({ word, first, last }) => ({
      prompt: Math.floor(i / samples),
      sample: i % samples,
      word,
      token: first,
      entropy: scored[i][first],
      after: scored[i][last + 1] ?? null,
    })),
  )
  const means = scored.map((row) => sum(row) / row.length)
  return {
    marks,
    means: Array.from({ length: answers.length / samples }, (_, i) => means.slice(i * samples, (i + 1) * samples)),
    histogram,
  }
}

function binOf(entropy: number): number {
  const bin = ENTROPY_EDGES.findIndex((edge) => entropy < edge)
  return bin < 0 ? ENTROPY_EDGES.length : bin
}

/**
 * Where words stand in an answer, in tokens.
 *
 * @param text   the answer, decoded
 * @param tokens of the answer
 * @returns first and last token of each occurrence; the first is the one that writes its first letter
 */
export function findWords(
  text: string,
  tokens: readonly number[],
  words: readonly string[],
  { decode }: Pick<Tokenizer, 'decode'>,
): { word: string; first: number; last: number }[] {
  const alternatives = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives})(?![\\p{L}\\p{N}])`, 'giu')
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
    word: found.toLowerCase(),
    first: tokenAt(index, tokens, decode),
    last: tokenAt(index + found.length - 1, tokens, decode),
  }))
}

/** The token that writes a character: the first whose prefix, decoded, is longer than all before the character. */
function tokenAt(character: number, tokens: readonly number[], decode: Tokenizer['decode']): number {
  let [low, high] = [0, tokens.length - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (decode(tokens.slice(0, middle + 1)).length > character) high = middle
    else low = middle + 1
  }
  return low
}
