// served.ts: the built page behind the server of `tiltlab serve`, with a run that this benchmark makes up as it goes

import { mkdirSync, writeFileSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { journalLine } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { openQueue } from '../../src/runner/queue/queue'
import { listen } from '../../src/runner/server/listen'
import { LiveRuns } from '../../src/runner/server/live'
import { addressWithToken, tokenOf } from '../../src/runner/server/token'
import { journalPath } from '../../src/runner/storage'
import { freePort } from '../../test/free-port'

/** A run for the page to follow. */
export interface Stream {
  id: string
  /** What was there before anybody looked, sent at once. */
  history(): Iterable<RunEvent>
  /** What comes then, one after another; the server waits `everyMs` after each. */
  next(): RunEvent
  everyMs: number
}

/** A page server. */
export interface ServedPage {
  address: string
  /** The address with which the page may ask the server for runs. */
  addressWithToken: string
  close(): Promise<void>
}

/**
 * Serves a folder with the runner's own server, on a port of its own.
 *
 * @param stream what the page takes for the run in the terminal; none: it only serves
 */
export async function servePage(pageFolder: string, stream?: Stream): Promise<ServedPage> {
  const runsFolder = await mkdtemp(join(tmpdir(), 'tiltlab-bench-page-'))
  const live = new LiveRuns()
  const queue = await openQueue({
    ...{ runsFolder, gpus: [null], memoryBytes: Infinity },
    ...{ onChange: () => undefined, onEvent: () => undefined },
  })
  const token = await tokenOf(runsFolder)
  const stopped = new AbortController()
  const running = stream && journalled(stream, runsFolder, live, stopped.signal)
  const server = await listen({
    ...{ port: await freePort(), allow: [], runsFolder, pageFolder, live, queue, token },
    ...(stream && { shown: stream.id }),
  })
  return {
    address: server.url,
    addressWithToken: addressWithToken(server.url, token),
    async close() {
      stopped.abort()
      await running
      await server.close()
      await queue.stop(0)
      await rm(runsFolder, { recursive: true })
    },
  }
}

/** Journals the run as a process does that trains: what was there at once, then one event after another. */
async function journalled(stream: Stream, runsFolder: string, live: LiveRuns, signal: AbortSignal): Promise<void> {
  const journal = journalPath(join(runsFolder, stream.id))
  const history = [...stream.history()]
  mkdirSync(dirname(journal))
  writeFileSync(journal, Buffer.concat(history.map((event, sequence) => journalLine(sequence, event))))
  for (let sequence = history.length; ; sequence++) {
    await delay(stream.everyMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const event = stream.next()
    await appendFile(journal, journalLine(sequence, event))
    // Otherwise it would be noticed five times a second; each event by itself costs the page more.
    live.publish(stream.id, event)
  }
}

/** Opens the page with the token, at a view. */
export async function openView(page: Page, { address, addressWithToken }: ServedPage, hash: string): Promise<void> {
  await page.goto(addressWithToken)
  await page.goto(`${address}/${hash}`)
}
