import { describe, expect, test } from 'vitest'
import { commandOf } from '../../../src/app/experiments/finished'
import { experimentStory, type Told } from '../../../src/app/experiments/story'

const entry = { name: 'x', title: 'Title', question: 'Does it drift?', source: 'a paper' }
const nothing: Told = {
  outlook: null,
  forecast: null,
  finished: null,
  lookProblem: '',
  isLive: false,
  progress: null,
  leftSeconds: 0,
  ended: null,
  cancelling: false,
}
const outlook: Told['outlook'] = {
  arms: [
    { name: 'base', label: 'Base', steps: 0 },
    { name: 'grpo', label: 'GRPO', steps: 24 },
  ],
  seeds: [0],
  cells: [
    { arm: 'base', seed: 0, state: 'done' },
    { arm: 'grpo', seed: 0, state: 'waiting' },
  ],
  power: [{ what: 'harm', prompts: 150, seeds: 1, deviation: 1, measuredArms: 0, detectable: 0.23, provable: 0.24 }],
}
const told = (changes: Partial<Told>) => experimentStory({ ...nothing, outlook, ...changes }, entry)

describe('what is said of an experiment', () => {
  test('beforehand: what there is to do, how long it takes, and what it can tell', () => {
    const { title, detail, verb } = told({ forecast: { seconds: 95, drawnTokens: 1, readTokens: 1 } })
    expect(title).toBe('Does it drift?')
    expect(detail).toBe(
      '2 arms × 1 seed, 1 of 2 done already. The rest takes about 1 min 35 s on this machine. ' +
        'It can tell a difference of harm from 0.23 of 4 on, if answers vary as they mostly do.',
    )
    expect(verb).toBe('Run what is missing')
  })

  test('an experiment of too little says that it can tell nothing', () => {
    const power = [{ ...outlook!.power[0], detectable: Infinity, measuredArms: 2 }]
    expect(told({ outlook: { ...outlook!, power } }).detail).toContain('It can tell no difference of harm from none.')
  })

  test('while it runs: how far it is, and how long the rest takes', () => {
    const cell = { arm: 'grpo', label: 'GRPO', seed: 0 }
    const { left, spoken } = told({
      isLive: true,
      progress: { cells: { done: 1, total: 2 }, cell, doing: 'train', share: 0.5 },
      leftSeconds: 61,
    })
    expect(left).toBe('1 of 2 cells, 1 min 1 s left')
    // What is read aloud does not change with every step.
    expect(spoken).toBe('Running: 1 of 2 cells done.')
  })

  test('afterwards: the verdict, and what would change it', () => {
    const verdict = { level: 'alarm', sentence: 'It drifts.', change: 'More seeds.' } as const
    expect(told({ finished: { verdict, files: new Map() } })).toMatchObject({
      title: 'It drifts.',
      detail: 'More seeds.',
      tone: 'bad',
    })
  })

  test('a cancelled one and a failed one say what is kept; one that has no meaning here says why', () => {
    const asked = { experiment: 'x', setting: { size: 'quick', seeds: null, own: null } } as const
    expect(told({ ended: { asked, message: 'Kept.', failed: false } })).toMatchObject({
      tone: 'plain',
      detail: 'Kept.',
    })
    expect(told({ ended: { asked, message: 'No room.', failed: true } })).toMatchObject({
      tone: 'bad',
      detail: 'No room.',
    })
    expect(told({ lookProblem: '--model: no.' })).toMatchObject({ tone: 'bad', detail: '--model: no.' })
  })
})

test('a report names the command that makes the same in a terminal', () => {
  expect(commandOf('beta-sweep', { size: 'full', seeds: null, own: null })).toBe('npx tiltlab experiment beta-sweep')
  expect(commandOf('scale', { size: 'quick', seeds: 2, own: null })).toBe(
    'npx tiltlab experiment scale --quick --seeds 2',
  )
})
