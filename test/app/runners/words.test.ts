import { expect, test } from 'vitest'
import { resolvePreset } from '../../../src/core/run/presets'
import { fetchesOf, refusalOf } from '../../../src/app/runners/subject'
import { queueWords } from '../../../src/app/runners/words'
import type { RunnerJob } from '../../../src/lab/runner-api'

const rlvr = resolvePreset('rlvr')
const data = resolvePreset('data')

test('what only this page has been shown is refused, with what to do', () => {
  expect(refusalOf(rlvr)).toBeNull()
  expect(refusalOf({ ...rlvr, model: { ...rlvr.model, id: 'folder:mine' } })).toContain(
    'tiltlab run submit --model FOLDER',
  )
  expect(refusalOf({ ...data, data: { ...data.data, source: 'mine.jsonl' } })).toContain('--data.source FILE')
  expect(refusalOf({ ...data, data: { ...data.data, source: 'openai/gsm8k' } })).toBeNull()
})

test('what the runner fetches for itself is told', () => {
  expect(fetchesOf(rlvr)).toBe('')
  const hub = {
    ...data,
    model: { ...data.model, id: 'Qwen/Qwen3-0.6B' },
    data: { ...data.data, source: 'openai/gsm8k' },
  }
  expect(fetchesOf(hub)).toContain('the model and the data')
})

test('a queue is told in a sentence', () => {
  const job = (state: RunnerJob['state']) => ({ state }) as RunnerJob
  const words = (...jobs: RunnerJob[]) => queueWords({ standing: 'ready', jobs })
  expect(words()).toBe('It has nothing to do.')
  expect(words(job('done'))).toBe('It has nothing to do.')
  expect(words(job('running'))).toBe('It trains 1 run.')
  expect(words(job('running'), job('queued'), job('queued'))).toBe('It trains 1 run; in its queue: 2 runs.')
  expect(words(job('queued'))).toBe('It trains nothing now; in its queue: 1 run.')
  expect(queueWords({ standing: 'away', jobs: [job('running')] })).toBe('')
})
