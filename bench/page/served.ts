// served.ts: the built page behind the server of `tiltlab serve`, with a run that this benchmark makes up as it goes

import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { eventJson } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { createApp } from '../../src/runner/server/app'
import { LiveRuns } from '../../src/runner/server/live'

/** A run for the page to follow. */
export interface Stream {
  id: string
  /** What was there before anybody looked, sent at once. */
  history(): Iterable<RunEvent>
  /** What comes then, one after another; the server waits `everyMs` after each. */
  next(): RunEvent
  everyMs: number
}

/**
 * Serves a folder with the runner's own server, on a port of its own.
 *
 * @param stream what the page takes for the run in the terminal; none: it only serves
 */
export async function servePage(
  pageFolder: string,
  stream?: Stream,
): Promise<{ address: string; close: () => Promise<void> }> {
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
  const runner = createApp({
    port,
    runsFolder: 'no-runs',
    pageFolder,
    live: new LiveRuns(),
    ...(stream && { shown: stream.id }),
  })
  app.route('/', runner)
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = serve({ fetch: () => new Response(), port: 0, hostname: '127.0.0.1' }, ({ port }: AddressInfo) =>
      server.close(() => resolve(port)),
    )
  })
}
