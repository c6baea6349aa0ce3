// app.ts: what the local server answers
//
//   GET /                        the page, from dist/page
//   GET /api/info                who this is, and the run that it was started to show
//
// and with the token (token.ts)
//
//   GET /api/runs                the runs in the runs folder, newest first
//   GET /api/runs/:id/events     a run as server-sent events; `Last-Event-ID` resumes after that number
//       /api/runs/:id/files …    what it has left on disk (files.ts)
//       /api/jobs …              what is to be trained here (jobs.ts)
//
// Journalled events carry their number as the event id. Progress inside a step is passed on live, without an id.

import { serveStatic } from '@hono/node-server/serve-static'
import { join } from 'node:path'
import { Hono, type Context } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { printJson } from '../../core/inspect/json'
import type { RunEvent } from '../../core/run/events'
import { eventJson } from '../../core/run/journal'
import { packageVersion } from '../package'
import { journalPath } from '../storage'
import type { Queue } from '../queue/queue'
import { filesApi } from './files'
import { followJournal } from './follow'
import { guard } from './guard'
import { jobsApi } from './jobs'
import type { LiveRuns } from './live'
import { findRun, listRuns } from './runs'
import { onlyWithToken, runnerId } from './token'

export interface ServerSettings {
  port: number
  runsFolder: string
  pageFolder: string
  /** The run that this server is started to show. */
  shown?: string
  /** What is trained from here. */
  live: LiveRuns
  queue: Queue
  /** What whoever reads or changes anything has to know. */
  token: string
}

const HEARTBEAT_MS = 15_000
const LAST_READ_MS = 1_000

/** The server as a function from request to response. */
export function createApp(settings: ServerSettings): Hono {
  const { port, runsFolder, pageFolder, queue, token } = settings
  const app = new Hono()
  app.use(guard(port))
  app.use('/api/*', async (context, next) => {
    context.header('Cache-Control', 'no-store')
    await next()
  })
  app.get('/api/info', (context) =>
    context.json({ name: 'tiltlab', version: packageVersion, id: runnerId(token), live: settings.shown ?? null }),
  )
  app.use('/api/*', onlyWithToken(token))
  app.get('/api/runs', async (context) => {
    const body = printJson({ runs: await listRuns(runsFolder) })
    return context.body(body, 200, { 'Content-Type': 'application/json' })
  })
  app.get('/api/runs/:id/events', (context) => runEvents(context, settings))
  app.route('/api/jobs', jobsApi(queue))
  app.route('/api/runs', filesApi(runsFolder))
  app.get('/api/*', (context) => context.json({ error: 'There is no such address.' }, 404))
  app.use('*', serveStatic({ root: pageFolder, onFound: cacheHeaders, precompressed: true }))
  app.notFound((context) => context.text(missingPage(context.req.path), 404))
  return app
}

async function runEvents(context: Context, { runsFolder, live, queue }: ServerSettings): Promise<Response> {
  const id = context.req.param('id') ?? ''
  // A page may be faster than the run, whose journal begins once its model is loaded.
  const folder = live.has(id) ? join(runsFolder, id) : await findRun(runsFolder, id)
  if (!folder) return context.json({ error: `There is no run “${id}” in ${runsFolder}.` }, 404)
  const lastId = context.req.header('last-event-id') ?? '-1'
  if (!/^-?\d{1,15}$/.test(lastId)) {
    return context.json({ error: `Last-Event-ID: expected a number, got “${lastId}”.` }, 400)
  }
  return streamSSE(context, async (stream) => {
    const closed = new AbortController()
    stream.onAbort(() => closed.abort())
    // What the journal holds by then is read first.
    const onOver = () => void setTimeout(() => closed.abort(), LAST_READ_MS)
    if (queue.jobs.get(id)?.endedAt) onOver()
    const stopProgress = live.subscribe(id, { onEvent: (event) => sendProgress(stream, event), onOver })
    const heartbeat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_MS)
    try {
      for await (const { sequence, event } of followJournal(journalPath(folder), Number(lastId), closed.signal)) {
        await stream.writeSSE({ id: String(sequence), data: eventJson(event) })
      }
    } finally {
      clearInterval(heartbeat)
      stopProgress()
    }
  })
}

function sendProgress(stream: SSEStreamingApi, event: RunEvent): void {
  if (event.type === 'progress') void stream.writeSSE({ data: eventJson(event) })
}

/** Files under assets/ carry a hash of their content in their name; everything else is asked for again. */
function cacheHeaders(path: string, context: Context): void {
  const hashed = /[\\/]assets[\\/]/.test(path)
  context.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function missingPage(path: string): string {
  return path === '/' ? 'The page has not been built. Run npm run build, then reload.\n' : 'There is no such file.\n'
}
