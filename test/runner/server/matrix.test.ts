// Who may ask for what: every combination of Host, Origin, token, method, content type and ticket, held against a rule that
// knows nothing of the server's code. What is refused changes nothing, and the token is said to nobody.

import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { printJson } from '../../../src/core/inspect/json'
import { ended, started, step } from '../events'
import { tinyConfig } from '../queue/service'
import { startServer, type TestServer } from './support'

const ALLOWED = 'https://page.example'
let server: TestServer
let waiting: string
/** Everything that this process writes meanwhile. */
let written = ''

beforeAll(async () => {
  server = await startServer({ allow: [ALLOWED] })
  waiting = server.queue.submit(tinyConfig(0, 1), 'waiting').id
  await server.writeRun('a', [started, step(1), ended])
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written += String(chunk)
      return true
    })
})
afterAll(async () => {
  vi.restoreAllMocks()
  await server.close()
})

const other = randomBytes(32).toString('base64url')
/** What is asked for; a POST carries this body, which is right for it. */
const questions: [method: string, path: () => string, body?: string][] = [
  ['GET', () => '/'],
  ['GET', () => '/api/info'],
  ['GET', () => '/api/runs'],
  ['GET', () => '/api/runs/a/files/journal.jsonl'],
  ['GET', () => '/api/runs/a/events'],
  ['GET', () => `/api/jobs/${waiting}`],
  ['POST', () => '/api/jobs', printJson(tinyConfig(0, 1))],
  ['POST', () => `/api/jobs/${waiting}/pause`, '{}'],
  ['POST', () => '/api/tickets', '{}'],
  ['POST', () => '/api/runs', '{}'],
  ['HEAD', () => '/api/runs'],
  ['OPTIONS', () => '/api/jobs'],
  ['DELETE', () => `/api/jobs/${waiting}`],
  ['PUT', () => '/api/runs/a/files/journal.jsonl', '{}'],
]
const hosts: [name: string, host: () => string, isOurs: boolean][] = [
  ['127.0.0.1', () => `127.0.0.1:${server.port}`, true],
  ['localhost', () => `localhost:${server.port}`, true],
  ['another name', () => `evil.example:${server.port}`, false],
  ['another port', () => `127.0.0.1:${server.port + 1}`, false],
]
const origins: [name: string, origin: () => string | undefined, is: 'none' | 'ours' | 'allowed' | 'foreign'][] = [
  ['none', () => undefined, 'none'],
  ['ours', () => `http://127.0.0.1:${server.port}`, 'ours'],
  ['allowed', () => ALLOWED, 'allowed'],
  ['null', () => 'null', 'foreign'],
  ['*', () => '*', 'foreign'],
  ['like the allowed one', () => `${ALLOWED}.evil.example`, 'foreign'],
]
const tokens: [name: string, header: () => string | undefined, isRight: boolean][] = [
  ['right', () => `Bearer ${server.token}`, true],
  ['wrong', () => `Bearer ${other}`, false],
  ['of another scheme', () => `Basic ${server.token}`, false],
  ['none', () => undefined, false],
]
const types: [type: string | undefined, isRight: boolean][] = [
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['text/plain', false],
  ['application/x-www-form-urlencoded', false],
  [undefined, false],
]

interface Case {
  method: string
  path: string
  isOurHost: boolean
  origin: 'none' | 'ours' | 'allowed' | 'foreign'
  hasToken: boolean
  isRightType: boolean
}

/** What ought to come of it, in words of docs/runner.md. */
function verdict({ method, path, isOurHost, origin, hasToken, isRightType }: Case): number {
  const isApi = path.startsWith('/api/')
  if (!isOurHost) return 403
  if (origin === 'foreign' || (origin === 'allowed' && !isApi)) return 403
  if (origin === 'allowed' && method === 'OPTIONS') return 204
  const takesPosts = /^\/api\/(?:jobs|tickets)/.test(path)
  if (method !== 'GET' && !(method === 'POST' && takesPosts)) return 405
  if (!isApi || path === '/api/info') return 200
  if (!hasToken) return 401
  if (method === 'GET') return 200
  if (!isRightType) return 415
  // The job that waits does not run.
  return path.endsWith('/pause') ? 409 : 201
}

/** What could have been changed. */
async function everything(): Promise<string> {
  const paths = (await readdir(server.runsFolder, { recursive: true })).filter((path) => !path.startsWith('jobs.db'))
  const sizes = await Promise.all(paths.map(async (path) => [path, (await stat(join(server.runsFolder, path))).size]))
  return JSON.stringify([server.queue.jobs.list(), sizes])
}

function send(method: string, path: string, headers: Record<string, string | undefined>, body?: string) {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >
  return new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers: given, agent: false }, resolve)
    asked.on('upgrade', (answer, socket) => {
      socket.destroy()
      resolve(answer)
    })
    asked.on('error', reject).end(body)
  })
}

