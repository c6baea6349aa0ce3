// A run goes out as one file and comes back the same; a file that is not one, or means harm, is refused with a reason.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, strFromU8, strToU8, unzipSync, zipSync, type Zippable } from 'fflate'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { EventSchema } from '../../../src/core/run/event-schema'
import type { RunEvent } from '../../../src/core/run/events'
import { migrateConfig } from '../../../src/core/run/migrate'
import { journalLine, readJournal } from '../../../src/core/run/journal'
import { bundle } from '../../../src/lab/bundle/bundle'
import { bundleName, JOURNAL } from '../../../src/lab/bundle/names'
import { readRun } from '../../../src/lab/bundle/read'
import { noWords } from '../../../src/lab/bundle/words'
import { saveCheckpoint } from '../../../src/lab/checkpoint'
import { nothingFound } from '../../../src/lab/stopping'
import { syntheticRun } from '../../app/synthetic'
import { MemoryStorage } from '../memory-storage'

const events = syntheticRun('entangled-kl', { steps: 8, every: 4 })
const { config, runId } = events[0] as Extract<RunEvent, { type: 'started' }>
const journal = journalOf(events)

function journalOf(all: readonly unknown[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(all.map((event, sequence) => journalLine(sequence, event as RunEvent))))
}

const tensor = { shape: [2, 2], data: Float32Array.from([1, 2, 3, 4]) }

/** A run that has a checkpoint. */
async function runWithCheckpoint() {
  const storage = new MemoryStorage()
  await storage.appendJournal(journal)
  const name = 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight'
  await saveCheckpoint(storage, config, {
    weights: { adapter: new Map([[name, tensor]]), optimizer: new Map([[`m.${name}`, tensor]]), updates: 8 },
    trainer: { step: 8, beta: 0.1, numTokens: 9, updates: 8, skippedInRow: 0, stopped: false },
    baseline: { harm: [1, 2] },
    evaluatedStep: 8,
    found: nothingFound,
    average: null,
  })
  return storage
}

const zip = (files: Zippable) => new Blob([zipSync(files) as Uint8Array<ArrayBuffer>])

/** Why a file is refused. */
async function refusal(blob: Blob, name = 'a.zip'): Promise<string> {
  return readRun(name, blob).then(
    () => 'it was taken',
    (error: Error) => `${error.name}: ${error.message}`,
  )
}

describe('a run as one file', () => {
  test('comes back with its journal, checkpoint, name, tags and note', async () => {
    const storage = await runWithCheckpoint()
    const words = { name: 'for the talk', tags: ['talk', '<b>'], note: 'step 4 is the one' }
    const file = await bundle(storage, config, words)
    // The runner goes on with what is unpacked: it reads the settings there.
    const unpacked = unzipSync(new Uint8Array(await file.arrayBuffer()))
    expect(migrateConfig(JSON.parse(strFromU8(unpacked['config.json'])))).toEqual(config)
    const brought = await readRun('x.zip', file)
    expect(brought.remarks).toEqual([])
    expect(brought.run).toMatchObject({ id: runId, ...words })
    expect(brought.journal).toEqual(storage.journal)
    expect(brought.checkpoints).toEqual(storage.checkpoints)
    expect([...storage.checkpoints.get('step-000008')!.keys()].sort()).toEqual(
      ['adapter_config.json', 'adapter_model.safetensors', 'manifest.json', 'optimizer.safetensors', 'state.json'],
    ) // prettier-ignore
  })

  test('the zip of a run’s folder and a bare journal are taken too', async () => {
    const inFolder = await readRun('mine.zip', zip({ 'mine/journal.jsonl': journal, 'mine/lock': strToU8('12') }))
    const bare = await readRun('journal.jsonl', new Blob([journal]))
    expect(inFolder.run).toEqual({ ...bare.run, sizeBytes: journal.length })
    expect(bare.run.summary).toMatchObject({ step: 8, end: { reason: 'completed' } })
  })

  test('a torn last line is no reason to refuse a run that was cut short', async () => {
    const { run } = await readRun('journal.jsonl', new Blob([journal.subarray(0, journal.length - 9)]))
    expect(run.summary.end).toBeNull()
  })

  test('a checkpoint that is not what its manifest says is left out, and that is said', async () => {
    const storage = await runWithCheckpoint()
    const harmed = storage.checkpoints.get('step-000008')!.get('optimizer.safetensors')!
    harmed[harmed.length - 1] ^= 1
    const { checkpoints, remarks } = await readRun('x.zip', await bundle(storage, config, noWords))
    expect([...checkpoints.keys(), ...remarks]).toEqual([
      'The checkpoint step-000008 was left out: optimizer.safetensors is not what its manifest says.',
    ])
  })

  test('a checkpoint of other settings is left out', async () => {
    const storage = await runWithCheckpoint()
    await storage.truncateJournal(0)
    await storage.appendJournal(journalOf([{ ...events[0], config: { ...config, seed: 5 } }, ...events.slice(1)]))
    const { checkpoints, remarks } = await readRun('x.zip', await bundle(storage, config, noWords))
    expect(checkpoints.size).toBe(0)
    expect(remarks[0]).toContain('made with another configuration')
  })

  test('its file has a name that every system takes', () => {
    expect(bundleName('reinforce++-20261125T202418')).toBe('reinforce++-20261125T202418.tiltlab.zip')
    expect(bundleName('../a b/“c”')).toBe('..-a-b-c-.tiltlab.zip')
  })
})

