// events.ts: a run as server-sent events, for programs that take lines: `tiltlab run watch`, curl
//
//   GET /api/runs/:id/events     `Last-Event-ID` goes on after that number
//
// Journalled events carry their number as the event id. Progress inside a step has none, and is left out while the watcher has
// not yet taken what was sent before. The stream ends when nothing more will come of the run.

import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { eventJson } from '../../core/run/journal'
import type { Feeds } from './feeds'
import type { LiveRuns } from './live'

const HEARTBEAT_MS = 15_000

/** The events of runs, to be mounted under /api/runs. */
export function eventsApi(feeds: Feeds, live: LiveRuns): Hono {
  const app = new Hono()
  app.get('/:id/events', async (context) => {
    const id = context.req.param('id')
    if (!(await feeds.has(id))) return context.json({ error: `There is no run “${id}” here.` }, 404)
    const lastId = context.req.header('last-event-id') ?? '-1'
    if (!/^-?\d{1,15}$/.test(lastId))
      return context.json({ error: `Last-Event-ID: expected a number, got “${lastId}”.` }, 400)
    return streamSSE(context, async (stream) => {
      const closed = new AbortController()
      stream.onAbort(() => closed.abort())
      let isBusy = false
      const send = async (text: string) => {
        isBusy = true
        await stream.write(text)
        isBusy = false
      }
      const sendIfFree = (text: string) => void (isBusy || send(text))
      const stopProgress = live.onRun(id, (event) => {
        if (event?.type === 'progress') sendIfFree(`data: ${eventJson(event)}\n\n`)
      })
      const heartbeat = setInterval(() => sendIfFree(': still here\n\n'), HEARTBEAT_MS)
      try {
        for await (const { first, texts } of feeds.follow(id, Number(lastId), closed.signal))
          await send(texts.map((text, index) => `id: ${first + index}\ndata: ${text}\n\n`).join(''))
      } finally {
        clearInterval(heartbeat)
        stopProgress()
      }
    })
  })
  return app
}
