// enumeration.ts: the untrained model's answers to a prompt, one by one, with their exact probabilities
//
// Answers are found by drawing some and by putting pieces of those together anew; how likely each is, the model itself
// says. So the probabilities are exact, whatever was guessed on the way, and what was not found is known as well: it is
// the rest of 1.

import { gradeItem } from '../../../rewards/grader'
import { sum } from '../../../core/stats/moments'
import type { TokenSequence } from '../../../engine/policy'
import { answer } from '../../answers'
import { parts } from '../../progress'
import type { Measure, MeasureContext } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { grade, loadPrompts, sequenceLogps, type PoolPrompts, type PoolSettings } from './pool'
import { drawing } from './problems'

export interface EnumerationSettings extends Pick<PoolSettings, 'rewards' | 'scorer'> {
  prompts: PoolPrompts
  count: number
  /** The reference is the model at this temperature; below 1 fewer answers hold the same mass. */
  temperature: number
  /** Answers that are drawn of each prompt before pieces are put together. */
  draws: number
  /** A prompt is done when its answers have this probability together, or are this many. */
  mass: number
  maxAnswers: number
  maxNewTokens: number
}

/** One prompt and its answers, the likeliest first. */
export interface EnumeratedPrompt {
  prompt: string
  family: string
  promptTokens: number[]
  /** Each [answer]. */
  tokens: number[][]
  texts: string[]
  /** log p, nats. */
  logps: number[]
  /** By reward; null where there is none. */
  rewards: Record<string, (number | null)[]>
  harm: (number | null)[]
  /** Which answers were drawn at first, as often as they were: independent samples of the reference. */
  drawn: number[]
  /** 1 − Σp: what the answers that were not found are worth together. */
  uncovered: number
}

export interface EnumerationResult {
  prompts: EnumeratedPrompt[]
}

/** The answers of the untrained model with their exact probabilities. */
export function enumeration(settings: EnumerationSettings): Measure<EnumerationResult> {
  const { count, draws, temperature, maxAnswers, maxNewTokens } = settings
  return {
    name: 'enumeration',
    settings: { ...settings },
    cost: { prompts: count, maxNewTokens, drawn: count * draws, scored: count * maxAnswers },
    async take(context) {
      const part = parts(context.options, count + 1)
      const { asked, accuracy } = await loadPrompts(settings, context)
      const draw = { ...MEASURE_DRAWS.enumeration, samples: draws, reference: true as const }
      const config = drawing(context.config, maxNewTokens)
      const asDrawn = { ...config, rollout: { ...config.rollout, temperature } }
      const drawn = await answer(context.model, asDrawn, asked, draw, part())
      const others = drawn.map(({ tokens, from }) => tokens.slice(from))
      const prompts: EnumeratedPrompt[] = []
      for (const [i, prompt] of asked.entries()) {
        const first = drawn.slice(i * draws, (i + 1) * draws)
        const found = await complete(first, others, settings, context, part())
        const texts = found.map(({ tokens }) => context.model.tokenizer.decode(tokens))
        const items = found.map(({ tokens }, k) =>
          gradeItem({
            ...prompt,
            completion: texts[k],
            tokens,
            truncated: tokens.length >= maxNewTokens,
            maxNewTokens,
            drawn: { seed: context.config.seed, step: draw.key, prompt: i, sample: k },
          }),
        )
        const places = new Map(found.map(({ tokens }, k) => [tokens.join(' '), k]))
        const rewards: EnumeratedPrompt['rewards'] = {}
        for (const [name, formula] of Object.entries(settings.rewards))
          rewards[name] = await grade(formula, items, accuracy, context)
        prompts.push({
          prompt: prompt.prompt,
          family: prompt.family,
          promptTokens: first[0].tokens.slice(0, first[0].from),
          tokens: found.map(({ tokens }) => tokens),
          texts,
          logps: found.map(({ logp }) => logp),
          rewards,
          harm: await grade(settings.scorer, items, accuracy, context),
          drawn: first.map(({ tokens, from }) => places.get(tokens.slice(from).join(' '))!),
          uncovered: Math.max(0, 1 - massOf(found)),
        })
      }
      return { prompts }
    },
  }
}

/** An answer and its log-probability, nats. */
interface Known {
  tokens: number[]
  logp: number
}

const massOf = (known: readonly Known[]) => sum(known.map(({ logp }) => Math.exp(logp)))

/** Answers that are scored together. */
const ROUND = 256

