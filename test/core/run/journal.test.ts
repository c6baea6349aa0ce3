// The journal: whatever happens to the file, a reader gets whole events or none

import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/run/events'
import { crc32, journalLine, openJournal, readJournal } from '../../../src/core/run/journal'
import { resolvePreset } from '../../../src/core/run/presets'

const step = (n: number): RunEvent => ({ type: 'alert', step: n, level: 'info', message: `step ${n}: “done”\n` })
const events = [step(1), step(2), step(3)]
const bytes = concat(events.map((event, i) => journalLine(i, event)))

test('a journal gives back the events that were written', () => {
  expect(readJournal(bytes)).toMatchObject({ events, validBytes: bytes.length, lostBytes: 0 })
})

test('the checksum is zlib’s CRC-32', () => {
  for (const text of ['', '123456789', 'τ', 'a'.repeat(1000)]) {
    const input = new TextEncoder().encode(text)
    expect(crc32(input)).toBe(zlibCrc32(input))
  }
})

test('a journal cut anywhere keeps exactly the lines that are whole', () => {
  for (let size = 0; size <= bytes.length; size++) {
    const { events: kept, validBytes, ends } = readJournal(bytes.subarray(0, size))
    expect(kept).toEqual(events.slice(0, kept.length))
    expect(validBytes).toBe(ends.at(-1) ?? 0)
    expect(size - validBytes).toBeLessThan(journalLine(0, step(1)).length + 8)
  }
})

test('no flipped byte is ever read as an event', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const harmed = bytes.slice()
      harmed[at] ^= flip
      const { events: kept, lostBytes } = readJournal(harmed)
      expect(kept).toEqual(events.slice(0, kept.length))
      expect(kept.length).toBeLessThan(events.length)
      expect(lostBytes).toBeGreaterThan(0)
    }),
    { numRuns: 2000 },
  )
})

test('random bytes are no events and no error', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (noise) => readJournal(noise).events.length === 0))
})

test('a line that is repeated or left out ends the journal there', () => {
  const lines = events.map((event, i) => journalLine(i, event))
  expect(readJournal(concat([lines[0], lines[0], lines[1]])).events).toHaveLength(1)
  expect(readJournal(concat([lines[0], lines[2]])).events).toHaveLength(1)
})

test('opening cuts a torn tail off and goes on with the next number', async () => {
  const file = memoryFile(concat([bytes, new TextEncoder().encode('{"seq":3,"crc":"00')]))
  const journal = await openJournal(file)
  await journal.append(step(4))
  await journal.append({ type: 'progress', step: 5, phase: 'rollout', done: 1, total: 2 })
  expect(readJournal(await file.read())).toMatchObject({ events: [...events, step(4)], lostBytes: 0 })
})

test('keepFirst forgets what came after', async () => {
  const file = memoryFile(bytes)
  const journal = await openJournal(file)
  await journal.keepFirst(1)
  await journal.append(step(9))
  expect(readJournal(await file.read()).events).toEqual([step(1), step(9)])
})

test('a clip of Infinity in the configuration survives the journal', () => {
  const config = resolvePreset('theory-faithful')
  const started: RunEvent = {
    type: 'started',
    time: '2026-01-01T00:00:00Z',
    runId: 'r',
    config,
    fingerprint: { version: '0', engine: 'e', platform: 'p', modelSha256: '' },
    parameters: { base: 1, adapter: 1 },
    memoryBytes: 1,
    fromStep: 0,
  }
  expect(config.algorithm.clip.high).toBe(Infinity)
  expect(readJournal(journalLine(0, started)).events).toEqual([started])
})

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function memoryFile(initial: Uint8Array) {
  let content = initial
  return {
    read: () => Promise.resolve(content),
    append: (more: Uint8Array) => Promise.resolve(void (content = concat([content, more]))),
    truncate: (size: number) => Promise.resolve(void (content = content.slice(0, size))),
  }
}
