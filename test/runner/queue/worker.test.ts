// What becomes of a job, for every way in which a run or its process can end. Runs are played: each test says what its
// process does. Real processes are killed in test/runner/queue/kill.test.ts.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TiltlabError } from '../../../src/core/errors'
import { defaultConfig } from '../../../src/core/run/config'
import type { EndReason, RunEvent } from '../../../src/core/run/events'
import type { RunCommand } from '../../../src/lab/session'
import { JobStoreError, openJobs, MOST_TRIES, type Jobs } from '../../../src/runner/queue/jobs'
import { startWorker, type Worker, type WorkerSettings } from '../../../src/runner/queue/worker'
import type { TrainingJob } from '../../../src/runner/training/messages'
import { ProcessDiedError, type TrainingEnd, type TrainingProcess } from '../../../src/runner/training/process'

let folder: string
let jobs: Jobs
let worker: Worker
let played: PlayedRun[]
let elapsedMs: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-worker-'))
  elapsedMs = 0
  jobs = openJobs(':memory:', { now: () => 0, elapsed: () => elapsedMs })
  played = []
})
afterEach(async () => {
  await worker.stop(0)
  jobs.close()
  await rm(folder, { recursive: true })
})

/** A training process whose part a test plays. */
class PlayedRun implements TrainingProcess {
  pid = undefined as number | undefined
  readonly commands: string[] = []
  readonly ended: Promise<TrainingEnd>
  end!: (reason: EndReason, message?: string, unkept?: true) => void
  fail!: (error: Error) => void
  private readonly listeners = new Set<(event: RunEvent) => void>()

  constructor(readonly job: TrainingJob) {
    this.ended = new Promise((resolve, reject) => {
      this.end = (reason, message = '', unkept) => resolve({ reason, step: 1, message, ...(unkept && { unkept }) })
      this.fail = reject
    })
  }

