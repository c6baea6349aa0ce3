import { describe, expect, test } from 'vitest'
import { doingWords, doneCells, shownArms } from '../../../src/app/experiments/cells'
import type { Outlook } from '../../../src/app/experiments/outlook'
import type { ExperimentProgress } from '../../../src/lab/experiments/execute'

/** Two arms at two seeds; what was measured of the base at seed 1 is there, though it comes late. */
const outlook: Outlook = {
  arms: [
    { name: 'sft', label: 'SFT', steps: 80 },
    { name: 'base', label: 'Base', steps: 0 },
  ],
  seeds: [0, 1],
  cells: [
    { arm: 'base', seed: 0, state: 'waiting' },
    { arm: 'sft', seed: 0, state: 'begun' },
    { arm: 'base', seed: 1, state: 'done' },
    { arm: 'sft', seed: 1, state: 'trained' },
  ],
  power: [],
}

const progress = (done: number, doing: ExperimentProgress['doing'], share = 0): ExperimentProgress => ({
  cells: { done, total: 4 },
  cell: { arm: 'sft', label: 'SFT', seed: 0 },
  doing,
  ...(doing === 'measure' && { measure: 'requests' }),
  share,
})
const words = (at: ExperimentProgress | null) =>
  shownArms(outlook, at).map(({ label, cells }) => [label, ...cells.map((cell) => cell.words)])

describe('arms and seeds', () => {
  test('are in the order of the experiment, whatever the order in which they are made', () => {
    expect(words(null)).toEqual([
      ['SFT', 'begun', 'trained'],
      ['Base', 'to do', 'done'],
    ])
  })

  test('say how far the run is, and what is being measured', () => {
    expect(words(progress(1, 'train', 0.25))).toEqual([
      ['SFT', 'training 20/80', 'trained'],
      ['Base', 'done', 'done'],
    ])
    expect(words(progress(1, 'measure', 0.5))[0][1]).toBe('requests 50 %')
    expect(words(progress(1, 'load'))[0][1]).toBe('loading')
  })

  test('count what was there before and what was made since, each once', () => {
    expect(
      [null, progress(0, 'load'), progress(1, 'load'), progress(3, 'load')].map((at) => doneCells(outlook, at)),
    ).toEqual([1, 1, 2, 3])
  })

  test('are told in a sentence', () => {
    expect([null, progress(1, 'load'), progress(1, 'train'), progress(1, 'measure')].map(doingWords)).toEqual([
      'Getting ready: reckoning how long it takes',
      'Loading the model of SFT, seed 0',
      'Training SFT, seed 0',
      'Measuring requests of SFT, seed 0',
    ])
  })
})
