// Every operation by which a run's folder changes is a moment at which a process may be killed, the power may go, or the disk may
// refuse. After each of them the run can be read, nothing that was acknowledged is missing, and a process that goes on leaves
// byte for byte the folder of a run that nothing happened to.
//
// The weights are made up here; real processes that train are killed in numbered.test.ts.

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import type { RunEvent } from '../../../src/core/run/events'
import { journalLine, readJournal } from '../../../src/core/run/journal'
import type { Checkpoint } from '../../../src/lab/checkpoint'
import { StorageError } from '../../../src/lab/kept'
import { openRecord } from '../../../src/lab/record'
import { nothingFound } from '../../../src/lab/stopping'
import { DiskError } from '../../../src/runner/disk-error'
import { hasRun, openFolderStorage } from '../../../src/runner/storage'
import { writeSavedConfig } from '../../../src/runner/training/saved-config'
import { started } from '../events'
import { refusal, wrapDisk, type Operation, type Verdict } from './disk.mjs'
import { WorstDisk } from './power'

const STEPS = 3
const config = { ...defaultConfig, steps: STEPS }
const codes = ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EDQUOT', 'EFBIG', 'EMFILE']
const moments = ['before', 'half', 'after'] as const

let top: string
let folder: string
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'tiltlab-folder-'))
  folder = join(top, 'run')
})
afterEach(() => rmSync(top, { recursive: true }))

/** What a training process does with its folder. Tells each event once it is kept. */
async function live(onKept: (event: RunEvent) => void = () => undefined): Promise<void> {
  const storage = await openFolderStorage(folder)
  try {
    if (!hasRun(folder)) await writeSavedConfig(folder, config)
    const record = await openRecord(storage, config, null, onKept)
    let step = record.resumed?.trainer.step ?? 0
    await record.emit({ ...started, config, fromStep: step })
    while (step < STEPS) {
      step++
      await record.emit({ type: 'step', step, metrics: { reward: step / 8 }, groups: [] })
      await record.save(checkpoint(step))
    }
    await record.emit({ type: 'ended', step, time: started.time, reason: 'completed', message: '' })
  } finally {
    await storage.release()
  }
}

function checkpoint(step: number): Checkpoint {
  const tensor = { shape: [2, 2], data: new Float32Array([step, 2, 3, 4]) }
  return {
    weights: { adapter: new Map([['a', tensor]]), optimizer: new Map([['exp_avg.a', tensor]]), updates: step },
    trainer: { step, beta: 0, numTokens: step, updates: step, skippedInRow: 0, stopped: false },
    baseline: { harm: [1] },
    evaluatedStep: 0,
    found: nothingFound,
    average: null,
  }
}

/** Lives with a disk of which each operation is decided; the rest of a life that is killed never comes. */
async function liveWith(decide: (operation: Operation) => Verdict, onKept?: (event: RunEvent) => void): Promise<void> {
  const unwrap = await wrapDisk(top, (operation) => {
    const verdict = decide(operation)
    // Nobody here can tell whether it was done, and it takes its time.
    return verdict === 'go' && operation.name === 'sync' ? 'skip' : verdict
  })
  await live(onKept).finally(unwrap)
}

/** The operations of a whole life, from what is in the folder; which is then as it was. */
async function operationsOf(prepare: () => void): Promise<Operation[]> {
  const operations: Operation[] = []
  prepare()
  await liveWith((operation) => {
    operations.push({ ...operation, ...(operation.bytes && { bytes: operation.bytes.slice() }) })
    return 'go'
  })
  clear()
  return operations
}

/** Lives until the moment of its death. */
function dieAt(at: number, when: (typeof moments)[number], onKept: (event: RunEvent) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const killed = { when, act: () => new Promise<never>(() => resolve()) }
    liveWith(({ number }) => (number === at ? killed : 'go'), onKept).then(resolve, reject)
  })
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const clear = () => rmSync(folder, { recursive: true, force: true })

/** Every file by its path, but for the times at which the run was begun again. */
function contents(): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    files.map((file) => {
      const path = join(folder, file)
      if (statSync(path).isDirectory()) return [file, 'folder']
      if (file !== 'journal.jsonl') return [file, sha256(readFileSync(path))]
      const { events, lostBytes } = readJournal(readFileSync(path))
      expect(lostBytes).toBe(0)
      const notes = events.filter(({ type }) => type !== 'started' && type !== 'alert')
      return [file, JSON.stringify(notes)]
    }),
  )
}

/** The state from which a life begins. */
const beginnings: [string, () => void][] = [
  ['a new run', () => undefined],
  [
    'a run whose newest checkpoint was damaged, so that it is made again over the other',
    () => {
      cpSync(join(top, 'whole'), folder, { recursive: true })
      const journal = join(folder, 'journal.jsonl')
      const { ends } = readJournal(readFileSync(journal))
      writeFileSync(journal, readFileSync(journal).subarray(0, ends.at(-2)))
      writeFileSync(join(folder, 'checkpoints', `step-00000${STEPS}`, 'state.json'), '{}')
    },
  ],
]