describe('a file that is refused', () => {
  const started = events[0]
  const line = (event: object) => new Blob([journalOf([started, event])])

  test.each<[string, () => Blob]>([
    ['a picture', () => new Blob([Uint8Array.from([0x89, 0x50, 0x4e, 0x47])])],
    ['a page', () => new Blob(['<!doctype html><script>alert(1)</script>\n'])],
    ['an empty file', () => new Blob([])],
    ['a zip without a run', () => zip({ 'index.html': strToU8('<script>alert(1)</script>') })],
    ['a zip that was cut', () => zip({ [JOURNAL]: journal }).slice(0, 400)],
    ['a zip that leads elsewhere', () => zip({ '../../journal.jsonl': journal })],
    ['damage in the middle', () => new Blob([journal.map((byte, index) => (index === 3000 ? byte ^ 1 : byte))])],
    ['a metric that is a text', () => line({ type: 'step', step: 1, metrics: { reward: '<img src=x onerror=alert(1)>' }, groups: [] })], // prettier-ignore
    ['an event of another kind', () => line({ type: 'run-this', step: 1, code: 'alert(1)' })],
    ['a step of less than nothing', () => line({ type: 'step', step: -1, metrics: {}, groups: [] })],
    ['settings of a newer version', () => new Blob([journalOf([{ ...started, config: { ...config, version: 99 } }])])],
    ['settings out of range', () => new Blob([journalOf([{ ...started, config: { ...config, steps: -3 } }])])],
    ['a run that begins nowhere', () => new Blob([journalOf(events.slice(1))])],
    ['a name that leads elsewhere', () => new Blob([journalOf([{ ...started, runId: '../../experiments' }])])],
    ['words that are none', () => zip({ [JOURNAL]: journal, 'run.json': strToU8('{"format":"tiltlab run","version":1,"name":{},"tags":[],"note":""}') })], // prettier-ignore
    ['a newer format', () => zip({ [JOURNAL]: journal, 'run.json': strToU8('{"format":"tiltlab run","version":2,"name":"","tags":[],"note":""}') })], // prettier-ignore
    ['a note without end', () => zip({ [JOURNAL]: journal, 'run.json': strToU8(JSON.stringify({ format: 'tiltlab run', version: 1, name: '', tags: [], note: 'x'.repeat(20_000) })) })], // prettier-ignore
  ])('%s', async (_, file) => {
    expect(await refusal(file())).toMatchSnapshot()
  })

  test('a small one that unpacks to more than there may be, or to more files', async () => {
    const limits = { fileBytes: 1e6, unpackedBytes: 1e6, entries: 3 }
    const large = zip({ [JOURNAL]: new Uint8Array(20e6) })
    expect(large.size).toBeLessThan(100_000)
    await expect(readRun('a.zip', large, limits)).rejects.toThrow('it unpacks to more than 1.0 MB.')
    const names = ['a', 'b', 'c', 'd'].map((name) => [`checkpoints/step-000001/${name}.json`, new Uint8Array()])
    await expect(readRun('a.zip', zip(Object.fromEntries(names)), limits)).rejects.toThrow('more than 3 files')
  })

  test('one that is too large is not even read', async () => {
    const huge = { size: 10e9, arrayBuffer: () => Promise.reject(new Error('it was read')) } as unknown as Blob
    expect(await refusal(huge)).toMatchInlineSnapshot(
      `"RefusedFileError: “a.zip” was not imported: it has 10.0 GB, and at most 256.0 MB are taken."`,
    )
  })
})

test('every event of the recordings that come with the page is one that this tiltlab knows', () => {
  const folder = join(import.meta.dirname, '../../../public/runs')
  const files = readdirSync(folder).filter((name) => name.includes('.jsonl'))
  expect(files.length).toBeGreaterThan(0)
  for (const name of files) {
    const bytes = readFileSync(join(folder, name))
    const { events: recorded } = readJournal(name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    expect(recorded.length).toBeGreaterThan(10)
    for (const event of recorded) expect(v.safeParse(EventSchema, event).issues).toBeUndefined()
  }
})
