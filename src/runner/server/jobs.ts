// jobs.ts: what may be asked of a runner
//
//   POST /api/jobs                 a configuration, or the zip of a run, which goes on here → its job; `Idempotency-Key` makes
//                                  sending it twice harmless
//   GET  /api/jobs                 all jobs, newest first
//   GET  /api/jobs/:id             one of them
//   POST /api/jobs/:id/cancel      saves and ends it
//   POST /api/jobs/:id/pause       between two steps; also resume, step, rewind

import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ConfigError, TiltlabError } from '../../core/errors'
import { parseJson, printJson } from '../../core/inspect/json'
import { migrateConfig } from '../../core/run/migrate'
import type { RunCommand } from '../../lab/session'
import { RefusedFileError } from '../../lab/bundle/read'
import { DiskError } from '../disk-error'
import { LockedFolderError } from '../lock'
import { JobStoreError, KeyReusedError } from '../queue/jobs'
import type { Queue } from '../queue/queue'
import { LARGEST_ZIP_BYTES, LargeFileError, OccupiedError, type Arrivals } from './bring'

const LARGEST_BODY_BYTES = 1024 * 1024
const LONGEST_KEY = 200

/** What can be said to a run that is being trained. */
const commands = ['pause', 'resume', 'step', 'rewind'] as const satisfies RunCommand['type'][]

/** The jobs of a runner, to be mounted under /api/jobs. */
export function jobsApi(queue: Queue, arrivals: Arrivals): Hono {
  const app = new Hono()
  app.get('/', (context) => answer(context, 200, { jobs: queue.jobs.list() }))
  app.get('/:id', (context) => answerJob(context, queue.jobs.get(context.req.param('id'))))
  app.post('/', async (context, next) => {
    const key = keyOf(context)
    if (key !== null && (key === '' || key.length > LONGEST_KEY))
      return refuse(context, 400, `Idempotency-Key: expected 1 to ${LONGEST_KEY} characters.`)
    if (typeOf(context) !== 'application/zip') return next()
    if (Number(context.req.header('content-length')) > LARGEST_ZIP_BYTES) throw new LargeFileError()
    if (!context.req.raw.body) return refuse(context, 400, 'The body is empty.')
    const { job, remarks } = await arrivals.bring(context.req.raw.body, key)
    return answer(context, 201, { ...job, remarks })
  })
  app.post('/', ...jsonBody, async (context) => {
    const key = keyOf(context)
    const config = migrateConfig(parseJson(await context.req.text(), 'the body'))
    return answer(context, 201, { ...queue.submit(config, key), remarks: [] })
  })
  app.post('/:id/cancel', ...jsonBody, (context) => answerJob(context, queue.cancel(context.req.param('id'))))
  for (const type of commands)
    app.post(`/:id/${type}`, ...jsonBody, (context) => {
      const id = context.req.param('id')
      const job = queue.jobs.get(id)
      if (job && !queue.send(id, { type }))
        return refuse(context, 409, `${id} is ${job.state}: nothing runs that could ${type}.`)
      return answerJob(context, job)
    })
  app.onError((error, context) => {
    if (error instanceof KeyReusedError || error instanceof OccupiedError || error instanceof LockedFolderError)
      return refuse(context, 409, error.message)
    if (error instanceof ConfigError || error instanceof RefusedFileError) return refuse(context, 400, error.message)
    if (error instanceof LargeFileError) {
      // The rest of the body is not read, so nothing else can come on this connection.
      context.header('Connection', 'close')
      return refuse(context, 413, error.message)
    }
    // Nothing is acknowledged that is not on disk.
    if (error instanceof JobStoreError) return refuse(context, error.isFull ? 507 : 503, error.message)
    if (error instanceof DiskError) return refuse(context, 507, error.message)
    if (error instanceof TiltlabError) return refuse(context, 500, error.message)
    throw error
  })
  return app
}

/** A page of another origin can send a form without asking; it cannot send this type without asking. */
export const jsonBody = [
  bodyLimit({
    maxSize: LARGEST_BODY_BYTES,
    onError: (context) => {
      // The rest of the body is not read, so nothing else can come on this connection.
      context.header('Connection', 'close')
      return refuse(context, 413, `The body may have ${LARGEST_BODY_BYTES} bytes at most.`)
    },
  }),
  async (context: Context, next: () => Promise<void>) => {
    if (typeOf(context) === 'application/json') return next()
    return refuse(context, 415, 'Content-Type: expected application/json.')
  },
] as const

/** What a body is said to be, without its parameters. */
function typeOf(context: Context): string {
  const [type] = (context.req.header('content-type') ?? '').split(';')
  return type.trim().toLowerCase()
}

const keyOf = (context: Context) => context.req.header('idempotency-key') ?? null

function answerJob(context: Context, job: object | null): Response {
  return job ? answer(context, 200, job) : refuse(context, 404, `There is no job “${context.req.param('id')}”.`)
}

/** Every number, infinities too, which JSON has not. */
export function answer(context: Context, status: 200 | 201, value: object): Response {
  return context.body(printJson(value), status, { 'Content-Type': 'application/json' })
}

function refuse(context: Context, status: 400 | 404 | 409 | 413 | 415 | 500 | 503 | 507, error: string): Response {
  return context.json({ error }, status)
}
