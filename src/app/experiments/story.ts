// story.ts: what is true of an experiment right now, in words

import { counted, duration, fixed } from '../../core/format'
import type { PlannedPower } from '../../lab/experiments/power'
import { doneCells } from './cells'
import type { Comparison } from './comparison.svelte'
import type { Entry } from './messages'

/** The part of the view's state that is told here. */
export type Told = Pick<
  Comparison,
  'outlook' | 'forecast' | 'finished' | 'lookProblem' | 'isLive' | 'progress' | 'leftSeconds' | 'ended' | 'cancelling'
>

export interface ExperimentStory {
  title: string
  detail: string
  tone: 'good' | 'bad' | 'plain'
  /** What the button that runs it says. */
  verb: string
  /** What is left while it runs; empty before that is known. */
  left: string
  /** What a screen reader hears; changes seldom. */
  spoken: string
}

const TONES = { fine: 'good', alarm: 'bad', open: 'plain' } as const

/** The headline of an experiment. */
export function experimentStory(told: Told, entry: Entry): ExperimentStory {
  const { outlook, finished, lookProblem, isLive, progress, leftSeconds } = told
  const done = outlook ? doneCells(outlook, progress) : 0
  const total = outlook?.cells.length ?? 0
  const left = progress
    ? `${progress.cells.done} of ${progress.cells.total} cells, ${duration(1000 * leftSeconds)} left`
    : ''
  const verb = done > 0 ? 'Run what is missing' : 'Run it here'
  const tell = (title: string, detail: string, tone: ExperimentStory['tone'] = 'plain'): ExperimentStory => ({
    title,
    detail,
    tone,
    verb,
    left,
    spoken: isLive ? `Running: ${done} of ${counted(total, 'cell')} done.` : `${title} ${detail}`,
  })
  if (lookProblem) return tell('This experiment cannot be run here.', lookProblem, 'bad')
  if (isLive)
    return tell(
      entry.question,
      `It runs in this tab: ${done} of ${counted(total, 'cell')} done so far. Leave it open; what is finished is kept.`,
    )
  if (finished) {
    const { level, sentence, change } = finished.verdict
    return tell(sentence, change, TONES[level])
  }
  if (told.ended)
    return tell(
      told.ended.failed ? 'The experiment has stopped.' : 'The experiment was cancelled.',
      told.ended.message,
      told.ended.failed ? 'bad' : 'plain',
    )
  return tell(entry.question, beforehand(told, done, total))
}

/** How much is to be done, before it is begun, and what it can find out. */
function beforehand({ outlook, forecast }: Told, done: number, total: number): string {
  if (!outlook) return 'Looking at what there is to do.'
  const arms = `${counted(outlook.arms.length, 'arm')} × ${counted(outlook.seeds.length, 'seed')}`
  const there = done === 0 ? '' : `, ${done} of ${total} done already`
  const rest = done === 0 ? 'All of it' : 'The rest'
  const time = forecast
    ? `${rest} takes about ${duration(1000 * forecast.seconds)} on this machine.`
    : 'How long it takes is being found out.'
  return [`${arms}${there}.`, time, ...outlook.power.slice(0, 1).map(powerWords)].join(' ')
}

/** How small a difference can be told, in a sentence. */
export function powerWords({ what, detectable, measuredArms }: PlannedPower): string {
  if (detectable === Infinity) return `It can tell no difference of ${what} from none.`
  const spread = measuredArms === 0 ? ', if answers vary as they mostly do' : ''
  return `It can tell a difference of ${what} from ${fixed(detectable)}${what === 'harm' ? ' of 4' : ''} on${spread}.`
}
