// Each chart says in words what it draws.

import { expect, test } from 'vitest'
import { applyEvent, emptyView, replay } from '../../../src/core/run/view'
import { momentAt } from '../../../src/app/train/moment'
import { metricNames, metricPanels, panelsOf } from '../../../src/app/train/panels'
import { syntheticRun } from '../synthetic'

const view = replay(syntheticRun('rlvr'))
const at = (step: number, smooth = 2) => panelsOf(view, momentAt(view, step), { smooth })
const panel = (id: string, step = 40, smooth = 2) => at(step, smooth).find((each) => each.id === id)!

test('a run shows its aim, accuracy, KL, harm, entropy and gradient', () => {
  expect(at(40).map(({ id }) => id)).toEqual(['aim', 'accuracy', 'kl', 'harm', 'entropy', 'grad_norm'])
})

test('the raw curve lies under the smoothed one; without smoothing it stands alone', () => {
  expect(panel('aim').lines.map(({ name, faint }) => [name, faint ?? false])).toEqual([
    ['each step', true],
    ['smoothed', false],
  ])
  expect(panel('aim', 40, 0).lines.map(({ name }) => name)).toEqual(['each step'])
  const [raw] = panel('aim').lines
  expect(raw.points[3].high! - raw.points[3].y).toBeCloseTo(0.48, 12)
})

test('the figure is that of the moment', () => {
  const [raw] = panel('aim').lines
  expect(panel('aim', 5).figure).toBe(raw.points[4].y.toFixed(2))
  expect(panel('accuracy', 5).figure).toBe('0.45')
  expect(panel('accuracy', 5).note).toMatch(/^95 % .* n = 150$/)
})

test('only values of one sign may stand on a logarithmic axis', () => {
  expect(panel('harm').positive).toBe(false)
  expect(panel('kl').positive).toBe(true)
  expect(metricPanels(view, 'loss', momentAt(view, 40), { smooth: 0 })[0].positive).toBe(false)
})

test('any metric can be drawn by its name, with its meaning and unit', () => {
  expect(metricNames(view)).toContain('completions/mean_length')
  const [own] = metricPanels(view, 'completions/mean_length', momentAt(view, 40), { smooth: 0 })
  expect(own).toMatchObject({ title: 'completions/mean_length', figure: '25', note: 'tokens' })
  expect(own.description).toMatch(/^Mean tokens of a completion, stop token included: 25 tokens at step 40/)
  expect(metricPanels(view, 'no/such', momentAt(view, 40), { smooth: 0 })).toEqual([])
})

test('before the first event there is something to say', () => {
  const [started] = syntheticRun('rlvr')
  for (const early of [emptyView(), applyEvent(emptyView(), started)])
    for (const { description } of panelsOf(early, momentAt(early, 0), { smooth: 2 }))
      expect(description).not.toContain('NaN')
})

test('a text alternative stays short, however long the run', () => {
  const long = replay(syntheticRun('rlvr', { steps: 400, every: 10 }))
  const { description } = panelsOf(long, momentAt(long, 400), { smooth: 2 })[1]
  expect(description).toMatch(/^Held-out accuracy: lately /)
  expect(description.length).toBeLessThan(250)
})