describe('over HTTP', () => {
  test.each(questions)('%s %s', async (method, path, body) => {
    const wrong: string[] = []
    let cases = 0
    const before = await everything()
    for (const [hostName, host, isOurHost] of hosts)
      for (const [originName, origin, originIs] of origins)
        for (const [tokenName, authorization, hasToken] of tokens)
          for (const [type, isRightType] of method === 'POST' ? types : types.slice(0, 1)) {
            const headers = {
              ...{ host: host(), origin: origin(), authorization: authorization() },
              ...(body !== undefined && { 'content-type': type, 'content-length': String(body.length) }),
              ...(path() === '/api/jobs' && { 'idempotency-key': 'waiting' }),
              ...(method === 'OPTIONS' && { 'access-control-request-method': 'POST' }),
            }
            const answer = await send(method, path(), headers, body)
            const said = (await buffer(answer)).toString() + JSON.stringify(answer.headers)
            const expected = verdict({ method, path: path(), isOurHost, origin: originIs, hasToken, isRightType })
            const name = `${hostName}, Origin ${originName}, token ${tokenName}, ${type}`
            cases++
            if (answer.statusCode !== expected) wrong.push(`${name}: ${answer.statusCode}, not ${expected}`)
            if (said.includes(server.token)) wrong.push(`${name}: says the token`)
            if (answer.headers['referrer-policy'] !== 'no-referrer') wrong.push(`${name}: may send a Referer`)
            const mayRead = isOurHost && originIs === 'allowed' && path() !== '/' ? ALLOWED : undefined
            if (answer.headers['access-control-allow-origin'] !== mayRead) wrong.push(`${name}: wrong reader`)
          }
    expect(wrong).toEqual([])
    expect(cases).toBeGreaterThanOrEqual(hosts.length * origins.length * tokens.length)
    // What was let in was there already, or is in memory alone.
    expect(await everything()).toBe(before)
  })

  test('a browser that asks for a page of an allowed origin hears what that may send, and that it may reach this machine', async () => {
    const asked = {
      ...{ host: `127.0.0.1:${server.port}`, origin: ALLOWED, 'access-control-request-method': 'POST' },
      'access-control-request-private-network': 'true',
    }
    const { headers } = await send('OPTIONS', '/api/jobs', asked)
    expect(headers).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-private-network': 'true',
      vary: 'Origin',
    })
    for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'Range'])
      expect(headers['access-control-allow-headers']).toContain(name)
    expect(headers['access-control-allow-credentials']).toBeUndefined()
  })
})

describe('over a socket', () => {
  const ticket = async () => {
    const question = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    return ((await server.json('/api/tickets', question)) as { ticket: string }).ticket
  }
  let used: string
  const protocols: [name: string, offered: () => Promise<string | undefined>, status: number][] = [
    ['a fresh ticket', async () => `tiltlab.v1, ticket.${await ticket()}`, 101],
    ['a used ticket', async () => `tiltlab.v1, ticket.${used}`, 401],
    ['an invented ticket', async () => `tiltlab.v1, ticket.${other}`, 401],
    ['the token for a ticket', async () => `tiltlab.v1, ticket.${server.token}`, 401],
    ['two tickets', async () => `tiltlab.v1, ticket.${await ticket()}, ticket.${other}`, 400],
    ['a ticket alone', async () => `ticket.${await ticket()}`, 400],
    ['no ticket', async () => 'tiltlab.v1', 400],
    ['no protocol', async () => undefined, 400],
  ]
  const upgrade = (headers: Record<string, string | undefined>, method = 'GET') =>
    send(method, '/api/watch', {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': randomBytes(16).toString('base64'),
      ...headers,
    })

  test('it opens for a fresh ticket, from our page, an allowed one, or a program, and for nothing else', async () => {
    used = await ticket()
    const kept = await ticket()
    const host = `127.0.0.1:${server.port}`
    const first = await upgrade({ host, 'sec-websocket-protocol': `tiltlab.v1, ticket.${used}` })
    expect(first).toMatchObject({ statusCode: 101, headers: { 'sec-websocket-protocol': 'tiltlab.v1' } })
    const before = await everything()
    const wrong: string[] = []
    for (const [hostName, ours, isOurHost] of hosts)
      for (const [originName, origin, originIs] of origins)
        for (const [tokenName, authorization] of tokens.slice(0, 2))
          for (const [name, offered, status] of protocols) {
            const answer = await upgrade({
              ...{ host: ours(), origin: origin(), authorization: authorization() },
              'sec-websocket-protocol': await offered(),
            })
            // The token opens no socket, and a wrong one closes none.
            const expected = !isOurHost || originIs === 'foreign' ? 403 : status
            const words = `${hostName}, Origin ${originName}, token ${tokenName}, ${name}`
            if (answer.statusCode !== expected) wrong.push(`${words}: ${answer.statusCode}, not ${expected}`)
            const said = JSON.stringify(answer.headers)
            if (said.includes(server.token) || said.includes('ticket.')) wrong.push(`${words}: says a secret`)
          }
    expect(wrong).toEqual([])
    for (const method of ['POST', 'PUT']) expect((await upgrade({ host }, method)).statusCode).toBe(400)
    // No refusal used up anybody else's ticket.
    expect((await upgrade({ host, 'sec-websocket-protocol': `tiltlab.v1, ticket.${kept}` })).statusCode).toBe(101)
    expect(await everything()).toBe(before)
  })
})

test('nothing was written that holds the token', () => {
  expect(written).not.toContain(server.token)
})
