import { describe, expect, test } from 'vitest'
import { summaryOf } from '../../../src/core/run/summary'
import { resolvePreset } from '../../../src/core/run/presets'
import { replay } from '../../../src/core/run/view'
import { defaultChoice, readChoice } from '../../../src/app/runs/choice'
import { configDifferences } from '../../../src/app/runs/differences'
import { agoWords, canGoOn, listStory, matches, placeWords, rowsOf, stateWords } from '../../../src/app/runs/rows'
import { readTags } from '../../../src/app/runs/tags'
import type { AttachedRunner } from '../../../src/app/runners/attached.svelte'
import type { KeptRun } from '../../../src/app/storage/run-index'
import type { RunnerJob } from '../../../src/lab/runner-api'
import { LONGEST, noWords } from '../../../src/lab/bundle/words'
import { syntheticRun } from '../synthetic'

const events = syntheticRun('sft', { steps: 20 })
const summary = summaryOf(replay(events), '2026-11-24T10:00:00.000Z')!
const whole: KeptRun = { id: 'sft-1', ...noWords, origin: 'here', sizeBytes: 9, summary }
const cut: KeptRun = {
  ...whole,
  id: 'sft-2',
  name: 'Second try',
  tags: ['talk', 'Draft'],
  note: 'see step 7',
  summary: { ...summary, startedAt: '2026-11-25T10:00:00.000Z', step: 7, end: null },
}

const job = (changes: Partial<RunnerJob>): RunnerJob => ({
  id: 'in-terminal',
  state: 'done',
  config: summary.config,
  key: null,
  tries: 0,
  cause: '',
  isCancelling: false,
  submittedAt: '2026-11-24T11:00:00.000Z',
  startedAt: '2026-11-24T12:00:00.000Z',
  endedAt: '2026-11-24T13:00:00.000Z',
  ...changes,
})
/** A runner with one run in its folder, and these jobs. */
function runnerWith(...jobs: RunnerJob[]): AttachedRunner {
  const runs = [{ id: 'in-terminal', summary: { ...summary, startedAt: '2026-11-24T12:00:00.000Z' } }]
  const find = (id: string) => jobs.find((each) => each.id === id)
  return {
    title: 'the runner big one',
    name: 'big one',
    url: 'http://127.0.0.1:7416',
    standing: 'ready',
    runs,
    jobs,
    job: find,
  } as unknown as AttachedRunner
}
const rows = rowsOf([whole, cut], [runnerWith()])
const found = (find: string) => rows.filter((row) => matches(row, find)).map(({ id }) => id)

