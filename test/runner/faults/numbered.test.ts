// A training process is killed at a numbered operation on its files, before it, in the middle of it, or after it, and goes on; or
// the disk refuses the operation from then on, and goes on once it does not. Either way what it leaves is bit for bit the run that
// nothing happened to: its checkpoints, its adapter, and its journal but for times.
//
// A few of them here; `npm run test:soak` makes all (docs/reliability.md keeps what it found). Every operation is taken in turn,
// with made-up weights, in folder.test.ts.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uniformStream } from '../../../src/core/random/stream'
import type { RunEvent } from '../../../src/core/run/events'
import { readJournal } from '../../../src/core/run/journal'
import { hasRun } from '../../../src/runner/storage'
import { TRAINING_COMMAND } from '../../../src/runner/training/messages'
import { ProcessDiedError, startTraining, type TrainingEnd } from '../../../src/runner/training/process'
import { tinyConfig } from '../queue/service'
import type { DiskPlan } from './disk.mjs'

/** How many of them; `all` for every one. */
const POINTS = process.env.TILTLAB_POINTS ?? '4'
const SEED = Number(process.env.TILTLAB_SEED ?? Date.now() % 2 ** 32)
const STEPS = 2
const config = tinyConfig(0, STEPS)
const preload = pathToFileURL(join(import.meta.dirname, 'disk.mjs')).href

interface Noted {
  name: string
  path: string
  writes: boolean
}

/** A moment at which something happens to a process. */
interface Point {
  at: number
  when: 'before' | 'half' | 'after'
  what: string
}

let top: string
let whole: Record<string, string>
let operations: Noted[]

beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'tiltlab-numbered-'))
  const list = join(top, 'operations.jsonl')
  expect(await train(join(top, 'whole'), { list })).toMatchObject({ reason: 'completed' })
  whole = contents(join(top, 'whole'))
  operations = readFileSync(list, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Noted)
  expect(operations.length).toBeGreaterThan(60)
}, 600_000)
afterAll(() => rmSync(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))

/** Trains in a folder, on from what is there, with a disk that follows a plan. */
function train(folder: string, plan: Partial<DiskPlan> | null): Promise<TrainingEnd> {
  const { NODE_OPTIONS } = process.env
  if (plan) {
    process.env.NODE_OPTIONS = `${NODE_OPTIONS ?? ''} --import=${preload}`
    process.env.TILTLAB_DISK = JSON.stringify({ folder, command: TRAINING_COMMAND, ...plan } satisfies DiskPlan)
  }
  try {
    return startTraining(hasRun(folder) ? { kind: 'resume', folder } : { kind: 'new', folder, config }).ended
  } finally {
    delete process.env.TILTLAB_DISK
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = NODE_OPTIONS
  }
}

/** Every file by its path, but for what differs from one time to the next. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    files
      .filter((file) => !statSync(join(folder, file)).isDirectory())
      .map((file) => {
        const bytes = readFileSync(join(folder, file))
        return [file, file === 'journal.jsonl' ? journal(bytes) : createHash('sha256').update(bytes).digest('hex')]
      }),
  )
}

function journal(bytes: Uint8Array): string {
  const { events, lostBytes } = readJournal(bytes)
  expect(lostBytes).toBe(0)
  return JSON.stringify(events.flatMap(timeless))
}

/** A run that goes on says so, and some numbers are how long something took. */
function timeless(event: RunEvent): object[] {
  if (event.type === 'started') return []
  if (event.type === 'ended') return [{ ...event, time: '' }]
  if (event.type !== 'step') return [event]
  const metrics = Object.entries(event.metrics).filter(([name]) => name !== 'step_time' && !name.startsWith('speed/'))
  return [{ ...event, metrics: Object.fromEntries(metrics) }]
}

/** What happens to a process that trains, and that nothing of it is seen in the end. */
async function survives({ at, when, what }: Point): Promise<void> {
  const folder = join(top, `${what}-${at}-${when}`)
  const { name, path } = operations[at - 1]
  const words = `${what} ${when} operation ${at} of ${operations.length}: ${name} ${path.replace(/.*\/whole/, '')}`
  const first = await train(folder, { at, when, what, forEver: true }).catch((error: unknown) => error)
  // A run that lets go of its folder has said already that it is done.
  const isOver = name === 'rm' && path.endsWith('/lock')
  if (what === 'kill') {
    if (!isOver) expect(first, words).toBeInstanceOf(ProcessDiedError)
  } else {
    expect(first, words).toMatchObject({ reason: 'failed', unkept: true })
    expect((first as TrainingEnd).message, words).toMatch(new RegExp(`${folder}.*\\(${what}\\)\\. Make room\\.`))
  }
  expect(await train(folder, null), words).toMatchObject({ reason: 'completed' })
  expect(contents(folder), words).toEqual(whole)
  expect(existsSync(join(folder, 'lock')), words).toBe(false)
  rmSync(folder, { recursive: true })
}

/** Before each operation, and in the middle of what it writes. What is after one is before the next, but for the last. */
function kills(): Point[] {
  const moments = operations.flatMap(({ writes }, index): Point[] => [
    { at: index + 1, when: 'before', what: 'kill' },
    ...(writes ? [{ at: index + 1, when: 'half' as const, what: 'kill' }] : []),
  ])
  return [...moments, { at: operations.length, when: 'after', what: 'kill' }]
}

/** Two kinds of operation are let go without harm if they fail: what releases the lock, and what clears up. */
function refusals(): Point[] {
  return operations.flatMap(({ name, writes, path }, index): Point[] =>
    name === 'rm' || path.endsWith('/lock')
      ? []
      : [{ at: index + 1, when: writes ? 'half' : 'before', what: 'ENOSPC' }],
  )
}

/** So many of them, from all parts of the run. */
function spread(points: Point[], count: number): Point[] {
  const random = uniformStream(SEED, 'resampling')
  const width = points.length / count
  return Array.from({ length: count }, (_, i) => points[Math.floor((i + random()) * width)])
}

const chosen = (points: Point[], share: number) =>
  POINTS === 'all' ? points : spread(points, Math.ceil(Number(POINTS) * share))

test(
  `killed at ${POINTS} of its numbered operations, a run goes on as if nothing had been (TILTLAB_SEED=${SEED})`,
  {
    timeout: 7_200_000,
  },
  async () => {
    const points = chosen(kills(), 1)
    for (const [index, point] of points.entries()) {
      if (POINTS === 'all') console.log(`${new Date().toISOString()} kill ${index + 1} of ${points.length}`)
      await survives(point)
    }
  },
)

test(
  'a disk that is full from a numbered operation on ends the run with what to do; with room it goes on',
  {
    timeout: 7_200_000,
  },
  async () => {
    const points = chosen(refusals(), 0.5)
    for (const [index, point] of points.entries()) {
      if (POINTS === 'all') console.log(`${new Date().toISOString()} full disk ${index + 1} of ${points.length}`)
      await survives(point)
    }
  },
)
