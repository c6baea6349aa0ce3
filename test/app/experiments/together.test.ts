// Runs that are held against each other: what makes one group, what is known of its mean, and what it has cost.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandOf } from '../../../src/app/experiments/together/band'
import { defaultChoice } from '../../../src/app/experiments/together/choice'
import { costAt, operationsPerToken } from '../../../src/app/experiments/together/cost'
import { curvesOf, curvesOfCell, type Curves } from '../../../src/app/experiments/together/curves'
import { groupRuns } from '../../../src/app/experiments/together/groups'
import { metricNames, panelsOf, referencesOf } from '../../../src/app/experiments/together/panels'
import { axesOf, brushed, parallelTable, withBrush } from '../../../src/app/experiments/together/parallel'
import { resultsOf } from '../../../src/app/experiments/together/results'
import type { RunConfig } from '../../../src/core/run/config'
import { resolvePreset } from '../../../src/core/run/presets'
import type { CellRecord } from '../../../src/lab/experiments/experiment'
import { syntheticRun } from '../synthetic'

const rlvr = resolvePreset('rlvr')
const beta = (value: number): RunConfig => ({
  ...rlvr,
  algorithm: { ...rlvr.algorithm, kl: { ...rlvr.algorithm.kl, placement: 'loss', beta: value } },
})

/** A run whose metrics are given, one value a step from step 1 on. */
function run(name: string, config: RunConfig, metrics: Record<string, number[]>): Curves {
  const series = Object.entries(metrics).map(([metric, values]) => {
    return [metric, { steps: values.map((_, i) => i + 1), values }] as const
  })
  return { id: name, name, config, parameters: { base: 1000, adapter: 100 }, series: new Map(series) }
}

const seeds = [0, 1, 2].map((seed) =>
  run(
    `s${seed}`,
    { ...rlvr, seed },
    { reward: [0.2 + 0.1 * seed, 0.5], step_time: [1, 2 + seed], num_tokens: [100, 300] },
  ),
)

describe('groups', () => {
  test('are runs that differ by nothing but their seed; a preset’s name is no difference', () => {
    const named = { ...seeds[0], config: { ...rlvr, preset: 'other', seed: 9 } }
    const groups = groupRuns([...seeds, run('b', beta(0.1), {}), named, run('c', beta(0.3), {})])
    expect(groups.map(({ letter, runs }) => [letter, runs.map(({ name }) => name)])).toEqual([
      ['A', ['s0', 's1', 's2', 's0']],
      ['B', ['b']],
      ['C', ['c']],
    ])
  })

  test('are called by what they differ in, by their preset if that is much, by their name if it is nothing', () => {
    const [first, second] = groupRuns([run('a', beta(0.1), {}), run('b', beta(0.3), {})])
    expect([first.label, second.label]).toEqual(['beta 0.1', 'beta 0.3'])
    expect(groupRuns([run('alone', rlvr, {})])[0].label).toBe('alone')
    expect(groupRuns([run('a', rlvr, {}), run('b', resolvePreset('sft'), {})])[1].label).toBe('method sft, steps 120')
    const much = { ...beta(0.1), steps: 7, rollout: { ...rlvr.rollout, groupSize: 2 }, preset: 'mine' }
    expect(groupRuns([run('a', rlvr, {}), run('b', much, {})])[1].label).toBe('mine')
  })
})

describe('the mean over seeds', () => {
  test('has Student’s interval with n − 1 degrees of freedom, or one standard error, and says its N', () => {
    const [first, last] = bandOf(seeds, 'reward', 'step', 'ci')
    // t(0.975, 2) = 4.30265, standard error 0.1/√3.
    expect(first).toMatchObject({ x: 1, n: 3 })
    expect(first.y).toBeCloseTo(0.3, 12)
    expect(first.high! - first.y).toBeCloseTo((4.30265 * 0.1) / Math.sqrt(3), 5)
    expect(last).toEqual({ x: 2, y: 0.5, low: 0.5, high: 0.5, n: 3 })
    expect(first.high! - first.y).toBeGreaterThan(bandOf(seeds, 'reward', 'step', 'stderr')[0].high! - first.y)
    expect(bandOf(seeds, 'reward', 'step', 'stderr')[0].high).toBeCloseTo(0.3 + 0.1 / Math.sqrt(3), 12)
  })

  test('has no band for one run, and counts at each step those that got so far', () => {
    expect(bandOf(seeds.slice(0, 1), 'reward', 'step', 'ci')[0]).toEqual({ x: 1, y: 0.2, n: 1 })
    const short = run('short', rlvr, { reward: [0.4] })
    expect(bandOf([seeds[0], short], 'reward', 'step', 'ci').map(({ n }) => n)).toEqual([2, 1])
  })

  test('lies where its runs are on average along what they have spent', () => {
    expect(bandOf(seeds, 'reward', 'time', 'ci').map(({ x }) => x)).toEqual([1, 4])
    expect(bandOf(seeds, 'reward', 'tokens', 'ci').map(({ x }) => x)).toEqual([100, 300])
    expect(bandOf([run('untimed', rlvr, { reward: [1] })], 'reward', 'time', 'ci')).toEqual([])
  })
})

