// filter.ts: which examples are shown, and what is said of each

import type { Example } from '../../lab/workbench/report'
import { fixed } from '../../core/format'

/** What can be shown, in the order of the list. */
export const filters = {
  all: 'All',
  odd: 'Reward and grader disagree',
  failed: 'The reward failed',
  gold: 'Right answers',
  corrupted: 'Spoilt answers',
  probe: 'Attempts to cheat',
  model: 'The model’s answers',
} as const
export type Filter = keyof typeof filters

/** Whether the reward pays for what the grader finds wrong, or the other way round. */
export function isOdd({ score, correct }: Pick<Example, 'score' | 'correct'>, threshold: number): boolean {
  return score !== null && correct !== null && score > threshold !== correct
}

/** The examples of a filter, in the order of the report. */
export function chosen(examples: readonly Example[], filter: Filter, threshold: number): Example[] {
  switch (filter) {
    case 'all':
      return [...examples]
    case 'odd':
      return examples.filter((example) => isOdd(example, threshold))
    case 'failed':
      return examples.filter(({ failure }) => failure)
    default:
      return examples.filter(({ suite }) => suite === filter)
  }
}

/** What an example is: `spoilt: off by one`. */
export function kindWords({ suite, variant }: Pick<Example, 'suite' | 'variant'>): string {
  const name = variant.replaceAll('-', ' ')
  switch (suite) {
    case 'gold':
      return 'right answer'
    case 'corrupted':
      return `spoilt: ${name}`
    case 'probe':
      return `cheat: ${name}`
    case 'model':
      return 'the model'
  }
  return suite satisfies never
}

/** The beginning of a long text, with its length. */
export function excerpt(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text
}

/** A score, or what there is in its place. */
export function scoreWords({ score, failure }: Pick<Example, 'score' | 'failure'>): string {
  if (failure) return failure.kind
  return score === null ? 'none' : fixed(score)
}

/** Why: the failure with its line, else what the functions said. */
export function whyWords({ failure, why }: Pick<Example, 'failure' | 'why'>): string {
  if (!failure) return why
  return `${failure.part}${failure.line === undefined ? '' : `, line ${failure.line}`}: ${failure.message}`
}
