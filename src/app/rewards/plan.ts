// plan.ts: from what stands in the Rewards view to the run that it is meant for

import type { RunConfig } from '../../core/run/config'
import { resolvePreset } from '../../core/run/presets'

/** A reward and what it is tried out and trained on. */
export interface Draft {
  reward: RunConfig['reward']
  task: RunConfig['task']['kind']
  data: RunConfig['data']
}

/** What a person can choose to be rewarded on, in the order of the list. */
export const tasks: Readonly<Record<Draft['task'], string>> = {
  arithmetic: 'Sums, part of this page',
  strings: 'Digits and words, part of this page',
  safety: 'Harmful requests, part of this page',
  'safety-mixed': 'Harmful and harmless requests, part of this page',
  mixed: 'Sums, harmful and harmless requests, part of this page',
  data: 'A data set of your own',
}

/**
 * The run of a draft, in the settings that the page has now. Settings that go with another task are left for those of
 * the task's own preset: a data set needs longer answers than sums, and a reward cannot train by imitation.
 */
export function planRun(settings: RunConfig, { reward, task, data }: Draft): RunConfig {
  const isOwn = (kind: Draft['task']) => kind === 'data'
  const fits = settings.method === 'rl' && isOwn(settings.task.kind) === isOwn(task)
  const { model, engine, seed } = settings
  const base = fits ? settings : { ...resolvePreset(isOwn(task) ? 'data' : 'rlvr'), model, engine, seed }
  return { ...base, task: { ...base.task, kind: task }, reward: { ...reward }, data }
}

/** The formula that a reward comes to: what is written, the program, or the task's own. */
export function formulaOf({ expression, program }: RunConfig['reward']): string {
  return expression || (program ? 'user' : '')
}

/** Whether there is something to try out: until then the view explains itself. */
export function isEmpty({ reward }: Draft): boolean {
  return reward.program.trim() === '' && reward.expression.trim() === ''
}
