// served.ts: the built page behind the server of `tiltlab serve`, with a run that this benchmark makes up as it goes

import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { eventJson } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { openQueue } from '../../src/runner/queue/queue'
import { createApp } from '../../src/runner/server/app'
import { LiveRuns } from '../../src/runner/server/live'
import { addressWithToken, tokenOf } from '../../src/runner/server/token'

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
  const port = await freePort()
  const app = new Hono()
  // The runner's journal is read five times a second: here each event comes by itself, which costs the page more.
  if (stream)
    app.get(`/api/runs/${stream.id}/events`, (context) =>
      streamSSE(context, async (out) => {
        for (const event of stream.history()) await out.writeSSE({ data: eventJson(event) })
        while (!out.aborted) {
          await out.writeSSE({ data: eventJson(stream.next()) })
          await delay(stream.everyMs)
        }
      }),
    )
  const runsFolder = await mkdtemp(join(tmpdir(), 'tiltlab-bench-page-'))
  const nothing = { gpus: [null], memoryBytes: Infinity, onChange: () => undefined, onEvent: () => undefined }
  const queue = await openQueue({ runsFolder, ...nothing })
  const token = await tokenOf(runsFolder)
  const shown = stream && { shown: stream.id }
  app.route(
    '/',
    createApp({ port, allow: [], runsFolder, pageFolder, live: new LiveRuns(), queue, token, ...shown }).app,
  )
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
  const address = `http://127.0.0.1:${port}`
  return {
    address,
    addressWithToken: addressWithToken(address, token),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
      await queue.stop(0)
      await rm(runsFolder, { recursive: true })
    },
  }
}

/** Opens the page with the token, at a view. */
export async function openView(page: Page, { address, addressWithToken }: ServedPage, hash: string): Promise<void> {
  await page.goto(addressWithToken)
  await page.goto(`${address}/${hash}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = serve({ fetch: () => new Response(), port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) =>
      server.close(() => resolve(port)),
    )
  })
}
