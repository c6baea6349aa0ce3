// openapi.ts: the server described for programs (OpenAPI 3.1), from the schemas that check what is said (lab/runner-api.ts)
//
//   GET /api/openapi.json
//
// Every address of app.ts is here, with what it takes and what it answers.

import { toJsonSchemaDefs } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { RunConfigSchema } from '../../core/run/config'
import { SavedConfigSchema } from '../../core/run/event-schema'
import {
  FilesSchema,
  InfoSchema,
  JobSchema,
  JobsSchema,
  RefusalSchema,
  RunnerMessageSchema,
  RunsSchema,
  SubmittedSchema,
  TicketSchema,
  WatcherMessageSchema,
} from '../../lab/runner-api'
import { packageVersion } from '../package'

/** What the document calls each schema. */
export const schemas = {
  RunConfig: RunConfigSchema,
  Info: InfoSchema,
  Job: JobSchema,
  Jobs: JobsSchema,
  Submitted: SubmittedSchema,
  Runs: RunsSchema,
  Files: FilesSchema,
  Ticket: TicketSchema,
  Refusal: RefusalSchema,
  WatcherMessage: WatcherMessageSchema,
  RunnerMessage: RunnerMessageSchema,
} as const satisfies Record<string, GenericSchema>
type Name = keyof typeof schemas

/** A body: one of the schemas, or bytes or text of a type. */
type Content = Name | 'application/zip' | 'application/octet-stream' | 'text/event-stream' | 'text/plain' | null

/** One thing that can be asked. */
export interface Operation {
  id: string
  method: 'get' | 'post'
  /** As Hono writes it. */
  path: string
  summary: string
  /** null: anybody on this machine may ask. */
  needs: 'token' | 'ticket' | null
  headers?: Record<string, string>
  takes?: readonly Content[]
  answers: Readonly<Record<number, readonly [description: string, content: Content]>>
}

const refused = {
  403: ['Host or Origin is not one that this server answers to.', 'text/plain'],
  401: ['The token is missing or wrong.', 'Refusal'],
} as const satisfies Operation['answers']
const missing = { 404: ['There is no such run, job or file.', 'Refusal'] } as const satisfies Operation['answers']
const wrongBody = {
  413: ['The body is too large.', 'Refusal'],
  415: ['The body is of another type.', 'Refusal'],
} as const satisfies Operation['answers']

const RANGE = {
  Range: 'bytes=n-, from byte n on',
  'If-Range': 'The ETag: the whole file comes where it is another one by now',
}

