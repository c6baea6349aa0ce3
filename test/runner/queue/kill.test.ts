// A runner and its training processes are killed again and again, and nothing that was acknowledged is lost: every job ends
// once, no step is there twice, and every adapter is bit for bit that of a run that nobody disturbed.
//
// Four kills at random times here; `npm run test:soak` makes them 200 (docs/reliability.md keeps what it found).

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uniformStream } from '../../../src/core/random/stream'
import { readJournal } from '../../../src/core/run/journal'
import type { Job } from '../../../src/runner/queue/jobs'
import { Service, tinyConfig } from './service'

const KILLS = Number(process.env.TILTLAB_KILLS ?? 4)
const SEED = Number(process.env.TILTLAB_SEED ?? Date.now() % 2 ** 32)
const STEPS = 6
/** Jobs train one of so many configurations. */
const CONFIGS = 2
/** How long a runner waits for what saves (commands/serve.ts). */
const SAVING_MS = 8_000
/** A life of a runner lasts up to this long: it starts, loads a model, and trains some steps meanwhile. */
const LONGEST_LIFE_MS = 4_000

let folder: string
let service: Service
const random = uniformStream(SEED, 'resampling')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-kill-'))
})
afterAll(async () => {
  await service?.end('SIGKILL').catch(() => undefined)
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

test(
  `${KILLS} kills at random times lose nothing (TILTLAB_SEED=${SEED} repeats the times)`,
  { timeout: 7_200_000 },
  async () => {
    service = await Service.start(join(folder, 'runs'))
    const acknowledged = new Map<string, string>()
    const kills = { runner: 0, process: 0, both: 0 }

    for (let kill = 0; kill < KILLS; kill++) {
      const unfinished = (await service.jobs()).filter(({ endedAt }) => endedAt === null)
      // A kill may meet the submission itself: then the same key is sent again in the next life.
      const submission = unfinished.length < 2 ? submit(`job-${acknowledged.size}`, acknowledged) : null
      const late = Math.round(random() * (submission && random() < 0.3 ? 20 : LONGEST_LIFE_MS))
      await delay(late)
      const victim = choose(unfinished)
      kills[victim]++
      const holder = victim === 'runner' ? null : await trainingProcess()
      if (victim !== 'process') await service.end('SIGKILL')
      if (holder) kill9(holder)
      await submission
      if (victim !== 'process') await service.start()
    }

    const jobs = await settled()
    expect(jobs.map(({ state, cause }) => `${state} ${cause}`)).toEqual(jobs.map(() => 'done All steps are done.'))
    for (const [key, id] of acknowledged)
      expect(
        jobs.map((job) => job.id),
        key,
      ).toContain(id)
    expect(new Set(acknowledged.values()).size).toBe(acknowledged.size)

    for (let seed = 0; seed < CONFIGS; seed++) await service.submit(tinyConfig(seed, STEPS), `undisturbed-${seed}`)
    const undisturbed = (await settled()).slice(0, CONFIGS).reverse()
    const expected = await Promise.all(undisturbed.map(({ id }) => adapterOf(id)))
    expect(expected[0].equals(expected[1])).toBe(false)
    for (const { id, config } of jobs) {
      const { events, lostBytes } = readJournal(await readFile(join(service.runs, id, 'journal.jsonl')))
      expect(lostBytes).toBe(0)
      expect(events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual(
        Array.from({ length: STEPS }, (_, i) => i + 1),
      )
      expect((await adapterOf(id)).equals(expected[config.seed]), `${id} is bit for bit the undisturbed run`).toBe(true)
    }
    console.log(`${JSON.stringify(kills)} over ${jobs.length} jobs of ${STEPS} steps`)
  },
)

test('SIGTERM saves within ten seconds and ends with 143; the next life goes on', async () => {
  service ??= await Service.start(join(folder, 'runs'))
  const { id } = (await (await service.submit(tinyConfig(0, 200), 'long')).json()) as Job
  while (!(await journalOf(id)).some(({ type }) => type === 'checkpoint')) await delay(50)
  const startedMs = performance.now()
  expect(await service.end('SIGTERM')).toBe(143)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  expect((await journalOf(id)).at(-1)).toMatchObject({ type: 'ended', reason: 'cancelled' })
  await service.start()
  const saved = (await journalOf(id)).filter(({ type }) => type === 'step').length
  while ((await journalOf(id)).filter(({ type }) => type === 'step').length <= saved) await delay(50)
  await service.post(`/api/jobs/${id}/cancel`, '{}')
  expect((await settled()).find((job) => job.id === id)).toMatchObject({ state: 'cancelled' })
})

test('in the middle of a long step SIGTERM ends with 143 within ten seconds, a second one at once; the next life goes on', async () => {
  service ??= await Service.start(join(folder, 'runs'))
  const step = { ...tinyConfig(0, 2).rollout, prompts: 24, groupSize: 8, maxNewTokens: 128 }
  const { id } = (await (await service.submit({ ...tinyConfig(0, 2), rollout: step }, 'minute')).json()) as Job
  const isInStep = async () => (await journalOf(id)).at(-1)?.type === 'evaluation'
  while (!(await isInStep())) await delay(50)
  const holder = (await trainingProcess())!
  // A driver that hangs: it saves nothing, and the first signal would wait for it.
  process.kill(holder, 'SIGSTOP')
  const startedMs = performance.now()
  const ended = service.end('SIGTERM')
  await delay(200)
  expect(await Promise.race([service.end('SIGTERM'), ended])).toBe(143)
  expect(performance.now() - startedMs).toBeLessThan(SAVING_MS)
  // Awake again, it finds its runner gone.
  process.kill(holder, 'SIGCONT')

  await service.start()
  while ((await service.jobs()).find((job) => job.id === id)?.state !== 'running') await delay(50)
  while ((await trainingProcess()) === holder || !(await isInStep())) await delay(50)
  const againMs = performance.now()
  expect(await service.end('SIGTERM')).toBe(143)
  expect(performance.now() - againMs).toBeLessThan(10_000)
  expect((await journalOf(id)).at(-1)).toMatchObject({ type: 'ended', reason: 'cancelled' })
  await service.start()
  expect((await service.jobs()).find((job) => job.id === id)).toMatchObject({ state: 'running', tries: 0 })
  // Its process has only just begun.
  await service.post(`/api/jobs/${id}/cancel`, '{}')
  expect((await settled()).find((job) => job.id === id)).toMatchObject({ state: 'cancelled' })
})

/** Sends a job, and notes it once it is acknowledged; the runner may die meanwhile. */
async function submit(key: string, acknowledged: Map<string, string>): Promise<void> {
  const seed = acknowledged.size % CONFIGS
  const answer = await service.submit(tinyConfig(seed, STEPS), key).catch(() => null)
  const job = answer && ((await answer.json().catch(() => null)) as Job | null)
  if (!answer || !job) return
  expect(answer.status).toBe(201)
  acknowledged.set(key, job.id)
}

/** A process that dies again and again without a checkpoint between is given up, as it ought to be: not a second time, then. */
function choose(unfinished: Job[]): 'runner' | 'process' | 'both' {
  const mayDie = unfinished.every(({ tries }) => tries === 0)
  const drawn = random()
  if (drawn < 0.4 || !mayDie) return 'runner'
  return drawn < 0.7 ? 'process' : 'both'
}

/** The process that trains now, as its folder's lock names it. */
async function trainingProcess(): Promise<number | null> {
  for (const { id } of (await service.jobs()).filter(({ state }) => state === 'running')) {
    const lock = await readFile(join(service.runs, id, 'lock'), 'utf8').catch(() => '')
    if (lock) return Number(lock.split(' ')[0])
  }
  return null
}

function kill9(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function settled(): Promise<Job[]> {
  for (;;) {
    const jobs = await service.jobs()
    if (jobs.every(({ endedAt }) => endedAt !== null)) return jobs
    await delay(100)
  }
}

const adapterOf = (id: string) => readFile(join(service.runs, id, 'adapter/adapter_model.safetensors'))

async function journalOf(id: string) {
  return readJournal(await readFile(join(service.runs, id, 'journal.jsonl')).catch(() => Buffer.of())).events
}
