// A runner and its processes under a wall clock that jumps by a day, ten times a second: jobs are trained in the order in which
// they came, each once, what a killed runner held goes on, and what is said of times can be read.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readJournal } from '../../../src/core/run/journal'
import type { Job } from '../../../src/runner/queue/jobs'
import { Service, tinyConfig } from '../queue/service'

test('a clock that jumps loses no job, and changes no order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tiltlab-clock-'))
  const service = await Service.start(join(folder, 'runs'), {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'clock.mjs')).href}`,
  })
  try {
    const ids: string[] = []
    for (const key of ['a', 'b', 'c'])
      ids.push(((await (await service.submit(tinyConfig(0, 2), key)).json()) as Job).id)
    const stepsOf = async (id: string) => {
      const journal = await readFile(join(service.runs, id, 'journal.jsonl')).catch(() => new Uint8Array())
      return readJournal(journal).events.flatMap((event) => (event.type === 'step' ? [event.step] : []))
    }
    while ((await stepsOf(ids[1])).length === 0) {
      expect(await stepsOf(ids[2])).toEqual([])
      await delay(50)
    }
    expect(await stepsOf(ids[0])).toEqual([1, 2])
    await service.end('SIGKILL')
    await service.start()
    while ((await service.jobs()).some(({ endedAt }) => endedAt === null)) await delay(50)
    const jobs = await service.jobs()
    expect(jobs.map(({ id, state }) => `${id} ${state}`)).toEqual(ids.map((id) => `${id} done`).reverse())
    for (const id of ids) expect(await stepsOf(id)).toEqual([1, 2])
    const listed = jobs.map(({ startedAt, endedAt }) => Date.parse(endedAt!) - Date.parse(startedAt!))
    expect(
      listed.some((ms) => Math.abs(ms) > 3_600_000),
      'the clock of the test jumps',
    ).toBe(true)
  } finally {
    await service.end('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
})
