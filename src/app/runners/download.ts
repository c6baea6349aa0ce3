// download.ts: the files of a run, from a runner to this browser
//
// A connection that breaks goes on where it broke. What comes is checked as a file that a person drops: names choose nothing,
// the sizes that the runner names are not believed, every event and every checkpoint is read before anything is kept.

import { concatenateBytes } from '../../core/bytes'
import { size } from '../../core/format'
import { JOURNAL } from '../../lab/bundle/names'
import { RefusedFileError, readRunFiles, RUN_LIMITS, type BroughtRun } from '../../lab/bundle/read'
import { RunnerError, type RunFile } from '../../lab/runner-client'
import type { RunnerClient } from './client'

/** How much of a run has come, bytes. */
export type OnBytes = (done: number, total: number) => void

/** Times that a connection may break without a byte in between. */
const MOST_BREAKS = 5
const RETRY_MS = 1_000

/**
 * The run as it is on the runner now.
 *
 * @throws {RunnerError}; {RefusedFileError} if it is not what it ought to be; whatever the signal was aborted with
 */
export async function fetchRun(
  client: RunnerClient,
  id: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<BroughtRun> {
  const listed = (await client.files(id)).filter(({ path }) => isOfRun(path))
  const total = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (total > RUN_LIMITS.unpackedBytes)
    throw new RefusedFileError(id, `it has ${size(total)}, and at most ${size(RUN_LIMITS.unpackedBytes)} are taken.`)
  let before = 0
  const files = new Map<string, Uint8Array>()
  for (const file of listed) {
    const bytes = await fetchFile(client, id, file, (done) => onBytes(before + done, total), signal)
    files.set(file.path, bytes)
    before += file.sizeBytes
  }
  return readRunFiles(id, files)
}

/** One file of a run. */
export async function fetchFile(
  client: RunnerClient,
  id: string,
  file: RunFile,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array> {
  let chunks: Uint8Array[] = []
  let done = 0
  let furthest = 0
  for (let breaks = 0; ; breaks++) {
    try {
      const answer = await client.file(id, file, done, signal)
      if (answer.status !== 206) {
        chunks = []
        done = 0
      }
      const reader = answer.body!.getReader()
      // A journal that has grown since it was listed is taken as it was then.
      while (done < file.sizeBytes) {
        const { value, done: isOver } = await reader.read()
        if (isOver) break
        chunks.push(value)
        done += value.length
        if (done > furthest) breaks = 0
        furthest = Math.max(furthest, done)
        onBytes(Math.min(done, file.sizeBytes))
      }
      await reader.cancel().catch(() => undefined)
      if (done >= file.sizeBytes) return concatenateBytes(chunks).slice(0, file.sizeBytes)
      if (breaks >= MOST_BREAKS) throw new RunnerError('refused', `The runner sends only a part of ${file.path}.`)
    } catch (error) {
      const isForGood = error instanceof RunnerError && error.kind !== 'away'
      if (signal.aborted || isForGood || breaks >= MOST_BREAKS) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

/** What belongs to a run as the browser keeps it: the adapter in its own folder is that of the newest checkpoint. */
function isOfRun(path: string): boolean {
  return path === JOURNAL || path.startsWith('checkpoints/')
}
