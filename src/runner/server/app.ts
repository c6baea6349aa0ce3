// app.ts: what the local server answers
//
//   GET /                        the page, from dist/page
//   GET /api/info                who this is, and the run that it was started to show
//   GET /api/watch               all runs that are watched, over one socket (watch.ts), with a ticket
//
// and with the token (token.ts)
//
//   GET /api/openapi.json        all of this for programs (openapi.ts)
//   POST /api/tickets            a ticket
//   GET /api/runs                the runs in the runs folder, newest first
//   GET /api/runs/:id/events     a run as server-sent events (events.ts)
//       /api/runs/:id/files …    what it has left on disk (files.ts)
//       /api/jobs …              what is to be trained here (jobs.ts)

import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type Context } from 'hono'
import type { WebSocketServer } from 'ws'
import { packageVersion } from '../package'
import type { Queue } from '../queue/queue'
import { Arrivals } from './bring'
import { eventsApi } from './events'
import { Feeds } from './feeds'
import { filesApi } from './files'
import { guard } from './guard'
import { answer, jobsApi, jsonBody } from './jobs'
import type { LiveRuns } from './live'
import { openApi } from './openapi'
import { listRuns } from './runs'
import { Tickets } from './tickets'
import { onlyWithToken, runnerId } from './token'
import { createSocketServer, watchApi } from './watch'

export interface ServerSettings {
  port: number
  /** Pages of other origins that may ask: exact ones, such as https://example.org. */
  allow: readonly string[]
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

/** The server as a function from request to response, and the sockets that it opens. */
export function createApp(settings: ServerSettings): { app: Hono; sockets: WebSocketServer } {
  const { port, allow, runsFolder, pageFolder, live, queue, token } = settings
  const feeds = new Feeds(runsFolder, live, (id) => queue.jobs.get(id) !== null)
  const tickets = new Tickets()
  const sockets = createSocketServer()
  const app = new Hono()
  app.use(guard(port, allow))
  app.use('/api/*', async (context, next) => {
    context.header('Cache-Control', 'no-store')
    await next()
  })
  app.get('/api/info', (context) =>
    context.json({ name: 'tiltlab', version: packageVersion, id: runnerId(token), live: settings.shown ?? null }),
  )
  app.route('/api/watch', watchApi({ queue, live, feeds, tickets }, sockets))
  app.use('/api/*', onlyWithToken(token))
  app.get('/api/openapi.json', (context) => context.json(openApi()))
  app.post('/api/tickets', ...jsonBody, (context) => context.json({ ticket: tickets.issue() }, 201))
  app.get('/api/runs', async (context) => answer(context, 200, { runs: await listRuns(runsFolder) }))
  app.route('/api/runs', eventsApi(feeds, live))
  app.route('/api/runs', filesApi(runsFolder))
  app.route('/api/jobs', jobsApi(queue, new Arrivals(runsFolder, queue)))
  app.get('/api/*', (context) => context.json({ error: 'There is no such address.' }, 404))
  app.use('*', serveStatic({ root: pageFolder, onFound: cacheHeaders, precompressed: true }))
  app.notFound((context) => context.text(missingPage(context.req.path), 404))
  return { app, sockets }
}

/** Files under assets/ carry a hash of their content in their name; everything else is asked for again. */
function cacheHeaders(path: string, context: Context): void {
  const hashed = /[\\/]assets[\\/]/.test(path)
  context.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function missingPage(path: string): string {
  return path === '/' ? 'The page has not been built. Run npm run build, then reload.\n' : 'There is no such file.\n'
}
