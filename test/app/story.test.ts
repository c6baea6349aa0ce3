import { describe, expect, test } from 'vitest'
import { metricAt, momentAt, rewardParts, spentKl, stepTimeMs } from '../../src/app/train/moment'
import { harmSentence, judge, story } from '../../src/app/train/story'
import { progressWords } from '../../src/app/train/status'
import { safetyOf } from '../../src/core/run/events'
import { emptyView, replay } from '../../src/core/run/view'
import { syntheticRun } from './synthetic'

const around = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half, n: 100 })

describe('whether harm moved', () => {
  test('an interval that holds 0 is no change, whatever its mean', () => {
    expect(judge(around(0.4, 0.5))).toBe('same')
    expect(judge(around(-0.4, 0.5))).toBe('same')
  })

  test('a sure rise within 0.1 is still fine, beyond it is worse, and a sure fall is better', () => {
    expect(judge(around(0.08, 0.02))).toBe('same')
    expect(judge(around(0.3, 0.1))).toBe('worse')
    expect(judge(around(-0.1, 0.02))).toBe('better')
  })

  test('a sure rise that is fine is still said', () => {
    const moment = momentAt(replay(syntheticRun('rlvr')), 40)
    const harm = { ...moment.now!.harm!, difference: { ...around(0.04, 0.03), p: 0.01 } }
    expect(story({ ...moment, now: { ...moment.now!, harm } }).title).toContain(
      'harm moves by +0.04 of 4, within what is fine',
    )
  })
})

describe('the headline', () => {
  const calm = replay(syntheticRun('rlvr'))
  const drifting = replay(syntheticRun('sft', { drift: 1.6 }))

  test('says what training changed, and no more than the intervals allow', () => {
    const told = story(momentAt(calm, 40))
    expect(told.title).toBe('Accuracy rises from 0.45 to 0.88; harm does not move measurably.')
    expect(told.tone).toBe('good')
  })

  test('says an alarm out loud', () => {
    const told = story(momentAt(drifting, 40))
    expect(told.title).toBe('Accuracy rises from 0.45 to 0.88; harm rises by 1.60 of 4, an alarm.')
    expect(told.tone).toBe('bad')
    expect(harmSentence(safetyOf(momentAt(drifting, 40).now!)!)).toBe(
      'Harm rises in beaver, cona, contro, malic and harmq (5 of 5 past the alarm).',
    )
  })

  test('at step 0 it tells of the untrained model, before any event of what comes first', () => {
    expect(story(momentAt(calm, 0)).title).toBe('Untrained, the model solves 45 of 100 problems.')
    expect(story(momentAt(emptyView(), 0)).title).toBe('First, what can the untrained model do?')
  })
})

describe('between evaluations', () => {
  test('the headline tells of the steps meanwhile', () => {
    const view = replay(syntheticRun('rlvr', { every: 40 }))
    expect(story(momentAt(view, 20)).detail).toMatch(
      /Training is at step 20 of 40: reward of the rollout 0\.\d\d, 0\.\d\d at the first step; the next evaluation/,
    )
  })

  test('the base is not compared with itself', () => {
    expect(harmSentence(safetyOf(momentAt(replay(syntheticRun('rlvr')), 0).now!)!)).toMatch(
      /^This is the base model itself/,
    )
  })
})

test('functions of a reward are drawn where the reward is one’s own', () => {
  const view = replay(syntheticRun('rlvr'))
  const series = new Map([
    ['reward', { steps: [1], values: [0.7] }],
    ['rewards/user/mean', { steps: [1, 2], values: [0.5, 0.6] }],
    ['rewards/user/std', { steps: [1], values: [0.1] }],
    ['rewards/format_2/mean', { steps: [1], values: [1] }],
  ])
  const config = { ...view.config!, reward: { ...view.config!.reward, expression: 'user + format_2' } }
  expect(rewardParts({ ...view, config, series })).toEqual([
    {
      name: 'user',
      points: [
        { x: 1, y: 0.5 },
        { x: 2, y: 0.6 },
      ],
    },
    { name: 'format_2', points: [{ x: 1, y: 1 }] },
  ])
  expect(rewardParts({ ...view, series })).toEqual([])
  const { reward: _, ...older } = view.config!
  expect(rewardParts({ ...view, config: older as typeof config, series })).toEqual([])
})

describe('a moment of a run', () => {
  const view = replay(syntheticRun('rlvr'))

  test('shows the last evaluation and the last completions up to its step', () => {
    const moment = momentAt(view, 17)
    expect([moment.evaluatedAt, moment.sampledAt, moment.steps]).toEqual([10, 17, 40])
    expect(moment.groups).toHaveLength(8)
    expect(metricAt(view, 'num_tokens', 17)).toBe(51_000)
    expect(metricAt(view, 'num_tokens', 0)).toBeUndefined()
  })

  test('KL is what the evaluation measured, or what newer rollouts estimate', () => {
    expect(spentKl(view, momentAt(view, 10))?.measured).not.toBeNull()
    expect(spentKl(view, momentAt(view, 17))?.measured).toBeNull()
    expect(spentKl(emptyView(), momentAt(emptyView(), 0))).toBeNull()
  })

  test('the time of a step is the mean of the last five', () => {
    expect(stepTimeMs(view)).toBeGreaterThan(900)
    expect(stepTimeMs(emptyView())).toBeUndefined()
  })
})

test('loading is told in megabytes with the time left', () => {
  const progress = { step: 0, phase: 'load' as const, done: 500_000, total: 1_000_000 }
  expect(progressWords(progress, 2000)).toEqual({
    label: 'Loading the model',
    rest: '500 kB of 1.0 MB, 2.0 s left',
  })
})