  subscribe(listener: (event: RunEvent) => void) {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  send(command: RunCommand) {
    this.commands.push(command.type)
  }

  kill() {
    this.fail(new ProcessDiedError('killed'))
  }

  say(event: RunEvent) {
    for (const listener of this.listeners) listener(event)
  }
}

function begin(settings: Partial<WorkerSettings> = {}): void {
  worker = startWorker({
    jobs,
    owner: 'me',
    runsFolder: folder,
    gpus: [null],
    memoryBytes: Infinity,
    onEvent: () => undefined,
    onChange: () => undefined,
    startTraining(job) {
      const run = new PlayedRun(job)
      played.push(run)
      return run
    },
    ...settings,
  })
}

function submit(...ids: string[]): void {
  for (const id of ids) jobs.submit({ id, key: null, config: defaultConfig })
  worker?.wake()
}

const run = (index: number) => vi.waitUntil(() => played[index], { timeout: 10_000 })
const becomes = (id: string, state: object) => vi.waitFor(() => expect(jobs.get(id)).toMatchObject(state))

describe('a run that ends by itself', () => {
  test.each<[EndReason, string]>([
    ['completed', 'done'],
    ['stopped', 'done'],
    ['failed', 'failed'],
  ])('%s: the job is %s, and the next one begins', async (reason, state) => {
    begin()
    submit('a', 'b')
    ;(await run(0)).end(reason, 'because')
    await becomes('a', { state, cause: 'because' })
    expect((await run(1)).job).toMatchObject({ kind: 'new', folder: join(folder, 'b') })
  })

  test('a run that is refused has failed with the reason: it would be refused again', async () => {
    begin()
    submit('a')
    ;(await run(0)).fail(new TiltlabError('model.id: there is none'))
    await becomes('a', { state: 'failed', cause: 'model.id: there is none' })
  })

  test('no more run at a time than there are slots, the oldest first', async () => {
    begin({ gpus: [null, null] })
    submit('a', 'b', 'c', 'd')
    await run(1)
    expect(played).toHaveLength(2)
    played[1].end('completed')
    expect((await run(2)).job.folder).toBe(join(folder, 'c'))
    expect(jobs.list('running').map(({ id }) => id)).toEqual(['c', 'a'])
  })
})

test('jobs at a time are spread over the graphics cards, and each waits for one that is free', async () => {
  const used: string[] = []
  begin({
    gpus: ['big', 'small'],
    startTraining(job, gpu) {
      used.push(`${basename(job.folder)} on ${gpu}`)
      const run = new PlayedRun(job)
      played.push(run)
      return run
    },
  })
  submit('a', 'b', 'c', 'd')
  ;(await run(1)).end('completed')
  ;(await run(2)).end('completed')
  await run(3)
  expect(used).toEqual(['a on big', 'b on small', 'c on small', 'd on small'])
})

describe('a process that dies', () => {
  test('is tried again later, from the journal that it left, and fails after the last try', async () => {
    begin()
    submit('a')
    for (let i = 0; i < MOST_TRIES; i++) {
      const { job } = await run(i)
      expect(job.kind).toBe(i === 0 ? 'new' : 'resume')
      await mkdir(job.folder, { recursive: true })
      await writeFile(join(job.folder, 'journal.jsonl'), '')
      played[i].fail(new ProcessDiedError('died'))
      await becomes('a', { state: i + 1 < MOST_TRIES ? 'queued' : 'failed', cause: 'died' })
      elapsedMs += 60_000
      worker.wake()
    }
  })

  test('a checkpoint between makes it a new beginning', async () => {
    begin()
    submit('a')
    for (let i = 0; i < 2 * MOST_TRIES; i++) {
      const process = await run(i)
      process.say({ type: 'checkpoint', step: i + 1, name: `step-${i + 1}`, sizeBytes: 1 })
      process.fail(new ProcessDiedError('died'))
      await becomes('a', { state: 'queued', tries: 1 })
      elapsedMs += 60_000
      worker.wake()
    }
  })

  test('one that takes more memory than it may is ended, and has failed with what to do', async () => {
    begin({ memoryBytes: 1e6 })
    submit('a')
    // As large as this process, which is larger than that.
    ;(await run(0)).pid = process.pid
    await vi.waitFor(() => expect(jobs.get('a')!.state).toBe('failed'), { timeout: 10_000 })
    expect(jobs.get('a')!.cause).toMatch(/^It took .+ of memory, and may take 1\.0 MB\. Make rollout\.prompts/)
  })
})

describe('a disk or a database that refuses', () => {
  test('a run that could not be kept is queued with what to do, and goes on later without a lost try', async () => {
    begin()
    submit('a', 'b')
    ;(await run(0)).end('failed', 'There is no room. Make some.', true)
    await becomes('a', { state: 'queued', cause: 'There is no room. Make some.', tries: 0 })
    // Others are tried meanwhile.
    expect((await run(1)).job.folder).toBe(join(folder, 'b'))
    played[1].end('failed', 'There is no room. Make some.', true)
    await becomes('b', { state: 'queued' })
    elapsedMs += 59_000
    worker.wake()
    expect(played).toHaveLength(2)
    elapsedMs += 1_000
    worker.wake()
    expect((await run(2)).job.folder).toBe(join(folder, 'a'))
  })

  test('what became of a run is noted once the database takes it, and nothing else is begun meanwhile', async () => {
    const { claim, end } = jobs
    let refused = 0
    const refuse = () => {
      refused++
      throw new JobStoreError('jobs.db', Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' }))
    }
    begin()
    submit('a', 'b')
    await run(0)
    Object.assign(jobs, { claim: refuse, end: refuse, progressed: refuse })
    played[0].say({ type: 'checkpoint', step: 1, name: 'step-1', sizeBytes: 1 })
    played[0].end('completed')
    await vi.waitFor(() => expect(refused).toBeGreaterThan(2), { timeout: 10_000 })
    expect(jobs.get('a')).toMatchObject({ state: 'running' })
    jobs.end = end
    await vi.waitFor(() => expect(jobs.get('a')).toMatchObject({ state: 'done' }), { timeout: 10_000 })
    expect(played).toHaveLength(1)
    jobs.claim = claim
    await run(1)
  })

  test('a runner that stops does not wait for a database that refuses: its next life knows what to do', async () => {
    begin()
    submit('a')
    await run(0)
    const { end } = jobs
    jobs.end = () => {
      throw new JobStoreError('jobs.db', Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' }))
    }
    played[0].end('completed')
    await worker.stop(10_000)
    jobs.end = end
    expect(jobs.get('a')).toMatchObject({ state: 'running' })
    expect(jobs.recover('the next life', '')).toHaveLength(1)
  })
})

describe('stopping', () => {
  test('a cancelled job is asked to save, and is cancelled once it has', async () => {
    begin()
    submit('a', 'b')
    await run(0)
    jobs.cancel('a')
    expect(worker.send('a', { type: 'cancel' })).toBe(true)
    expect(played[0].commands).toEqual(['cancel'])
    played[0].end('cancelled')
    await becomes('a', { state: 'cancelled', cause: '' })
    expect(worker.send('a', { type: 'pause' })).toBe(false)
    await run(1)
  })

  test('a job that is cancelled while its process starts hears of it', async () => {
    begin({
      startTraining(job) {
        jobs.cancel('a')
        const run = new PlayedRun(job)
        played.push(run)
        return run
      },
    })
    submit('a')
    await vi.waitFor(async () => expect((await run(0)).commands).toEqual(['cancel']))
    played[0].end('cancelled')
    await becomes('a', { state: 'cancelled' })
  })

  test('a runner that stops lets its runs save, gives them back, and begins no other', async () => {
    begin()
    submit('a', 'b')
    await run(0)
    const stopped = worker.stop(10_000)
    expect(played[0].commands).toEqual(['cancel'])
    played[0].end('cancelled')
    await stopped
    expect(jobs.list('queued').map(({ id }) => id)).toEqual(['b', 'a'])
    expect(played).toHaveLength(1)
  })

  test('a process that does not save in time is killed, and its job is not lost', async () => {
    begin()
    submit('a')
    await run(0)
    await worker.stop(10)
    expect(jobs.get('a')).toMatchObject({ state: 'queued' })
  })

  test('what another life of the runner held goes on here', async () => {
    jobs.submit({ id: 'a', key: null, config: defaultConfig })
    jobs.claim('an earlier life')
    begin()
    expect((await run(0)).job.folder).toBe(join(folder, 'a'))
  })
})

test('a folder that a dying process still writes is waited for', async () => {
  await mkdir(join(folder, 'a'))
  const lock = join(folder, 'a/lock')
  await writeFile(lock, `${process.ppid} \n`)
  begin()
  submit('a')
  await becomes('a', { state: 'running' })
  expect(played).toHaveLength(0)
  await rm(lock)
  await run(0)
})

test('events and changes are told with the name of their job', async () => {
  const told: string[] = []
  begin({
    onEvent: (id, { type }) => told.push(`${id} ${type}`),
    onChange: ({ id, state }) => told.push(`${id} ${state}`),
  })
  submit('a')
  ;(await run(0)).say({ type: 'state', step: 1, state: 'paused' })
  played[0].end('completed')
  await becomes('a', { state: 'done' })
  await vi.waitFor(() => expect(told).toEqual(['a running', 'a state', 'a done']))
})
