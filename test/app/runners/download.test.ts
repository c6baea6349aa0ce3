// Files of a run come whole over connections that break, can be stopped, and are believed no more than a file that is dropped.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { journalLine } from '../../../src/core/run/journal'
import type { RunnerClient } from '../../../src/app/runners/client'
import { RunnerError, type RunFile } from '../../../src/lab/runner-client'
import { fetchFile, fetchRun } from '../../../src/app/runners/download'
import { syntheticRun } from '../synthetic'

const journal = Uint8Array.from(
  Buffer.concat(syntheticRun('sft', { steps: 6 }).map((event, sequence) => journalLine(sequence, event))),
)
const file = (path: string, bytes: Uint8Array): RunFile => ({ path, sizeBytes: bytes.length, etag: `"${path}"` })

/** A connection that sends these pieces, then ends, or breaks. */
function connection(pieces: readonly Uint8Array[], isBroken: boolean, status: number): Response {
  const left = [...pieces]
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift()
      if (piece) controller.enqueue(piece)
      else if (isBroken) controller.error(new TypeError('network error'))
      else controller.close()
    },
  })
  return new Response(body, { status })
}

/** A runner whose connections break after so many bytes each. */
function runner(files: ReadonlyMap<string, Uint8Array>, breakAfter = Infinity, knowsRanges = true) {
  const asked: [string, number][] = []
  const client = {
    files: () => Promise.resolve([...files].map(([path, bytes]) => file(path, bytes))),
    file: (_: string, { path }: RunFile, from: number) => {
      asked.push([path, from])
      const start = knowsRanges ? from : 0
      const rest = files.get(path)!.slice(start)
      const sent = rest.subarray(0, breakAfter)
      return Promise.resolve(connection([sent], sent.length < rest.length, start > 0 ? 206 : 200))
    },
  } as unknown as RunnerClient
  return { client, asked }
}

const signal = new AbortController().signal

// Nobody waits here before a connection is tried again.
beforeEach(() => void vi.stubGlobal('setTimeout', (work: () => void) => setImmediate(work)))
afterEach(() => void vi.unstubAllGlobals())

test('a connection that breaks goes on where it broke', async () => {
  const { client, asked } = runner(new Map([['journal.jsonl', journal]]), Math.ceil(journal.length / 3))
  const told: number[] = []
  const bytes = await fetchFile(client, 'a', file('journal.jsonl', journal), (done) => told.push(done), signal)
  expect(bytes).toEqual(journal)
  expect(asked.map(([, from]) => from)).toEqual([0, Math.ceil(journal.length / 3), 2 * Math.ceil(journal.length / 3)])
  expect(told.at(-1)).toBe(journal.length)
})

test('a runner that sends all of it again is believed', async () => {
  const files = new Map([['journal.jsonl', journal]])
  const { client } = runner(files, 100, false)
  const stopped = new AbortController()
  const bytes = fetchFile(client, 'a', file('journal.jsonl', journal.subarray(0, 100)), () => undefined, stopped.signal)
  expect(await bytes).toEqual(journal.slice(0, 100))
})

test('a journal that has grown since it was listed is taken as it was then', async () => {
  const { client } = runner(new Map([['journal.jsonl', journal]]))
  const listed = { ...file('journal.jsonl', journal), sizeBytes: 500 }
  expect(await fetchFile(client, 'a', listed, () => undefined, signal)).toEqual(journal.slice(0, 500))
})

test('a connection that never brings anything is given up', async () => {
  const { client, asked } = runner(new Map([['journal.jsonl', journal]]), 0)
  await expect(fetchFile(client, 'a', file('journal.jsonl', journal), () => undefined, signal)).rejects.toThrow(
    'network error',
  )
  expect(asked).toHaveLength(6)
})

test('what a runner refuses is not asked for again, and what is stopped stops', async () => {
  let asked = 0
  const refusing = {
    file: () => (asked++, Promise.reject(new RunnerError('refused', 'no such file'))),
  } as unknown as RunnerClient
  await expect(fetchFile(refusing, 'a', file('x', journal), () => undefined, signal)).rejects.toThrow('no such file')
  expect(asked).toBe(1)
  const stopped = new AbortController()
  stopped.abort()
  const { client } = runner(new Map([['journal.jsonl', journal]]), 1)
  await expect(
    fetchFile(client, 'a', file('journal.jsonl', journal), () => undefined, stopped.signal),
  ).rejects.toThrow()
})

test('a run comes with its journal; files that are none of its own are not even asked for', async () => {
  const files = new Map([
    ['adapter/adapter_model.safetensors', new Uint8Array(8)],
    ['journal.jsonl', journal],
    ['../../escape', new Uint8Array(8)],
  ])
  const { client, asked } = runner(files)
  const told: [number, number][] = []
  const brought = await fetchRun(client, 'a', (done, total) => told.push([done, total]), signal)
  expect(brought.journal).toEqual(journal)
  expect(brought.run.summary).toMatchObject({ step: 6, end: { reason: 'completed' } })
  expect(asked.map(([path]) => path)).toEqual(['journal.jsonl'])
  expect(told.at(-1)).toEqual([journal.length, journal.length])
})

test('a run that is too large, or no run, is refused', async () => {
  const huge = {
    files: () => Promise.resolve([{ path: 'journal.jsonl', sizeBytes: 5e9, etag: '' }]),
  } as unknown as RunnerClient
  await expect(fetchRun(huge, 'a', () => undefined, signal)).rejects.toThrow('it has 5.0 GB')
  const page = new TextEncoder().encode('<!doctype html>\n')
  const { client } = runner(new Map([['journal.jsonl', page]]))
  await expect(fetchRun(client, 'a', () => undefined, signal)).rejects.toThrow('was not imported')
})
