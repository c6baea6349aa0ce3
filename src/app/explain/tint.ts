// tint.ts: what the colour of a token stands for
//
// A tint runs from −1 to 1: what is more of it is drawn in the policy's colour, what is less in that of the opposite. The strongest of a group of completions has the full colour, so that they can be compared; in between colours
// go with the square root, or a single strong token would leave the others blank.

import { klEstimate } from '../../core/rl/kl'
import type { TokenTrace } from '../../core/run/events'
import { fixed, significant, signed } from '../../core/format'
import type { Tint } from '../train/choice'

/** What is known of a completion's tokens beside their trace. */
export interface TintSource {
  trace: TokenTrace
  /** Advantage of each token under the run's algorithm. */
  advantages: ArrayLike<number>
  /** d loss / d log π of each token under the run's algorithm. */
  gradient: ArrayLike<number>
}

interface TintMeaning {
  label: string
  /** What full colour stands for, in the words of a legend; `down` only where values have two signs. */
  up: string
  down?: string
  value(source: TintSource, token: number): number | undefined
  show(value: number): string
}

/** Every tint that colours. */
export const meanings: Readonly<Record<Exclude<Tint, 'plain'>, TintMeaning>> = {
  'log-ratio': {
    label: 'log π/π_ref',
    up: 'the policy prefers it more than the reference',
    down: 'less',
    value: ({ trace }, t) => trace.refLogps && trace.logps[t] - trace.refLogps[t],
    show: (value) => `${signed(value, 3)} nats`,
  },
  kl: {
    label: 'KL to the reference',
    up: 'far from the reference',
    value: klOf,
    show: (value) => `${significant(value)} nats`,
  },
  entropy: {
    label: 'Entropy',
    up: 'many tokens were possible',
    value: ({ trace }, t) => trace.entropies[t],
    show: (value) => `${fixed(value, 3)} nats`,
  },
  probability: {
    label: 'Surprise, −log π',
    up: 'an unlikely token',
    value: ({ trace }, t) => -trace.logps[t],
    show: (value) => `π = ${significant(Math.exp(-value))}`,
  },
  advantage: {
    label: 'Advantage',
    up: 'better than its group',
    down: 'worse',
    value: ({ advantages }, t) => advantages[t],
    show: (value) => signed(value, 3),
  },
  push: {
    label: 'Push of this update',
    up: 'made likelier',
    down: 'made less likely',
    value: ({ gradient }, t) => -gradient[t],
    show: (value) => `${value < 0 ? 'down' : value > 0 ? 'up' : 'none'}, ${significant(Math.abs(value))}`,
  },
}

/** Tints that this run has numbers for. */
export function availableTints({ trace }: TintSource): Tint[] {
  const known = Object.entries(meanings).filter(([, { value }]) => {
    const nothing = { trace, advantages: [0], gradient: [0] }
    return trace.texts.length === 0 || value(nothing, 0) !== undefined
  })
  return ['plain', ...known.map(([tint]) => tint as Tint)]
}

/** The tints of every token of some completions, −1 to 1, against the strongest of them all. */
export function tintsOf(sources: readonly TintSource[], tint: Tint): number[][] {
  if (tint === 'plain') return sources.map(({ trace }) => trace.texts.map(() => 0))
  const { value } = meanings[tint]
  const values = sources.map((source) => source.trace.texts.map((_, t) => value(source, t) ?? 0))
  const strongest = values.flat().reduce((most, each) => Math.max(most, Math.abs(each)), 0)
  return values.map((row) => row.map((each) => Math.sign(each) * Math.sqrt(Math.abs(each) / (strongest || 1))))
}

/** Everything that is known of a token, name and value. */
export function tokenFacts(source: TintSource, token: number): { name: string; value: string }[] {
  return Object.values(meanings).flatMap(({ label, value, show }) => {
    const number = value(source, token)
    return number === undefined ? [] : [{ name: label, value: show(number) }]
  })
}

/** Exact where the run measured it; else what k3 makes of the sampled token (algorithms.md §5.4). */
function klOf({ trace }: TintSource, t: number): number | undefined {
  if (trace.kl) return trace.kl[t]
  if (!trace.refLogps) return undefined
  return klEstimate(trace.logps[t] - trace.refLogps[t], k3).value
}

const k3 = { placement: 'loss', estimator: 'k3', beta: 1, clamp: null, aggregation: 'as-loss' } as const

/** A token as it is drawn: spaces and ends of lines are seen. */
export function visibleText(text: string): string {
  return text.replaceAll('\n', '↵\n').replaceAll('\t', '⇥\t') || '·'
}
