// story.ts: what is known of a reward right now, in words

import type { ProbeReport, WorkbenchReport } from '../../lab/workbench/report'
import type { WorkbenchPhase } from '../../lab/workbench/workbench'
import { counted, size, whole } from '../../core/format'
import type { Problem } from './faults'

/** What the headline is told from. */
export interface Told {
  empty: boolean
  ready: boolean
  busy: boolean
  problem: Problem | null
  report: WorkbenchReport | null
  stale: boolean
}

export interface Story {
  title: string
  detail: string
  tone: 'good' | 'bad' | 'plain'
}

/** The headline of the view. */
export function rewardStory({ empty, ready, problem, report, stale }: Told): Story {
  if (empty)
    return plain(
      'Write a reward, and see at once what it pays for.',
      'A few lines of TypeScript, or a formula over the functions that are there. While you type it is tried on right ' +
        'answers, on spoilt ones, and on attempts to get the reward without the work. Nothing is sent anywhere.',
    )
  if (!ready)
    return plain('Choose the data that the reward is for.', 'A file, a folder, an address or a data set of the Hub.')
  if (problem) return { ...problemStory(problem), tone: 'bad' }
  if (!report) return plain('Trying it out.', 'Right answers first, then spoilt ones, then attempts to cheat.')
  return { ...reportStory(report), ...(stale && { tone: 'plain' }) }
}

function problemStory(problem: Problem): Omit<Story, 'tone'> {
  const detail = problem.message
  switch (problem.about) {
    case 'program':
      return {
        title: problem.at
          ? `Line ${problem.at.line} of the program has to be mended.`
          : 'The program cannot be used yet.',
        detail,
      }
    case 'formula':
      // The rest, such as every function that there is, stands at the field.
      return {
        title: `The formula cannot be read at character ${problem.position + 1}.`,
        detail: `${detail.replace(/[.;].*$/s, '')}.`,
      }
    case 'data':
      return { title: 'The data cannot be used as it is.', detail }
    case 'other':
      return { title: 'The reward could not be tried out.', detail }
  }
  return problem satisfies never
}

function reportStory({ failures, examples, probes, findings, suites }: WorkbenchReport): Story {
  const failed = failures.reduce((sum, { count }) => sum + count, 0)
  if (failed > 0) {
    const [{ line, kind, message }] = failures
    const where = line === undefined ? '' : ` in line ${line}`
    return {
      title: `The reward fails on ${failed} of ${counted(examples.length, 'completion')}.`,
      detail: `First${where} (${kind}): ${message}.`,
      tone: 'bad',
    }
  }
  const hacks = probes.filter(({ isHack }) => isHack)
  const tried = probes.filter(isAttempt).length
  if (hacks.length > 0)
    return {
      title: `This reward is hackable: ${hacks.length} of ${tried} attempts to cheat get it.`,
      detail: hacks.reduce((worst, hack) => (paidShare(hack) > paidShare(worst) ? hack : worst)).verdict,
      tone: 'bad',
    }
  const worst = findings[0]
  if (worst?.level === 'bad')
    return { title: 'This reward pays for the wrong things.', detail: worst.text, tone: 'bad' }
  const detail = findings.find(({ level }) => level === 'warn')?.text ?? findings[0]?.text ?? ''
  if (!suites.some(({ suite }) => suite === 'corrupted'))
    return { title: `None of ${tried} attempts to cheat gets this reward.`, detail, tone: 'plain' }
  return {
    title: `This reward tells right from wrong, and none of ${tried} attempts to cheat gets it.`,
    detail,
    tone: 'good',
  }
}

/** Whether a probe tries to get the reward without the answer, and could be tried. */
export function isAttempt({ kind, n, failed }: Pick<ProbeReport, 'kind' | 'n' | 'failed'>): boolean {
  return kind !== 'form' && n > failed
}

function paidShare({ aboveThreshold: { count, n } }: ProbeReport): number {
  return n === 0 ? 0 : count / n
}

/** What the trial is doing. */
export function phaseWords(progress: { phase: WorkbenchPhase; done: number; total: number } | null): {
  label: string
  rest: string
} {
  if (!progress) return { label: 'Starting', rest: '' }
  const { phase, done, total } = progress
  const amount = phase === 'load' ? size : whole
  return { label: phases[phase], rest: total > 0 ? `${amount(done)} of ${amount(total)}` : '' }
}

const phases: Readonly<Record<WorkbenchPhase, string>> = {
  load: 'Getting data and model ready',
  sample: 'The model answers',
  score: 'Scoring',
}

function plain(title: string, detail: string): Story {
  return { title, detail, tone: 'plain' }
}
