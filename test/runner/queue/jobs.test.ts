// Jobs are durable, taken once, in order, and end once.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import {
  JobStoreError,
  KeyReusedError,
  MOST_TRIES,
  NewerJobsError,
  openJobs,
  type Jobs,
} from '../../../src/runner/queue/jobs'

let folder: string
let path: string
let elapsedMs: number
let wallMs: number
let jobs: Jobs

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-jobs-'))
  path = join(folder, 'jobs.db')
  elapsedMs = 0
  wallMs = Date.UTC(2026, 10, 26)
  jobs = openJobs(path, clock)
})
afterEach(async () => {
  jobs.close()
  await rm(folder, { recursive: true })
})

const clock = { now: () => wallMs, elapsed: () => elapsedMs }
const submit = (id: string, key: string | null = null, seed = 0) =>
  jobs.submit({ id, key, config: { ...defaultConfig, seed } })
const states = () => Object.fromEntries(jobs.list().map(({ id, state }) => [id, state]))

describe('submitting', () => {
  test('a job comes back as it was submitted, infinite clip ranges too, from another connection', () => {
    const { algorithm } = defaultConfig
    const config = { ...defaultConfig, algorithm: { ...algorithm, clip: { ...algorithm.clip, high: Infinity } } }
    const submitted = jobs.submit({ id: 'a', key: null, config })
    const other = openJobs(path)
    expect(other.get('a')).toEqual(submitted)
    expect(other.get('a')!.config.algorithm.clip.high).toBe(Infinity)
    expect(submitted).toMatchObject({ state: 'queued', tries: 0, submittedAt: '2026-11-26T00:00:00.000Z' })
    other.close()
  })

  test('the same key gives the same job, whatever became of it; for another job it is refused', () => {
    submit('a', 'key')
    expect(submit('b', 'key').id).toBe('a')
    jobs.claim('me')
    jobs.end('a', 'me', 'done', '')
    expect(submit('c', 'key')).toMatchObject({ id: 'a', state: 'done' })
    expect(() => submit('d', 'key', 1)).toThrow(KeyReusedError)
    expect(states()).toEqual({ a: 'done' })
  })

  test('two jobs of one name are refused', () => {
    submit('a')
    expect(() => submit('a')).toThrow(/UNIQUE/)
  })
})

describe('taking', () => {
  test('the oldest first, each once, and none when there is none', () => {
    for (const id of ['a', 'b', 'c']) submit(id)
    expect([1, 2, 3, 4].map(() => jobs.claim('me')?.id ?? null)).toEqual(['a', 'b', 'c', null])
    expect(jobs.list('running').map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })

  test('two connections never take the same one', () => {
    for (let i = 0; i < 40; i++) submit(`job-${i}`)
    const other = openJobs(path)
    const taken = Array.from({ length: 20 }, () => [jobs.claim('me')!.id, other.claim('you')!.id]).flat()
    expect(new Set(taken).size).toBe(40)
    other.close()
  })

  test('what is held by another owner is not changed', () => {
    submit('a')
    jobs.claim('me')
    expect(jobs.end('a', 'you', 'done', '')).toBe(false)
    jobs.retry('a', 'you', 'died')
    jobs.giveBack('a', 'you', 'died')
    expect(jobs.get('a')).toMatchObject({ state: 'running', tries: 0 })
    expect(jobs.end('a', 'me', 'done', '')).toBe(true)
    expect(jobs.end('a', 'me', 'failed', '')).toBe(false)
    expect(jobs.get('a')).toMatchObject({ state: 'done' })
  })
})

describe('trying again', () => {
  test('waits longer each time, and after the last try it has failed, with the cause', () => {
    submit('a')
    const waits: (number | null)[] = []
    for (let i = 0; i < MOST_TRIES; i++) {
      expect(jobs.claim('me')?.id).toBe('a')
      jobs.retry('a', 'me', `died ${i}`)
      waits.push(jobs.nextDueMs())
      expect(jobs.claim('me')).toBe(null)
      elapsedMs += 60_000
    }
    expect(waits).toEqual([1_000, 10_000, null])
    expect(jobs.get('a')).toMatchObject({ state: 'failed', cause: `died ${MOST_TRIES - 1}` })
  })

  test('a new checkpoint forgives what was before it', () => {
    submit('a')
    for (let i = 0; i < 2 * MOST_TRIES; i++) {
      expect(jobs.claim('me')?.id).toBe('a')
      jobs.progressed('a', 'me')
      jobs.retry('a', 'me', 'died')
      elapsedMs += 60_000
    }
    expect(jobs.get('a')).toMatchObject({ state: 'queued', tries: 1 })
  })

  test('a wall clock that jumps changes nothing', () => {
    for (const jumpMs of [-365 * 86_400_000, 365 * 86_400_000]) {
      submit(`jump ${jumpMs}`)
      const { id } = jobs.claim('me')!
      jobs.retry(id, 'me', 'died')
      wallMs += jumpMs
      expect(jobs.claim('me')).toBe(null)
      elapsedMs += 1_000
      expect(jobs.claim('me')?.id).toBe(id)
    }
  })

  test('after the runner died, everything that it held is queued again, first of all, without a lost try', () => {
    for (const id of ['a', 'b', 'c']) submit(id)
    jobs.claim('dead')
    jobs.claim('dead')
    jobs.close()
    jobs = openJobs(path, clock)
    expect(jobs.recover('me', 'The runner ended.').map(({ id }) => id)).toEqual(['a', 'b'])
    expect(jobs.get('a')).toMatchObject({ state: 'queued', tries: 0, cause: 'The runner ended.' })
    expect(jobs.claim('me')).toMatchObject({ id: 'a', cause: '' })
    expect(jobs.recover('me', '')).toEqual([])
  })
})

describe('cancelling', () => {
  test('a queued job at once, a running one by asking, an ended one not at all', () => {
    submit('a')
    submit('b')
    jobs.claim('me')
    expect(jobs.cancel('b')).toMatchObject({ state: 'cancelled' })
    expect(jobs.cancel('a')).toMatchObject({ state: 'running', isCancelling: true })
    jobs.end('a', 'me', 'cancelled', '')
    expect(jobs.get('a')).toMatchObject({ state: 'cancelled', isCancelling: false })
    expect(jobs.cancel('a')).toMatchObject({ state: 'cancelled' })
    expect(jobs.cancel('nowhere')).toBe(null)
  })

  test('a job that was to stop and lost its process has stopped', () => {
    submit('a')
    jobs.claim('dead')
    jobs.cancel('a')
    jobs.recover('me', 'The runner ended.')
    expect(jobs.get('a')).toMatchObject({ state: 'cancelled', cause: 'The runner ended.' })
  })
})

test('a database that is damaged is refused with what to do', async () => {
  const damaged = join(folder, 'damaged.db')
  await writeFile(
    damaged,
    'This is no database, and is longer than the header of one would be: a hundred bytes and some more.',
  )
  const error = catchError(() => openJobs(damaged))
  expect(error).toBeInstanceOf(JobStoreError)
  expect(error.message.replace(folder, 'FOLDER')).toMatchInlineSnapshot(
    `"FOLDER/damaged.db cannot be used: file is not a database (SQLITE_NOTADB). It is damaged: move it away and start the runner again. The runs are in their folders, and go on with npx tiltlab train --resume."`,
  )
})

function catchError(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

test('a database of a newer tiltlab is refused and left as it is', () => {
  const database = new Database(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
  expect(() => openJobs(path)).toThrow(NewerJobsError)
})
