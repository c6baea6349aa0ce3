// runner-api.ts: what a runner and whoever talks to it say to each other
//
// The server checks what it is sent against these and describes itself by them (GET /api/openapi.json); the page and the command
// line read its answers with them. Over HTTP a question has one answer; over the socket /api/watch both sides talk:
//
//   opened with    the subprotocols `tiltlab.v1` and `ticket.<ticket>`, the ticket fresh from POST /api/tickets
//   the watcher    {"watch": run, "after": number}   from the event after that number on; −1, or nothing: from the first
//                  {"unwatch": run}
//   the runner     {"run", "sequence", "event"}      an event of the journal, or with sequence null progress inside a step
//                  {"run", "over": true}             nothing more will come of it
//                  {"run", "error"}                  it cannot be watched, and why
//                  {"jobs": [...]}                   all jobs at first, then those that have changed
//
// A run that goes on after a break forgets what came after its checkpoint: then its events come again from number 0, and
// whoever shows it begins anew with that event, as `applyEvent` does.

import * as v from 'valibot'
import { EventSchema, SavedConfigSchema } from '../core/run/event-schema'
import { revivedEvent } from '../core/run/journal'
import type { RunEvent } from '../core/run/events'
import { SummarySchema } from '../core/run/summary'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const time = v.pipe(v.string(), v.isoTimestamp())
const runName = v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.description('The name of a run, and of its job'))

/** What a runner says of itself to anybody. */
export const InfoSchema = v.object({
  name: v.literal('tiltlab'),
  version: v.string(),
  id: v.pipe(v.string(), v.description('Tells one folder of runs from another')),
  live: v.pipe(v.nullable(v.string()), v.description('The run that it was started to show')),
})
export type Info = v.InferOutput<typeof InfoSchema>

/** One training run that a runner was asked for. */
export const JobSchema = v.object({
  id: runName,
  state: v.picklist(['queued', 'running', 'done', 'failed', 'cancelled']),
  config: SavedConfigSchema,
  key: v.pipe(
    v.nullable(v.string()),
    v.description('Its idempotency key; those of a sweep begin with its name and a colon, and end with the cell'),
  ),
  tries: v.pipe(count, v.description('Tries that ended without a new checkpoint')),
  cause: v.pipe(v.string(), v.description('Why it is where it is, for people; empty where nothing is to be said')),
  isCancelling: v.pipe(v.boolean(), v.description('Somebody wants it to stop, and it has not yet')),
  submittedAt: time,
  startedAt: v.nullable(time),
  endedAt: v.nullable(time),
})
export type RunnerJob = v.InferOutput<typeof JobSchema>

/** The same, once it was sent: what was left out of its file, a sentence each. */
export const SubmittedSchema = v.object({ ...JobSchema.entries, remarks: v.array(v.string()) })

export const JobsSchema = v.object({ jobs: v.array(JobSchema) })

/** The runs in the folder of a runner, newest first. */
export const RunsSchema = v.object({ runs: v.array(v.object({ id: runName, summary: SummarySchema })) })

/** What a run has left on disk. */
export const FilesSchema = v.object({
  files: v.array(
    v.object({
      path: v.pipe(v.string(), v.description('With slashes, below the folder of the run')),
      sizeBytes: count,
      etag: v.pipe(v.string(), v.description('Changes with the file')),
    }),
  ),
})

/** What opens one socket, once, within half a minute. */
export const TicketSchema = v.object({ ticket: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)) })

/** Why something was not done. */
export const RefusalSchema = v.object({ error: v.string() })

/** What a watcher and a runner speak over a socket; the ticket is named beside it. */
export const WATCH_PROTOCOL = 'tiltlab.v1'
export const TICKET_PREFIX = 'ticket.'

/** What a watcher says. */
export const WatcherMessageSchema = v.union([
  v.strictObject({ watch: runName, after: v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1)), -1) }),
  v.strictObject({ unwatch: runName }),
])
export type WatcherMessage = v.InferInput<typeof WatcherMessageSchema>

const ProgressSchema = v.looseObject({
  type: v.literal('progress'),
  step: count,
  phase: v.string(),
  done: v.number(),
  total: v.number(),
})

/** What a runner says over a socket. */
export const RunnerMessageSchema = v.union([
  v.object({ run: runName, sequence: count, event: EventSchema }),
  v.object({ run: runName, sequence: v.null(), event: ProgressSchema }),
  v.object({ run: runName, over: v.literal(true) }),
  v.object({ run: runName, error: v.string() }),
  JobsSchema,
])

/** The same, as its reader gets it. */
export type RunnerMessage =
  | { run: string; sequence: number | null; event: RunEvent }
  | { run: string; over: true }
  | { run: string; error: string }
  | { jobs: RunnerJob[] }

/**
 * Reads what a runner said over a socket. The events are those of its journals, which it has checked.
 * @throws {SyntaxError} if it is no JSON, {v.ValiError} if its jobs are none
 */
export function readRunnerMessage(text: string): RunnerMessage {
  const message = JSON.parse(text) as RunnerMessage
  if ('event' in message) return { ...message, event: revivedEvent(message.event) }
  return 'jobs' in message ? v.parse(JobsSchema, message) : message
}
