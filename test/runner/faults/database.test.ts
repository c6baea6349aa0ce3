// A runner whose disk takes no more: a real one, by the limit that the system puts on the size of its files. It acknowledges
// nothing that it cannot keep, says so, loses nothing, and goes on by itself once the limit is lifted. (Linux: prlimit.)

import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJournal } from '../../../src/core/run/journal'
import type { Job } from '../../../src/runner/queue/jobs'
import { Service, tinyConfig } from '../queue/service'

let folder: string
let service: Service

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-full-'))
  service = await Service.start(join(folder, 'runs'))
})
afterAll(async () => {
  await service?.end('SIGKILL')
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

async function lastEvent(id: string): Promise<string | undefined> {
  const journal = await readFile(join(service.runs, id, 'journal.jsonl')).catch(() => new Uint8Array())
  return readJournal(journal).events.at(-1)?.type
}
const limit = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(service.pid), `--fsize=${bytes}:`])

test.runIf(process.platform === 'linux')(
  'a job that cannot be put on disk is not acknowledged, and one that was is not lost',
  async () => {
    const kept = (await (await service.submit(tinyConfig(0, 2), 'kept')).json()) as Job
    while ((await service.jobs())[0].state !== 'running') await delay(20)
    // The write-ahead log may not grow any more.
    limit((await stat(join(service.runs, 'jobs.db-wal'))).size)
    const refused = await service.submit(tinyConfig(1, 2), 'refused')
    expect([503, 507]).toContain(refused.status)
    expect(((await refused.json()) as { error: string }).error).toMatch(/jobs\.db cannot be used: .*\. [A-Z].*\.$/)
    // The run ends meanwhile, which cannot be noted; nothing else can be either.
    while ((await lastEvent(kept.id)) !== 'ended') await delay(50)
    expect((await service.jobs()).map(({ state }) => state)).toEqual(['running'])
    expect((await service.submit(tinyConfig(1, 2), 'refused')).status).toBe(refused.status)

    limit('unlimited')
    const again = await service.submit(tinyConfig(1, 2), 'refused')
    expect(again.status).toBe(201)
    let jobs: Job[]
    do {
      await delay(100)
      jobs = await service.jobs()
    } while (jobs.some(({ endedAt }) => endedAt === null))
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done'])
  },
)

test.runIf(process.platform === 'linux')(
  'a run whose checkpoint does not fit waits and says which file, what is wrong and what to do; then it goes on',
  async () => {
    await service.end('SIGTERM')
    service = await Service.start(join(folder, 'smaller'))
    // Its optimiser takes 105 kB; the database of a new runner is smaller.
    limit(100 * 1024)
    const { id } = (await (await service.submit(tinyConfig(2, 2), 'large')).json()) as Job
    const job = async () => (await service.jobs()).find((each) => each.id === id)!
    while ((await job()).cause === '') await delay(50)
    expect(await job()).toMatchObject({ state: 'queued', tries: 0 })
    expect((await job()).cause.replace(service.runs, 'RUNS').replace(id, 'ID')).toMatchInlineSnapshot(
      `"The run could not be kept: RUNS/ID/checkpoints/step-000001: it may not become larger (EFBIG). Raise the limit of the size of a file (ulimit -f). Then it can go on from its last checkpoint."`,
    )
    expect(await service.end('SIGTERM')).toBe(143)
    await service.start()
    while ((await job()).endedAt === null) await delay(50)
    expect(await job()).toMatchObject({ state: 'done' })
  },
)
