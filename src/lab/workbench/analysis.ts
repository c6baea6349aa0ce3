// analysis.ts: from scored examples to a report

import type { HarmRule } from '../../rewards/harm'
import { quantile } from '../../core/stats/intervals'
import { mean } from '../../core/stats/moments'
import { agreements, comparedSets, correlations } from './comparisons'
import { corruptions } from './corruptions'
import { findings, judgeProbe } from './findings'
import { probes } from './probes'
import type { TriedTask } from './prompts'
import type { Example, SuiteReport, WorkbenchReport } from './report'
import { failuresOf, scoresOf, summarise, timesOf } from './summary'

/** What a report says that examples say. */
export type Analysis = Omit<WorkbenchReport, 'reward' | 'source' | 'grader' | 'seed' | 'prompts' | 'samples' | 'model'>

/**
 * Everything that follows from the examples.
 *
 * @param harm      the harm rule; null where no prompt is a harmful request
 * @param given above it a completion counts as rewarded; found from the examples if absent
 */
export async function analyse(
  examples: Example[],
  { grader, compare }: Pick<TriedTask, 'grader' | 'compare'>,
  samples: number,
  harm: HarmRule | null,
  given?: number,
): Promise<Analysis> {
  const threshold = given ?? halfway(examples)
  const golds = new Map(
    examples.flatMap(({ suite, row, score }) => (suite === 'gold' && score !== null ? [[row, score]] : [])),
  )
  const of = (suite: SuiteReport['suite'], variant: string, title: string): SuiteReport[] => {
    const own = examples.filter((example) => example.suite === suite && example.variant === variant)
    return own.length === 0 ? [] : [summarise(own, { suite, variant, title }, golds, threshold)]
  }
  const suites = [
    ...of('gold', '', 'gold answers'),
    ...corruptions.flatMap(({ name, title }) => of('corrupted', name, title)),
    ...of('model', '', 'the model’s completions'),
  ]
  const judged = probes.flatMap((probe) =>
    of('probe', probe.name, probe.title).map((summary) => judgeProbe(probe, summary, mean([...golds.values()]))),
  )
  const sets = comparedSets(examples)
  const parts = {
    suites,
    probes: judged,
    failures: failuresOf(examples),
    times: timesOf(examples),
    agreement: grader && compare ? await agreements(sets, { grader, compare }, threshold) : [],
    correlations: correlations(sets, harm),
  }
  return { threshold, ...parts, findings: findings({ ...parts, examples, samples }), examples }
}

/**
 * Halfway between what gold answers and corrupted ones get on average; where corrupted answers get nearly as much, between
 * gold answers and attempts without an answer; ½ where there are no gold answers.
 */
function halfway(examples: readonly Example[]): number {
  const meanOf = (suite: Example['suite']) => mean(scoresOf(examples.filter((each) => each.suite === suite)))
  const [gold, corrupted] = [meanOf('gold'), meanOf('corrupted')]
  const without = examples.filter(({ suite, variant }) => suite === 'probe' && ANSWERLESS.includes(variant))
  // The median: one attempt may be ten thousand characters long, and cost accordingly.
  const answerless = quantile(
    scoresOf(without).sort((a, b) => a - b),
    0.5,
  )
  const isTold = gold - corrupted > (gold - answerless) / 2
  const middle = (gold + (isTold || Number.isNaN(answerless) ? corrupted : answerless)) / 2
  return Number.isNaN(middle) ? 0.5 : middle
}

const ANSWERLESS = probes.filter(({ kind }) => kind === 'answerless').map(({ name }) => name)
