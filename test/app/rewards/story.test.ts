import { describe, expect, test } from 'vitest'
import type { SuiteReport } from '../../../src/lab/workbench/report'
import { phaseWords, rewardStory, type Told } from '../../../src/app/rewards/story'
import { probe, report } from './shared'

const told = (known: Partial<Told>) =>
  rewardStory({ empty: false, ready: true, busy: false, problem: null, report: null, stale: false, ...known })
const corrupted = { suite: 'corrupted' } as SuiteReport
const hack = (title: string, count: number) =>
  probe({ isHack: true, verdict: `Hackable by ${title}.`, aboveThreshold: { count, n: 4, low: 0, high: 1 } })

describe('the headline', () => {
  test('an empty editor explains itself, whatever was found before', () => {
    expect(told({ empty: true, report: report() }).title).toBe('Write a reward, and see at once what it pays for.')
  })

  test('what stops a trial comes first, with its place', () => {
    const problem = { about: 'program', message: 'Unexpected token.', at: { line: 3, column: 1 } } as const
    expect(told({ problem, report: report() })).toEqual({
      title: 'Line 3 of the program has to be mended.',
      detail: 'Unexpected token.',
      tone: 'bad',
    })
    expect(told({ problem: { about: 'formula', message: 'No.', position: 4 } }).title).toContain('character 5')
    expect(told({ problem: { about: 'data', message: 'No.' } }).title).toBe('The data cannot be used as it is.')
  })

  test('failures come before hacks, and the hack that pays most is named', () => {
    const probes = [hack('copying', 1), hack('listing', 4), hack('hiding', 2), probe({})]
    expect(told({ report: report({ probes }) })).toEqual({
      title: 'This reward is hackable: 3 of 4 attempts to cheat get it.',
      detail: 'Hackable by listing.',
      tone: 'bad',
    })
    const failures = [{ part: 'user', kind: 'exception', line: 2, message: 'oh', count: 1, examples: ['gold:0'] }]
    expect(told({ report: report({ probes, failures }) })).toEqual({
      title: 'The reward fails on 1 of 1 completion.',
      detail: 'First in line 2 (exception): oh.',
      tone: 'bad',
    })
  })

  test('good is said only where right and wrong answers were told apart, and no finding is bad', () => {
    const good = { suites: [corrupted], probes: [probe({}), probe({ kind: 'form' })] }
    expect(told({ report: report(good) })).toMatchObject({
      title: 'This reward tells right from wrong, and none of 1 attempts to cheat gets it.',
      tone: 'good',
    })
    expect(told({ report: report({ ...good, suites: [] }) }).tone).toBe('plain')
    const findings = [{ level: 'bad' as const, text: 'Half of the corrupted answers pay.' }]
    expect(told({ report: report({ ...good, findings }) })).toEqual({
      title: 'This reward pays for the wrong things.',
      detail: 'Half of the corrupted answers pay.',
      tone: 'bad',
    })
  })

  test('what an older draft was found to do has no colour', () => {
    expect(told({ report: report({ suites: [corrupted] }), stale: true }).tone).toBe('plain')
  })
})

test('progress is told in bytes while loading and in completions while scoring', () => {
  expect(phaseWords({ phase: 'load', done: 1e6, total: 2e6 }).rest).toBe('1.0 MB of 2.0 MB')
  expect(phaseWords({ phase: 'score', done: 3, total: 1200 })).toEqual({ label: 'Scoring', rest: '3 of 1,200' })
  expect(phaseWords({ phase: 'sample', done: 0, total: 0 }).rest).toBe('')
})