describe.each(beginnings)('%s', (_, begin) => {
  let whole: Record<string, string>
  let operations: Operation[]
  beforeEach(async () => {
    await liveWith(() => 'go')
    whole = contents()
    cpSync(folder, join(top, 'whole'), { recursive: true })
    clear()
    operations = await operationsOf(begin)
    expect(operations.length).toBeGreaterThan(40)
  })

  /** The next life finds what was acknowledged, and leaves what it ought to. */
  async function goesOn(kept: readonly RunEvent[], what: string): Promise<void> {
    const saved = kept.findLast((event) => event.type === 'checkpoint')
    if (saved) expect(existsSync(join(folder, 'checkpoints', saved.name, 'manifest.json')), what).toBe(true)
    const again: RunEvent[] = []
    await liveWith(
      () => 'go',
      (event) => again.push(event),
    )
    const from = again.find((event) => event.type === 'started')?.fromStep
    expect(from, what).toBeGreaterThanOrEqual(saved?.step ?? 0)
    expect(contents(), what).toEqual(whole)
  }

  test('a process that is killed before, in, or after any operation', async () => {
    for (const { number, name, bytes } of operations)
      for (const when of moments) {
        if (when === 'half' && !bytes) continue
        begin()
        const kept: RunEvent[] = []
        await dieAt(number, when, (event) => kept.push(event))
        await goesOn(kept, `${when} operation ${number}, ${name}`)
        clear()
      }
  })

  test('a power cut after any operation that loses all that was not synced', async () => {
    for (const { number, name } of operations) {
      begin()
      const disk = new WorstDisk(top)
      for (const operation of ancestry(folder)) disk.apply(operation)
      const kept: RunEvent[] = []
      await new Promise<void>((resolve, reject) => {
        liveWith(
          (operation) => {
            if (operation.number > number) return { when: 'before', act: () => new Promise<never>(() => resolve()) }
            disk.apply(operation)
            return 'go'
          },
          (event) => kept.push(event),
        ).then(resolve, reject)
      })
      clear()
      rmSync(join(top, 'restored'), { recursive: true, force: true })
      disk.restoreTo(join(top, 'restored'))
      if (existsSync(join(top, 'restored/run'))) cpSync(join(top, 'restored/run'), folder, { recursive: true })
      await goesOn(kept, `after operation ${number}, ${name}`)
      clear()
    }
  })

  test('a disk that refuses any operation, once or from then on, is named with what to do; the run goes on once it can', async () => {
    for (const { number, name, path } of operations)
      for (const forEver of [false, true]) {
        begin()
        const code = codes[number % codes.length]
        const what = `${code} ${forEver ? 'from' : 'at'} operation ${number}, ${name} ${relative(top, path)}`
        const refuses = {
          when: name.startsWith('write') ? ('half' as const) : ('before' as const),
          act: () => {
            throw refusal(code, path)
          },
        }
        const kept: RunEvent[] = []
        const error = await liveWith(
          (operation) => (operation.number === number || (forEver && operation.number > number) ? refuses : 'go'),
          (event) => kept.push(event),
        ).then(
          () => null,
          (reason: unknown) => reason,
        )
        // Some may be refused without harm: a lock that stays holds nothing, and some folders cannot be synced.
        if (error === null) expect(kept.at(-1)?.type, what).toBe('ended')
        else {
          const told = error instanceof StorageError ? error.cause : error
          expect(told, what).toBeInstanceOf(DiskError)
          expect((told as DiskError).message, what).toMatch(new RegExp(`^${top}.*: .* \\(${code}\\)\\. [A-Z].*\\.$`))
        }
        await goesOn(kept, what)
        clear()
      }
  })
})

test('a journal that is cut off anywhere is read up to there', () => {
  const line = journalLine(0, started)
  for (let size = 0; size < line.length; size++)
    expect(readJournal(line.subarray(0, size))).toMatchObject({ events: [], lostBytes: size })
})

/** What makes a folder that is there, as operations that are all synced. */
function ancestry(path: string): Operation[] {
  if (!existsSync(path)) return []
  const sync = (of: string): Operation => ({ number: 0, name: 'sync', path: of })
  if (!statSync(path).isDirectory())
    return [
      { number: 0, name: 'open w', path },
      { number: 0, name: 'write', path, bytes: readFileSync(path) },
      sync(path),
    ]
  const below = readdirSync(path).flatMap((name) => ancestry(join(path, name)))
  return [{ number: 0, name: 'mkdir', path }, ...below, sync(path), sync(top)]
}