describe('the list of runs', () => {
  test('has runs of the browser and of the runner in one order, newest first', () => {
    expect(rows.map(({ id, place, name }) => [id, place, name])).toEqual([
      ['sft-2', 'browser', 'Second try'],
      ['in-terminal', 'runner', 'in-terminal'],
      ['sft-1', 'browser', 'sft, steps 20'],
    ])
  })

  test('every word that is looked for must be there; # looks among tags alone', () => {
    expect(found('')).toHaveLength(3)
    expect(found('second STEP')).toEqual(['sft-2'])
    expect(found('second nowhere')).toEqual([])
    expect(found('#tal')).toEqual(['sft-2'])
    expect(found('#second')).toEqual([])
    expect(found('cut short')).toEqual(['sft-2'])
    expect(found('complete')).toEqual(['in-terminal', 'sft-1'])
  })

  test('only what this browser keeps, and is not at its end, can go on', () => {
    expect(rows.map(canGoOn)).toEqual([true, false, false])
    expect(rows.map((row) => stateWords(row, false))).toEqual(['cut short', 'complete', 'complete'])
    expect(stateWords(rows[0], true)).toBe('running')
  })

  test('what a runner was asked for is there before it has begun, and says how it stands', () => {
    const waiting = job({ id: 'later', state: 'queued', startedAt: null, endedAt: null })
    const [first, second] = rowsOf(
      [],
      [runnerWith(waiting, job({ state: 'failed', cause: 'It took too much memory.' }))],
    )
    expect([first.id, second.id]).toEqual(['in-terminal', 'later'])
    expect([stateWords(first, false), stateWords(second, true)]).toEqual(['failed', 'waits for its turn'])
    expect(second.summary).toMatchObject({ step: 0, startedAt: waiting.submittedAt, end: null })
    expect(stateWords({ summary, job: job({ state: 'queued', cause: 'Its process died.' }) }, true)).toBe(
      'waits for its next try',
    )
    expect(stateWords({ summary, job: job({ state: 'running', isCancelling: true }) }, true)).toBe('being saved')
    expect(canGoOn(second)).toBe(false)
  })

  test('a run has a row for every place that has it, each of its own', () => {
    const both = rowsOf([{ ...whole, id: 'in-terminal', origin: 'runner' }], [runnerWith(job({}))])
    expect(both.map(({ key }) => key).sort()).toEqual(['127.0.0.1:7416/in-terminal', 'in-terminal'])
    expect(both.map(placeWords).sort()).toEqual(['From a runner', 'On the runner big one'])
  })

  test('says what it holds, and what to do where it holds nothing', () => {
    expect(listStory(rows, 3, true).title).toBe('3 runs: 2 in this browser, 1 on runners.')
    expect(listStory(rows.slice(0, 1), 1, true).title).toBe('One run, in this browser.')
    expect(listStory(rows, 1, true).detail).toMatch(/^1 of them is shown\./)
    expect(listStory([], 0, true).title).toBe('Nothing has been run here yet.')
    expect(listStory([], 0, false).title).toBe('This browser keeps no runs.')
  })

  test('a time is told as one says it', () => {
    const now = Date.parse('2026-11-25T12:00:00.000Z')
    const times = ['2026-11-25T11:59:40Z', '2026-11-25T11:57:00Z', '2026-11-25T08:10:00Z', '2026-11-20T08:00:00Z', '']
    expect(times.map((time) => agoWords(time, now))).toEqual([
      'just now',
      '3 min ago',
      '3 h ago',
      '20 Nov 2026',
      'at a time that is not known',
    ])
  })
})

test('two configurations differ in the fields that differ, and their preset’s name is none', () => {
  const a = resolvePreset('rlvr')
  expect(configDifferences([a, { ...a, preset: 'other' }])).toEqual([])
  const program = 'x'.repeat(100)
  const b = {
    ...a,
    seed: 3,
    controller: { kind: 'budget' as const, allowanceNats: 1, action: 'stop' as const, growth: 1.5 },
    algorithm: { ...a.algorithm, clip: { ...a.algorithm.clip, high: Infinity } },
    reward: { ...a.reward, program },
  }
  const told = configDifferences([a, b]).map(({ path, values }) => [path, ...values])
  expect(told).toContainEqual(['seed', '0', '3'])
  expect(told).toContainEqual(['algorithm.clip.high', '0.2', '∞'])
  expect(told).toContainEqual(['controller.kind', 'fixed', 'budget'])
  expect(told).toContainEqual(['controller.allowanceNats', '–', '1'])
  expect(told).toContainEqual(['reward.program', 'empty', 'a text of 100 characters'])
})

test('tags are read as they are typed: with or without #, each once, and not too many', () => {
  expect(readTags(' #talk, draft ,,talk, ## ')).toEqual(['talk', 'draft'])
  expect(readTags('x'.repeat(100))).toEqual(['x'.repeat(LONGEST.tag)])
  expect(readTags(Array.from({ length: 50 }, (_, i) => `t${i}`).join())).toHaveLength(LONGEST.tags)
})

test('a link with too long a word shows all runs, and says so', () => {
  const { choice, problems } = readChoice(new URLSearchParams([['find', 'x'.repeat(300)]]))
  expect(choice).toEqual(defaultChoice)
  expect(problems[0]).toContain('The link could not be read fully: find: expected')
})