/**
 * All answers that are found, the likeliest first.
 *
 * @param others answers to all prompts, whose pieces may serve here too
 */
async function complete(
  drawn: readonly TokenSequence[],
  others: readonly (readonly number[])[],
  { mass, maxAnswers, maxNewTokens, temperature }: EnumerationSettings,
  { model }: MeasureContext,
  options: MeasureContext['options'],
): Promise<Known[]> {
  const prompt = drawn[0].tokens.slice(0, drawn[0].from)
  const known = new Map<string, Known>()
  const learn = async (answers: readonly (readonly number[])[]) => {
    const sequences = answers.map((tokens) => ({ tokens: [...prompt, ...tokens], from: prompt.length }))
    const { signal } = options
    const logps = await sequenceLogps(model, sequences, { adapter: false, temperature }, signal ? { signal } : {})
    answers.forEach((tokens, i) => known.set(tokens.join(' '), { tokens: [...tokens], logp: logps[i] }))
    options.onProgress?.({ phase: 'score', done: known.size, total: maxAnswers })
  }
  await learn(drawn.map(({ tokens, from }) => tokens.slice(from)))
  while (massOf([...known.values()]) < mass && known.size < maxAnswers) {
    const wanted = Math.min(ROUND, maxAnswers - known.size)
    const ends = new Set(model.policy.spec.eosTokenIds)
    const proposals = recombine([...known.values()], others, wanted, maxNewTokens, ends)
    if (proposals.length === 0) break
    await learn(proposals)
  }
  return [...known.values()].sort((a, b) => b.logp - a.logp)
}

/** Tokens before a token by which pieces of answers fit together. */
const CONTEXT = 3

/** What the answers to other prompts count together, against the probability of those that are known of this one. */
const OTHERS = 0.05

/** Least probability, by the pieces alone, of an answer that is worth asking the model about. */
const LEAST = 1e-7

/**
 * Answers that are not known yet, put together from pieces of those that are: every next token is one that some known
 * answer has after the same few tokens, and those that the pieces make likeliest come first.
 *
 * @param others answers to other prompts: their pieces count for little, and are there where there are no others
 * @returns at most `count`; none where the pieces give nothing new
 */
export function recombine(
  known: readonly { tokens: readonly number[]; logp: number }[],
  others: readonly (readonly number[])[],
  count: number,
  maxNewTokens: number,
  ends: ReadonlySet<number>,
): number[][] {
  const next = continuations([
    ...known.map(({ tokens, logp }) => ({ tokens, weight: Math.exp(logp) })),
    ...others.map((tokens) => ({ tokens, weight: OTHERS / others.length })),
  ])
  const names = new Set(known.map(({ tokens }) => tokens.join(' ')))
  for (let threshold = 1 / known.length; threshold >= LEAST; threshold /= 4) {
    const found: { tokens: number[]; probability: number }[] = []
    const extend = (tokens: number[], probability: number) => {
      if (probability < threshold) return
      if (ends.has(tokens.at(-1) ?? -1) || tokens.length === maxNewTokens) {
        if (!names.has(tokens.join(' '))) found.push({ tokens, probability })
        return
      }
      for (const [token, share] of next.get(contextOf(tokens)) ?? []) extend([...tokens, token], probability * share)
    }
    extend([], 1)
    const isLast = threshold / 4 < LEAST
    if (found.length >= count || (isLast && found.length > 0))
      return found
        .sort((a, b) => b.probability - a.probability)
        .slice(0, count)
        .map(({ tokens }) => tokens)
  }
  return []
}

/** Shares of the tokens that follow each context. */
function continuations(
  pieces: readonly { tokens: readonly number[]; weight: number }[],
): Map<string, [number, number][]> {
  const counts = new Map<string, Map<number, number>>()
  for (const { tokens, weight } of pieces) {
    tokens.forEach((token, t) => {
      const context = contextOf(tokens.slice(0, t))
      const after = counts.get(context) ?? new Map<number, number>()
      after.set(token, (after.get(token) ?? 0) + weight)
      counts.set(context, after)
    })
  }
  return new Map(
    [...counts].map(([context, after]) => {
      const total = sum([...after.values()])
      return [context, [...after].map(([token, weight]): [number, number] => [token, weight / total])]
    }),
  )
}

/** The last tokens; at the beginning of an answer there are fewer, which tells it apart from its middle. */
function contextOf(tokens: readonly number[]): string {
  return tokens.slice(-CONTEXT).join(' ')
}