/** Everything that can be asked. */
export const operations: readonly Operation[] = [
  {
    ...{ id: 'info', method: 'get', path: '/api/info', needs: null, summary: 'Who this is' },
    answers: { 200: ['This runner.', 'Info'], 403: refused[403] },
  },
  {
    ...{ id: 'openapi', method: 'get', path: '/api/openapi.json', needs: 'token', summary: 'This document' },
    answers: { 200: ['OpenAPI 3.1.', null], ...refused },
  },
  {
    ...{ id: 'submit', method: 'post', path: '/api/jobs', needs: 'token' },
    summary:
      'Queues a run: of a configuration, or one that has begun elsewhere, as the zip that tiltlab exports, which goes on from its last checkpoint',
    headers: { 'Idempotency-Key': 'Sent again, the same key gives the same job' },
    takes: ['RunConfig', 'application/zip'],
    answers: {
      201: ['It is on disk and will be trained, whatever happens.', 'Submitted'],
      400: ['It is no run.', 'Refusal'],
      409: ['The key was used for another run, or another run has that name.', 'Refusal'],
      503: ['It cannot be kept at the moment.', 'Refusal'],
      507: ['There is no room for it.', 'Refusal'],
      ...refused,
      ...wrongBody,
    },
  },
  {
    ...{ id: 'jobs', method: 'get', path: '/api/jobs', needs: 'token', summary: 'All jobs, newest first' },
    answers: { 200: ['They.', 'Jobs'], ...refused },
  },
  {
    ...{ id: 'job', method: 'get', path: '/api/jobs/:id', needs: 'token', summary: 'One job' },
    answers: { 200: ['It.', 'Job'], ...refused, ...missing },
  },
  {
    ...{ id: 'cancel', method: 'post', path: '/api/jobs/:id/cancel', needs: 'token' },
    summary: 'Saves a run and ends it, or takes it out of the queue',
    answers: { 200: ['The job, which may still be saving.', 'Job'], ...refused, ...missing, ...wrongBody },
  },
  ...(['pause', 'resume', 'step', 'rewind'] as const).map((id): Operation => ({
    ...{ id, method: 'post', path: `/api/jobs/:id/${id}`, needs: 'token' },
    summary: {
      pause: 'Waits after the step that it is at',
      resume: 'Goes on after a pause',
      step: 'Trains one step and waits',
      rewind: 'Goes back to the weights that it began with',
    }[id],
    answers: {
      200: ['The job.', 'Job'],
      409: ['Nothing runs that could.', 'Refusal'],
      ...refused,
      ...missing,
      ...wrongBody,
    },
  })),
  {
    ...{
      id: 'runs',
      method: 'get',
      path: '/api/runs',
      needs: 'token',
      summary: 'The runs in the folder, newest first',
    },
    answers: { 200: ['They.', 'Runs'], ...refused },
  },
  {
    ...{ id: 'events', method: 'get', path: '/api/runs/:id/events', needs: 'token' },
    summary:
      'A run as server-sent events, until nothing more will come: journalled ones carry their number as id, progress none',
    headers: { 'Last-Event-ID': 'Goes on after that number' },
    answers: {
      200: ['Events as JSON.', 'text/event-stream'],
      400: ['Last-Event-ID is no number.', 'Refusal'],
      ...refused,
      ...missing,
    },
  },
  {
    ...{
      id: 'files',
      method: 'get',
      path: '/api/runs/:id/files',
      needs: 'token',
      summary: 'What a run has left on disk',
    },
    answers: { 200: ['Names and sizes.', 'Files'], ...refused, ...missing },
  },
  {
    ...{
      id: 'file',
      method: 'get',
      path: '/api/runs/:id/files/:path{.+}',
      needs: 'token',
      summary: 'One of its files',
    },
    headers: RANGE,
    answers: {
      200: ['The file.', 'application/octet-stream'],
      206: ['The rest of it.', 'application/octet-stream'],
      416: ['It is shorter.', 'Refusal'],
      ...refused,
      ...missing,
    },
  },
  {
    ...{ id: 'ticket', method: 'post', path: '/api/tickets', needs: 'token' },
    summary: 'What opens one socket, once, within half a minute',
    answers: { 201: ['A ticket.', 'Ticket'], ...refused, ...wrongBody },
  },
  {
    ...{ id: 'watch', method: 'get', path: '/api/watch', needs: 'ticket' },
    summary:
      'A WebSocket with the protocols tiltlab.v1 and ticket.<ticket>, over which many runs are watched: a watcher says a WatcherMessage, the runner a RunnerMessage, as JSON',
    answers: {
      101: ['The socket.', null],
      400: ['Other protocols were offered.', 'Refusal'],
      401: ['The ticket was used, or is too old.', 'Refusal'],
      403: refused[403],
      426: ['It was asked for as a page.', 'Refusal'],
      503: ['Too many watch already.', 'Refusal'],
    },
  },
]

/** The document. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)(\{[^}]+\})?/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method]: described(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'The runner of tiltlab',
      version: packageVersion,
      description: 'Numbers that JSON cannot write are the words "Infinity" and "-Infinity".',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Behind the # of the address that tiltlab serve prints' },
        ticket: {
          type: 'apiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description: 'tiltlab.v1, ticket.<ticket>',
        },
      },
      schemas: toJsonSchemaDefs(schemas, {
        target: 'draft-2020-12',
        typeMode: 'input',
        errorMode: 'ignore',
        overrideRef: ({ referenceId }) => referenceTo(referenceId),
        // Read from any version; what is sent is of this one.
        overrideSchema: ({ valibotSchema }) =>
          (valibotSchema as GenericSchema) === SavedConfigSchema ? { $ref: referenceTo('RunConfig') } : null,
      }),
    },
  }
}

function described({ id, path, summary, needs, headers = {}, method, takes, answers }: Operation): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => parameter('path', name, true))
  const inHeader = Object.entries(headers).map(([name, text]) => parameter('header', name, false, text))
  const body = takes ?? (method === 'post' ? [null] : [])
  return {
    operationId: id,
    summary,
    security: needs ? [{ [needs]: [] }] : [],
    parameters: [...inPath, ...inHeader],
    ...(body.length > 0 && { requestBody: { required: true, content: contents(body) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, [description, content]]) => [
        status,
        { description, ...(content && { content: contents([content]) }) },
      ]),
    ),
  }
}

function parameter(place: 'path' | 'header', name: string, required: boolean, description?: string): object {
  return { in: place, name, required, ...(description && { description }), schema: { type: 'string' } }
}

function contents(all: readonly Content[]): object {
  return Object.fromEntries(
    all.map((content) => {
      if (content === null) return ['application/json', { schema: { type: 'object' } }]
      if (content in schemas) return ['application/json', { schema: { $ref: referenceTo(content) } }]
      return [content, { schema: { type: 'string' } }]
    }),
  )
}

const referenceTo = (name: string) => `#/components/schemas/${name}`
