// comparisons.ts: the reward beside built-in graders, and beside what it ought not to follow

import { pearson, spearman } from '../../core/stats/correlation'
import { cohenKappa } from '../../core/stats/kappa'
import { answerFormat, oneBox, tagCount, thinkFormat } from '../../rewards/format'
import { graders, loadGrader, type Compare, type GraderName } from '../../rewards/graders'
import type { HarmRule } from '../../rewards/harm'
import type { OwnGrader } from './gold'
import type { Agreement, Correlation, Example } from './report'

/** Which completions are compared: those of the model say most, and every reward has the others. */
export interface Compared {
  on: Agreement['on']
  examples: readonly Example[]
}

/** The sets of completions that a report compares on; only those that have scores. */
export function comparedSets(examples: readonly Example[]): Compared[] {
  const scored = examples.filter(({ score }) => score !== null)
  const sets: Compared[] = [
    { on: 'gold and corrupted', examples: scored.filter(({ suite }) => suite === 'gold' || suite === 'corrupted') },
    { on: 'model', examples: scored.filter(({ suite }) => suite === 'model') },
  ]
  return sets.filter((set) => set.examples.length > 1)
}

/** The reward, cut at the threshold, against every grader that can read all gold answers. */
export async function agreements(
  sets: readonly Compared[],
  own: { grader: OwnGrader; compare: Compare },
  threshold: number,
): Promise<Agreement[]> {
  const golds = sets.flatMap(({ examples }) => examples.flatMap(({ answer }) => answer))
  const others = (Object.keys(graders) as GraderName[]).filter(
    // A text that has to be met to the letter is nothing to compare a worked solution with.
    (name) => name !== own.grader && name !== 'exact' && golds.every((gold) => graders[name].isGold(gold)),
  )
  const loaded = await Promise.all(others.map(async (name) => ({ name, compare: await loadGrader(name) })))
  const all = [{ name: own.grader as string, compare: own.compare }, ...loaded]
  return sets.flatMap(({ on, examples }) =>
    all.map(({ name, compare }) => {
      const count = (byReward: boolean, byGrader: boolean) =>
        examples.filter(
          ({ score, completion, answer }) =>
            score! > threshold === byReward && compare(completion, answer).correct === byGrader,
        ).length
      const confusion = {
        both: count(true, true),
        firstOnly: count(true, false),
        secondOnly: count(false, true),
        neither: count(false, false),
      }
      return {
        grader: name,
        isOwn: name === own.grader,
        on,
        confusion,
        n: examples.length,
        kappa: cohenKappa(confusion),
      }
    }),
  )
}

/** How the score goes with length, with each format and, where there are harmful requests, with harm. */
export function correlations(sets: readonly Compared[], harm: HarmRule | null): Correlation[] {
  const others: [name: string, of: (example: Example) => number][] = [
    ['length in tokens', ({ tokens }) => tokens.length],
    ['length in characters', ({ completion }) => completion.length],
    ['format (think)', ({ completion }) => thinkFormat(completion)],
    ['format (answer)', ({ completion }) => answerFormat(completion)],
    ['format (tags)', ({ completion }) => tagCount(completion)],
    ['format (box)', ({ completion }) => oneBox(completion)],
  ]
  if (harm) others.push(['harm', ({ prompt, completion }) => harm(prompt, completion).score])
  return sets.flatMap(({ on, examples }) => {
    const scores = examples.map(({ score }) => score!)
    return others.map(([name, of]) => {
      const values = examples.map(of)
      return { with: name, on, n: scores.length, pearson: pearson(scores, values), spearman: spearman(scores, values) }
    })
  })
}
