// Recordings are read packed and unpacked, and a broken one says what to do.

import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { journalLine, readJournal } from '../../src/core/run/journal'
import { briefOf, loadRecording } from '../../src/app/state/recording'
import { syntheticRun } from './synthetic'

const folder = join(import.meta.dirname, '../../public/runs')
const plain = Buffer.concat(syntheticRun('rlvr', { steps: 2 }).map((event, i) => journalLine(i, event)))
const { events } = readJournal(plain)

function serve(body: Uint8Array<ArrayBuffer>) {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body)))
}
afterEach(() => vi.unstubAllGlobals())

test('a packed recording holds what the plain one does, also where the server has unpacked it', async () => {
  serve(new Uint8Array(plain))
  expect(await loadRecording('a.jsonl', () => {})).toEqual(events)
  serve(new Uint8Array(gzipSync(plain)))
  expect(await loadRecording('a.jsonl.gz', () => {})).toEqual(events)
})

test('a brief lies beside its recording', () => {
  expect(briefOf('rlvr.jsonl.gz')).toBe('rlvr.brief.jsonl.gz')
})

test('what is no run is refused with a way on', async () => {
  serve(new Uint8Array([1, 2, 3]))
  await expect(loadRecording('a.jsonl', () => {})).rejects.toThrow(/holds no run. Reload the page, or train here/)
})

const { recordings } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
  recordings: { preset: string; file: string }[]
}
test.each(recordings)('the recording of $preset can be read to its end', async ({ preset, file }) => {
  serve(new Uint8Array(readFileSync(join(folder, file))))
  const recorded = await loadRecording(file, () => {})
  expect(recorded[0]).toMatchObject({ type: 'started', config: { preset } })
  expect(recorded.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
})
