// recording.ts: recorded runs that the page can show before any model arrives
//
// A recording is the journal of a run that our own trainer made (`tiltlab train`), copied to public/runs as `gzip -9n`
// leaves it: the numbers of single tokens are most of it, and shrink to a fifth.
// public/runs/index.json lists them; a preset has at most one.

import { concatenateBytes } from '../../core/bytes'
import type { RunEvent } from '../../core/run/events'
import { readGently } from '../../lab/bundle/read-gently'

/** One line of public/runs/index.json. */
export interface Recording {
  /** The preset it was made with. */
  preset: string
  file: string
}

const FOLDER = 'runs/'

/** The file beside a recording that the build makes of it: the same without completions (vite.config.ts). */
export const briefOf = (file: string) => file.replace(/\.jsonl/, '.brief.jsonl')

/** The recordings that this page was built with; none if the list is missing. @throws if the network fails */
export async function listRecordings(): Promise<Recording[]> {
  const response = await fetch(`${FOLDER}index.json`)
  if (!response.ok) return []
  const list = (await response.json()) as { recordings: Recording[] }
  return list.recordings
}

/**
 * The events of a recording.
 *
 * @param onProgress  bytes so far and bytes in all (0 if the server does not say)
 * @throws {Error} with a sentence for people, if the file cannot be had or holds no run
 */
export async function loadRecording(
  file: string,
  onProgress: (done: number, total: number) => void,
): Promise<RunEvent[]> {
  const response = await fetch(FOLDER + file)
  if (!response.ok || !response.body)
    throw new Error(`The recording ${file} could not be loaded (${response.status}). Reload the page, or train here.`)
  const bytes = await readAll(response.body, Number(response.headers.get('content-length')), onProgress)
  const { events } = await readGently(await unpacked(bytes))
  if (events[0]?.type !== 'started')
    throw new Error(`The recording ${file} holds no run. Reload the page, or train here.`)
  return events
}

/** Some servers unpack what they send: then there is nothing left to do. */
async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (!isPacked) return bytes
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  total: number,
  onProgress: (done: number, total: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let done = 0
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value)
    done += next.value.length
    onProgress(done, total)
  }
  return concatenateBytes(chunks)
}