describe('cost', () => {
  const parameters = { base: 1000, adapter: 100 }

  test('two operations a weight forwards, as many backwards, and twice as many again for weights that are trained', () => {
    const pass = 2 * 1100 + 2 * 1000 + 4 * 100
    expect(operationsPerToken(resolvePreset('sft'), parameters)).toBe(pass)
    expect(operationsPerToken(rlvr, parameters)).toBe(2 * 1100 + 2 * 1000 + pass)
    const twice = { ...rlvr, update: { ...rlvr.update, epochs: 2 } }
    expect(operationsPerToken(twice, parameters) - operationsPerToken(rlvr, parameters)).toBe(pass)
  })

  test('nothing is spent before the first step, and it never falls', () => {
    for (const along of ['step', 'time', 'tokens', 'compute'] as const) {
      expect(costAt(seeds[1], along, 0)).toBe(0)
      expect(costAt(seeds[1], along, 2)!).toBeGreaterThan(costAt(seeds[1], along, 1)!)
    }
    expect(costAt(seeds[0], 'compute', 1)).toBe(100 * operationsPerToken(rlvr, seeds[0].parameters))
  })
})

describe('charts', () => {
  test('have the usual metrics that runs have, and the one that is asked for, a line a group', () => {
    const groups = groupRuns([...seeds, run('b', beta(0.1), { reward: [0.1], 'theory/kl_task': [0.5] })])
    const panels = panelsOf(groups, { ...defaultChoice, metric: 'num_tokens' })
    expect(panels.map(({ id, lines }) => [id, lines.map(({ name }) => name)])).toEqual([
      ['reward', ['A', 'B']],
      ['theory/kl_task', ['B']],
      ['num_tokens', ['A']],
    ])
    expect(panels[0].description).toContain('A 0.5 in the end, 3 runs; B 0.1 in the end, one run')
    expect(metricNames(groups)).toContain('step_time')
  })

  test('apart, all charts of a metric cover one range, bands included', () => {
    const groups = groupRuns([...seeds, run('b', beta(0.1), { reward: [0.9] })])
    const apart = panelsOf(groups, { ...defaultChoice, apart: true })
    expect(apart.map(({ lines }) => lines.length)).toEqual([1, 1])
    const low = bandOf(seeds, 'reward', 'step', 'ci')[0].low!
    for (const { always } of apart) expect(always).toEqual([low, 0.9])
  })

  test('harm is held against what is fine, what is an alarm, and what the largest KL permits', () => {
    const groups = groupRuns([run('a', rlvr, { 'safety/harm_difference': [0.2], 'theory/kl_harmful': [0.08] })])
    const [fine, alarm, bound] = referencesOf(groups, 'safety/harm_difference', defaultChoice)
    expect([fine.value, alarm.value]).toEqual([0.1, 0.5])
    // Pinsker: 4·√(0.08/2).
    expect(bound.value).toBeCloseTo(0.8, 12)
    expect(referencesOf(groups, 'reward', { ...defaultChoice, line: 0.7 })[0].value).toBe(0.7)
    expect(referencesOf(groups, 'reward', { ...defaultChoice, line: 0.7, metric: 'kl' })).toEqual([])
  })

  test('a table tells the last values with their N', () => {
    const [row] = resultsOf(groupRuns(seeds), 'ci')
    expect(row.values).toEqual(['0.5 (0.5 … 0.5), n = 3'])
  })
})

describe('parallel coordinates', () => {
  const sweep = [0.001, 0.01, 0.1].map((value, i) => run(`b${value}`, { ...beta(value), seed: i }, { reward: [i] }))

  test('have an axis for each setting that differs and each result, wide ones logarithmic', () => {
    const axes = axesOf(sweep)
    expect(axes.map(({ name, kind }) => [name, kind])).toEqual([
      ['seed', 'setting'],
      ['algorithm.kl.beta', 'setting'],
      ['reward', 'result'],
    ])
    axes[1].places.forEach((place, i) => expect(place).toBeCloseTo(i / 2, 12))
    expect(axes[1].words).toEqual(['0.001', '0.01', '0.1'])
  })

  test('a brush keeps what lies between its ends, on every axis; the whole axis is no brush', () => {
    const axes = axesOf(sweep)
    const upper = withBrush([], { axis: 'reward', low: 0.4, high: 1 })
    expect(brushed(axes, upper, 3)).toEqual([false, true, true])
    const both = withBrush(upper, { axis: 'seed', low: 0, high: 0.6 })
    expect(brushed(axes, both, 3)).toEqual([false, true, false])
    expect(withBrush(both, { axis: 'reward', low: -1, high: 2 })).toEqual([both[1]])
    expect(parallelTable(axes, sweep, [false, true, true]).rows[0]).toEqual(['b0.001', 'no', 0, 0.001, 0])
  })

  test('words are a list, and a run without a value is left out by a brush on its axis', () => {
    const mixed = [sweep[0], run('sft', resolvePreset('sft'), {})]
    const axes = axesOf(mixed)
    const method = axes.find(({ name }) => name === 'method')!
    expect(method.ticks.map(({ label }) => label)).toEqual(['rl', 'sft'])
    expect(brushed(axes, [{ axis: 'reward', low: 0, high: 1 }], 2)).toEqual([true, false])
  })

  test('places are within the axis, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1 }),
        (values) => {
          const axes = axesOf(values.map((value, i) => run(String(i), rlvr, { reward: [value] })))
          for (const place of axes[0].places) expect(place! >= -1e-9 && place! <= 1 + 1e-9).toBe(true)
        },
      ),
    )
  })
})

test('a journal and the record of an experiment give curves alike', async () => {
  const curves = (await curvesOf('a', 'a', syntheticRun('rlvr')))!
  expect(curves.series.get('reward')!.steps).toHaveLength(40)
  const record = { config: curves.config, seed: 4, parameters: 99, series: Object.fromEntries(curves.series) }
  const cell = curvesOfCell('b', 'b', record as unknown as CellRecord)!
  expect(cell.config.seed).toBe(4)
  expect(groupRuns([curves, cell])).toHaveLength(1)
  expect(curvesOfCell('c', 'c', { config: { version: 999 } } as unknown as CellRecord)).toBeNull()
})
