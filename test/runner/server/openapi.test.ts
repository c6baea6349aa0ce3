// The document that describes the server is complete and true: every address is in it, and every answer is what it says.

import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as v from 'valibot'
import { printJson } from '../../../src/core/inspect/json'
import { createApp } from '../../../src/runner/server/app'
import { operations, schemas, type openApi } from '../../../src/runner/server/openapi'
import { ended, started, step } from '../events'
import { tinyConfig } from '../queue/service'
import { startServer, type Question, type TestServer } from './support'

let server: TestServer
let id: string
beforeAll(async () => {
  server = await startServer()
  id = server.queue.submit(tinyConfig(0, 1), null).id
  await server.writeRun('a', [started, step(1), ended])
})
afterAll(() => server.close())

const json = (body: string, headers: Question['headers'] = {}): Question => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

test('every address of the server is in the document, and nothing else', () => {
  const { port, runsFolder, live, queue, token } = server
  const { app } = createApp({ port, allow: [], runsFolder, pageFolder: runsFolder, live, queue, token })
  const served = app.routes.filter(({ method, path }) => method !== 'ALL' && path !== '/api/*')
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(new Set(served.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(described))
})

test('the document is sent, every reference in it leads somewhere, and every schema is one', async () => {
  const document = (await server.json('/api/openapi.json')) as ReturnType<typeof openApi> & {
    openapi: string
    components: { schemas: Record<string, object> }
    paths: Record<string, Record<string, { operationId: string }>>
  }
  expect(document.openapi).toBe('3.1.0')
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  )
  expect(JSON.stringify(document).match(/"\$ref"/g)).toHaveLength(references.length)
  for (const name of new Set(references)) expect(Object.keys(document.components.schemas[name]), name).not.toEqual([])
  expect(new Set(references)).toContain('RunConfig')
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  expect(new Set(ids).size).toBe(operations.length)
  expect(document.components.schemas.RunConfig).toMatchObject({ additionalProperties: false })
  expect(document.components.schemas.WatcherMessage).toMatchObject({
    anyOf: [{ properties: { watch: { type: 'string' }, after: { type: 'integer', minimum: -1 } } }, {}],
  })
})

const config = printJson(tinyConfig(1, 1))
const stranger = { headers: { authorization: 'Bearer x' } }

test.each<[operation: string, path: () => string, status: number, question?: Question]>([
  ['info', () => '/api/info', 200],
  ['info', () => '/api/info', 403, { headers: { host: 'evil.example' } }],
  ['openapi', () => '/api/openapi.json', 200],
  ['openapi', () => '/api/openapi.json', 401, stranger],
  ['submit', () => '/api/jobs', 201, json(config, { 'idempotency-key': 'one' })],
  ['submit', () => '/api/jobs', 400, json('{}')],
  ['submit', () => '/api/jobs', 409, json(printJson(tinyConfig(2, 2)), { 'idempotency-key': 'one' })],
  ['submit', () => '/api/jobs', 413, json(' '.repeat(2 ** 21))],
  ['submit', () => '/api/jobs', 415, json(config, { 'content-type': 'text/plain' })],
  ['submit', () => '/api/jobs', 401, { ...json(config), headers: { authorization: undefined } }],
  ['jobs', () => '/api/jobs', 200],
  ['jobs', () => '/api/jobs', 401, stranger],
  ['job', () => `/api/jobs/${id}`, 200],
  ['job', () => '/api/jobs/nothing', 404],
  ['pause', () => `/api/jobs/${id}/pause`, 409, json('{}')],
  ['rewind', () => '/api/jobs/nothing/rewind', 404, json('{}')],
  ['cancel', () => `/api/jobs/${id}/cancel`, 415, json('{}', { 'content-type': undefined })],
  ['cancel', () => `/api/jobs/${id}/cancel`, 200, json('{}')],
  ['cancel', () => '/api/jobs/nothing/cancel', 404, json('{}')],
  ['runs', () => '/api/runs', 200],
  ['events', () => '/api/runs/a/events', 200],
  ['events', () => '/api/runs/a/events', 400, { headers: { 'last-event-id': 'x' } }],
  ['events', () => '/api/runs/nothing/events', 404],
  ['files', () => '/api/runs/a/files', 200],
  ['files', () => '/api/runs/nothing/files', 404],
  ['file', () => '/api/runs/a/files/journal.jsonl', 200],
  ['file', () => '/api/runs/a/files/journal.jsonl', 206, { headers: { range: 'bytes=5-' } }],
  ['file', () => '/api/runs/a/files/journal.jsonl', 416, { headers: { range: 'bytes=500000-' } }],
  ['file', () => '/api/runs/a/files/nothing', 404],
  ['ticket', () => '/api/tickets', 201, json('{}')],
  ['ticket', () => '/api/tickets', 401, { ...json('{}'), headers: { authorization: undefined } }],
  ['watch', () => '/api/watch', 426],
  ['watch', () => '/api/watch', 400, { headers: { connection: 'upgrade', upgrade: 'websocket' } }],
])('%s answers as the document says: %s %i', async (operation, path, status, question) => {
  const { answers, method } = operations.find((each) => each.id === operation)!
  const answer = await server.ask(path(), { method: method.toUpperCase(), ...question })
  expect(answer.statusCode).toBe(status)
  const [, content] = answers[status]
  const body = await buffer(answer)
  const type = String(answer.headers['content-type'] ?? '').split(';')[0]
  // An upgrade that is refused has no body.
  if (content === null || body.length === 0) return
  if (!(content in schemas)) return expect(type).toBe(content)
  expect(type).toBe('application/json')
  expect(v.safeParse(schemas[content as keyof typeof schemas], JSON.parse(body.toString())).issues).toBeUndefined()
})
