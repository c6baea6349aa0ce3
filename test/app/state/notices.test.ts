import { expect, test } from 'vitest'
import { resolvePreset } from '../../../src/core/run/presets'
import { summaryOf } from '../../../src/core/run/summary'
import { replay } from '../../../src/core/run/view'
import { notices, type Noticed } from '../../../src/app/state/notices'
import type { KeptRun } from '../../../src/app/storage/run-index'
import { noWords } from '../../../src/lab/bundle/words'
import { syntheticRun } from '../synthetic'

const quiet: Noticed = {
  role: 'writer',
  tookOver: false,
  training: false,
  keepingProblem: '',
  sleepReason: '',
  sleptMs: 0,
  machine: { webgpu: null, webgl: null, cores: 2, auto: 'reference', missing: 'This browser has no WebGPU.' },
  config: resolvePreset('rlvr'),
  failure: '',
  linkProblems: [],
  runs: [],
  keeps: true,
  own: { runId: '', saved: 0 },
}

const summary = summaryOf(replay(syntheticRun('rlvr', { steps: 40 })), '')!
const run = (changes: Partial<KeptRun['summary']>): KeptRun => ({
  id: 'a',
  ...noWords,
  origin: 'here',
  sizeBytes: 1,
  summary: { ...summary, ...changes },
})

const told = (changes: Partial<Noticed>) =>
  notices({ ...quiet, ...changes }).map(({ tone, title, detail, remedy }) => `${tone}: ${title} ${detail}${remedy ? ` [${remedy.label}]` : ''}`) // prettier-ignore

test('where all is well nothing is said', () => {
  expect(told({})).toEqual([])
  expect(told({ training: true })).toEqual([])
  expect(told({ runs: [run({})] })).toEqual([])
})

test('a run that was cut short says what is kept, and goes on', () => {
  const cut = run({ step: 17, savedStep: 10, end: null })
  expect(told({ runs: [cut] })).toMatchInlineSnapshot(`
    [
      "plain: The run “rlvr” was cut short after 17 steps. It is kept up to step 10, and goes on from there with the same numbers as if nothing had happened. [Go on from step 10]",
    ]
  `)
  expect(told({ runs: [run({ step: 3, savedStep: 0, end: null })] })).toMatchInlineSnapshot(`
    [
      "plain: The run “rlvr” was cut short after 3 steps. It had no checkpoint yet: it begins anew, with the same numbers. [Begin anew]",
    ]
  `)
  expect(told({ runs: [cut], failure: 'The graphics device was lost (reset).' })).toMatchInlineSnapshot(`
    [
      "bad: The run “rlvr” failed after 17 steps. The graphics device was lost (reset). It is kept up to step 10, and goes on from there with the same numbers as if nothing had happened. [Go on from step 10]",
    ]
  `)
})

test('it is not told of while something is trained, in a tab that looks on, or of a run from a file', () => {
  const cut = run({ step: 17, savedStep: 10, end: null })
  expect(told({ runs: [cut], training: true })).toEqual([])
  expect(told({ runs: [cut], role: 'unknown' })).toEqual([])
  expect(told({ runs: [{ ...cut, origin: 'file' }] })).toEqual([])
  expect(told({ runs: [run({ step: 9, end: { reason: 'cancelled', message: '' } })] })).toEqual([])
})

test('a run that failed in this tab can be taken up again; one that failed long ago is in the list', () => {
  const failed = run({ step: 17, savedStep: 10, end: { reason: 'failed', message: 'no' } })
  expect(told({ runs: [failed], own: { runId: 'a', saved: 10 } })).toEqual([
    expect.stringContaining('[Go on from step 10]'),
  ])
  expect(told({ runs: [failed] })).toEqual([])
})

test('a full disk, a browser that keeps nothing, a second tab, a bad link', () => {
  expect(told({ training: true, keepingProblem: 'This browser has no room left.', own: { runId: 'a', saved: 10 } }))
    .toMatchInlineSnapshot(`
    [
      "bad: There is no room left: the run goes on, and is not being kept. This browser has no room left. It is kept up to step 10; what came after waits in this tab, and is written as soon as there is room. Until then it is lost if the tab is closed. [Make room]",
    ]
  `)
  expect(told({ training: true, keeps: false })).toMatchInlineSnapshot(`
    [
      "warn: This run is not kept. This browser lets the page keep no files, as private windows do. The run is gone with the tab; save what you need from its charts before.",
    ]
  `)
  expect(told({ role: 'reader' })).toMatchInlineSnapshot(`
    [
      "plain: tiltlab is open in another tab, which trains and keeps the runs. Here everything can be looked at. This tab takes over by itself when the other one is closed.",
    ]
  `)
  expect(told({ tookOver: true })).toMatchInlineSnapshot(`
    [
      "plain: The other tab was closed: this one trains and keeps the runs now. A run that was under way there is among the runs, up to its last checkpoint.",
    ]
  `)
  expect(told({ linkProblems: ['There is no view "x".'] })).toMatchInlineSnapshot(`
    [
      "warn: Something in this link means nothing here. There is no view "x".",
    ]
  `)
})

test('no WebGPU where it is asked for, a machine that sleeps and one that may', () => {
  const config = { ...quiet.config, engine: { ...quiet.config.engine, kind: 'webgpu' as const } }
  expect(told({ config })).toMatchInlineSnapshot(`
    [
      "warn: These settings ask for WebGPU, and there is none here. This browser has no WebGPU. A run would fail as it is. [Train with what this machine has]",
    ]
  `)
  expect(told({ training: true, sleptMs: 720_000, sleepReason: 'battery saver' })).toMatchInlineSnapshot(`
    [
      "plain: This tab stood still for 12 min 0 s. The machine slept, or the browser had put the tab away. Nothing is lost: the run goes on where it was.",
      "plain: This machine may go to sleep while it trains. The browser does not keep it awake (battery saver). A run waits meanwhile, and goes on afterwards.",
    ]
  `)
})
