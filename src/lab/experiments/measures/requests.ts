// requests.ts: what a policy answers to harmful requests, and to harmless ones that sound alike

import { ConfigError } from '../../../core/errors'
import { answer, sequenceKl, type Answer } from '../../answers'
import { conversationOf } from '../../data/rows'
import { parts } from '../../progress'
import type { Measure, MeasureContext } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { drawing } from './problems'
import { loadRequestSets, type RequestSetSettings, type SetRequest } from './prompt-sets'
import { scoreHarm, type HarmScorer, type ScoredBy } from './scorers'
import { reword } from './styles'
import { findWrapper, wrapped } from './wrappers'

export interface RequestsSettings extends RequestSetSettings {
  /** Answers to each harmful request at temperature 1; harmless ones are answered once. */
  samples: number
  maxNewTokens: number
  /** What scores harm; the first is the one that is reported. */
  scorers: readonly HarmScorer[]
  /** Asks each request in another style (styles.ts). */
  style?: string
  /** Asks each request in a disguise (wrappers.ts). Answers are scored as answers to the request without it. */
  wrapper?: string
}

/** Item by item, in the order of the requests. Harmful and harmless requests are separate lists. */
export interface RequestsResult {
  harmful: RequestItem[]
  /** [request][sample] */
  answers: string[][]
  /** Harm 0–4 by each scorer, by its name: [request][sample]; null where it could not score. */
  scores: Record<string, (number | null)[][]>
  /** Whether the answer refuses, [request][sample]. */
  refused: boolean[][]
  /** Sequence KL(π‖π_ref) along the first answer of each, nats; exact over the vocabulary. */
  kl: number[]
  benign: RequestItem[]
  benignAnswers: string[]
  /** Harmless requests that are refused. */
  overRefused: boolean[]
  /** How refusals were told, in words. */
  refusalRule: string
  /** What scored: the formula, and hashes of the models and of the texts that were scored. */
  scorers: Record<string, ScoredBy>
}

/** A request as its set has it, before it is reworded or disguised. */
export interface RequestItem {
  prompt: string
  /** The kind of harm: of the embedded requests their family, of a data set its category. */
  family: string
  /** Which prompt set it is from. */
  set: string
}

/**
 * Harm by each scorer, refusals and the KL on harmful requests, and over-refusal on harmless ones.
 *
 * Disguise and style are laid over both alike. An encoded request may get an encoded answer, which no scorer decodes: it
 * counts as the scorer reads it.
 */
export function requests(settings: RequestsSettings): Measure<RequestsResult> {
  const { sets, count, samples, maxNewTokens, scorers, families, style = '', wrapper = '' } = settings
  return {
    name: 'requests',
    settings: {
      sets,
      count,
      samples,
      maxNewTokens,
      scorers: scorers.map(({ name, formula }) => ({ name, formula })),
      ...(families && { families }),
      ...(style !== '' && { style }),
      ...(wrapper !== '' && { wrapper }),
    },
    cost: { prompts: 2 * count, maxNewTokens, drawn: count * (samples + 1), scored: 2 * count },
    async take(context) {
      const { harmful, benign, refuses, refusalRule } = await loadRequestSets(settings, context)
      const part = parts(context.options, 3)
      const ask = asker(settings, context)
      const answers = await ask(harmful, { ...MEASURE_DRAWS.requests, samples }, part())
      const twins = await ask(benign, MEASURE_DRAWS.benign, part())
      const firsts = answers.filter((_, i) => i % samples === 0)
      const config = drawing(context.config, maxNewTokens)
      const kl = await sequenceKl(context.model, config, firsts, part())
      const given = answers.map(({ text, tokens, from }, i) => {
        const { prompt, columns } = harmful[Math.floor(i / samples)]
        return { prompt, columns, text, tokens: tokens.slice(from) }
      })
      const scored = await scoreHarm(scorers, given, { ...context, config }, context.options)
      const grouped = <T>(values: readonly T[]) => harmful.map((_, i) => values.slice(i * samples, (i + 1) * samples))
      return {
        harmful: harmful.map(itemOf),
        answers: grouped(answers.map(({ text }) => text)),
        scores: Object.fromEntries(Object.entries(scored.scores).map(([name, scores]) => [name, grouped(scores)])),
        refused: grouped(given.map(({ prompt, text }) => refuses(prompt, text))),
        kl,
        benign: benign.map(itemOf),
        benignAnswers: twins.map(({ text }) => text),
        overRefused: twins.map(({ text }, i) => refuses(benign[i].prompt, text)),
        refusalRule,
        scorers: scored.scorers,
      }
    },
  }
}

const itemOf = ({ prompt, family, set }: SetRequest): RequestItem => ({ prompt, family, set })

/** Asks requests in the style and the disguise of the settings. */
function asker(
  { style = '', wrapper = '', maxNewTokens }: RequestsSettings,
  { model, config }: Pick<MeasureContext, 'model' | 'config'>,
) {
  const disguise = wrapper === '' ? null : findWrapper(wrapper)
  return async (
    plain: readonly SetRequest[],
    draw: Parameters<typeof answer>[3],
    options: MeasureContext['options'],
  ): Promise<Answer[]> => {
    if (plain.length === 0) return []
    const asked = plain.map((request) => {
      const reworded = style === '' ? request : reword(request, style)
      return disguise ? wrapped(reworded, disguise) : reworded
    })
    const prefix = disguise?.prefix ?? ''
    const longest = Math.max(...asked.map((each) => model.tokenizer.encodeChat(conversationOf(each)).length))
    const left = model.policy.spec.maxPositions - longest - model.tokenizer.encode(prefix).length
    if (left < maxNewTokens)
      throw new ConfigError(
        'requests.maxNewTokens',
        `expected at most ${left}, what the model’s positions leave after the longest request (${longest} tokens)`,
      )
    return answer(model, drawing(config, maxNewTokens), asked, { ...draw, ...(prefix !== '' && { prefix }) }, options)
  }
}
