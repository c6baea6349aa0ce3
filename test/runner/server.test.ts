// The local server answers this machine's own page and programs, and nobody else; runs are shown to whoever has the token.

import { mkdir, mkdtemp, rm, truncate, writeFile, appendFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { eventFromJson, journalLine, readJournal } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { SummarySchema } from '../../src/core/run/summary'
import { packageVersion } from '../../src/runner/package'
import { openQueue, type Queue } from '../../src/runner/queue/queue'
import { listen, type RunningServer } from '../../src/runner/server/listen'
import { LiveRuns } from '../../src/runner/server/live'
import { runnerId, tokenOf } from '../../src/runner/server/token'
import { freePort } from '../free-port'
import { ended, progress, smallRun, started, step } from './events'

const unclipped: RunEvent = {
  ...started,
  config: {
    ...started.config,
    algorithm: {
      ...started.config.algorithm,
      clip: { ...started.config.algorithm.clip, low: Infinity, high: Infinity },
    },
  },
}

let folder: string
let port: number
let server: RunningServer
let queue: Queue
let token: string
const live = new LiveRuns()
live.open('live')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-server-'))
  await mkdir(join(folder, 'page/assets'), { recursive: true })
  await writeFile(join(folder, 'page/index.html'), '<!doctype html><title>tiltlab</title>')
  await writeFile(join(folder, 'page/assets/engine-1a2b.wasm'), 'wasm')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeRun('small', smallRun)
  await writeRun('finished', [started, step(1), ended])
  port = await freePort()
  const runsFolder = join(folder, 'runs')
  const nothing = { slots: 1, memoryBytes: Infinity, onChange: () => undefined, onEvent: () => undefined }
  queue = await openQueue({ runsFolder, ...nothing })
  token = await tokenOf(runsFolder)
  server = await listen({ port, runsFolder, pageFolder: join(folder, 'page'), shown: 'live', live, queue, token })
})

afterAll(async () => {
  await server.close()
  await queue.stop(0)
  await rm(folder, { recursive: true })
})

describe('who may ask', () => {
  const hosts: [host: () => string, isOurs: boolean][] = [
    [() => `127.0.0.1:${port}`, true],
    [() => `localhost:${port}`, true],
    [() => '127.0.0.1', false],
    [() => `localhost:${port + 1}`, false],
    [() => `[::1]:${port}`, false],
    [() => `evil.example:${port}`, false],
    [() => `127.0.0.1.evil.example:${port}`, false],
    [() => `tiltlab.local:${port}`, false],
  ]
  const origins: [origin: () => string | undefined, isOurs: boolean][] = [
    [() => undefined, true],
    [() => `http://127.0.0.1:${port}`, true],
    [() => `http://localhost:${port}`, true],
    [() => 'null', false],
    [() => '*', false],
    [() => `https://127.0.0.1:${port}`, false],
    [() => `http://127.0.0.1:${port + 1}`, false],
    [() => 'https://evil.example', false],
  ]
  const paths = ['/', '/api/info', '/api/runs', '/api/runs/finished/events', '/nowhere']

  test('every pair of Host and Origin is let in only if both are exactly ours', async () => {
    const wrong: string[] = []
    for (const [host, isOurHost] of hosts) {
      for (const [origin, isOurOrigin] of origins) {
        for (const path of paths) {
          const answer = await ask(path, { host: host(), ...(origin() !== undefined && { origin: origin() }) })
          const isRefused = answer.statusCode === 403
          if (isRefused === (isOurHost && isOurOrigin))
            wrong.push(`${path} ${host()} ${origin()}: ${answer.statusCode}`)
          answer.destroy()
        }
      }
    }
    expect(wrong).toEqual([])
  })

  test.each(['/api/runs', '/api/runs/finished/events', '/api/runs/finished/files', '/api/jobs', '/api/nowhere'])(
    '%s needs the token; a page and who this is do not',
    async (path) => {
      for (const authorization of ['', 'Bearer', `Bearer ${'x'.repeat(43)}`, `Basic ${token}`, token])
        expect((await ask(path, { authorization })).statusCode, authorization).toBe(401)
      for (const open of ['/', '/api/info']) expect((await ask(open, { authorization: '' })).statusCode).toBe(200)
    },
  )

  test.each(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused everywhere', async (method) => {
    for (const path of paths) {
      const answer = await ask(path, {}, method)
      expect(answer.statusCode).toBe(405)
      expect(answer.headers.allow).toBe('GET')
      answer.destroy()
    }
  })

  test('every answer, refusals and scripts too, carries the security policy and isolates the page', async () => {
    const answers = [
      await ask('/'),
      await ask('/assets/engine-1a2b.wasm'),
      await ask('/api/runs'),
      await ask('/nowhere'),
      await ask('/', { host: 'evil.example' }),
      await ask('/api/info', {}, 'POST'),
      await ask('/api/runs/finished/events'),
    ]
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['cross-origin-opener-policy']).toBe('same-origin')
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
    answers.forEach((answer) => answer.destroy())
  })
})

describe('the page', () => {
  test('files come with their type; hashed ones may be kept for ever', async () => {
    const page = await ask('/')
    expect(page.headers['content-type']).toMatch('text/html')
    expect(page.headers['cache-control']).toBe('no-cache')
    const wasm = await ask('/assets/engine-1a2b.wasm')
    expect(wasm.headers['content-type']).toBe('application/wasm')
    expect(wasm.headers['cache-control']).toContain('immutable')
  })

  test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt'])(
    '%s does not lead out of its folder',
    async (path) => {
      expect((await ask(path)).statusCode).toBe(404)
    },
  )
})

describe('the runs', () => {
  test('are listed with what they are and how far they came', async () => {
    const { runs } = (await json('/api/runs')) as { runs: { id: string }[] }
    expect(runs.find(({ id }) => id === 'finished')).toMatchObject({
      id: 'finished',
      summary: {
        config: { preset: 'rlvr', steps: 4 },
        step: 1,
        startedAt: '2026-11-22T03:00:00.000Z',
        end: { reason: 'completed' },
        accuracy: null,
      },
    })
  })

  test('a clip that never bites stays infinite on the way, which JSON cannot write', async () => {
    const { events } = readJournal(journalLine(0, unclipped))
    expect(events).toEqual([unclipped])
    await writeRun('unclipped', [unclipped])
    const [message] = await messages('/api/runs/unclipped/events', 1)
    expect(eventFromJson(JSON.stringify(message.event))).toEqual(unclipped)
    const { runs } = (await json('/api/runs')) as { runs: { id: string; summary: unknown }[] }
    const listed = runs.find(({ id }) => id === 'unclipped')!
    expect(v.parse(SummarySchema, listed.summary).config.algorithm.clip).toMatchObject({
      low: Infinity,
      high: Infinity,
    })
  })

  test('info names the run that is trained here', async () => {
    expect(await json('/api/info')).toEqual({
      name: 'tiltlab',
      version: packageVersion,
      id: runnerId(token),
      live: 'live',
    })
  })

  test.each(['nobody', '..', '%2e%2e', 'small%2f..'])('there is no run “%s”', async (id) => {
    expect((await ask(`/api/runs/${id}/events`)).statusCode).toBe(404)
  })

  test('a journal is streamed with its numbers, without progress', async () => {
    const events = await messages('/api/runs/small/events', 7)
    expect(events.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    expect(events.map(({ event }) => event)).toEqual(smallRun.slice(0, 7))
  })

  test('Last-Event-ID goes on after that number', async () => {
    const events = await messages('/api/runs/small/events', 2, { 'last-event-id': '4' })
    expect(events.map(({ id }) => id)).toEqual(['5', '6'])
  })

  test('a Last-Event-ID that is no number is refused', async () => {
    expect((await ask('/api/runs/small/events', { 'last-event-id': 'abc' })).statusCode).toBe(400)
  })

  test('what is appended follows; after a cut everything comes again, the new events under the old numbers', async () => {
    const path = await writeRun('growing', [started, step(1), step(2)])
    const stream = watch('/api/runs/growing/events')
    await stream.until(3)
    await appendFile(path, journalLine(3, step(3)))
    await stream.until(4)
    await truncate(path, journalLine(0, started).length + journalLine(1, step(1)).length)
    await appendFile(path, journalLine(2, { ...started, fromStep: 1 }))
    const events = await stream.until(7)
    expect(events.slice(3).map(({ id, event }) => [id, event.type])).toEqual([
      ['3', 'step'],
      ['0', 'started'],
      ['1', 'step'],
      ['2', 'started'],
    ])
    stream.close()
  })

  test('a live run may be watched before it has a journal, and its progress comes without a number', async () => {
    const stream = watch('/api/runs/live/events')
    await stream.opened
    live.publish('live', progress)
    expect(await stream.until(1)).toEqual([{ id: undefined, event: progress }])
    await writeRun('live', [started])
    expect((await stream.until(2))[1]).toEqual({ id: '0', event: started })
    stream.close()
  })
})

test('a port in use is an error that says what to do', async () => {
  const settings = { port, runsFolder: folder, pageFolder: folder, live, queue, token }
  const error = await listen(settings).catch((reason: Error) => reason)
  expect((error as Error).message.replaceAll(String(port), 'PORT')).toMatchInlineSnapshot(
    `"--port: PORT is in use. If another tiltlab serves there, open http://127.0.0.1:PORT; otherwise choose another with --port."`,
  )
})

async function writeRun(id: string, events: RunEvent[]): Promise<string> {
  const path = join(folder, 'runs', id, 'journal.jsonl')
  await mkdir(join(path, '..'), { recursive: true })
  const kept = events.filter(({ type }) => type !== 'progress')
  await writeFile(path, Buffer.concat(kept.map((event, sequence) => journalLine(sequence, event))))
  return path
}

/** node:http sends any Host, which fetch does not, and leaves `..` in paths. */
function ask(path: string, headers: Record<string, string | undefined> = {}, method = 'GET'): Promise<IncomingMessage> {
  const sent = { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}`, ...headers } as Record<string, string>
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: sent, agent: false }, resolve).on('error', reject).end()
  })
}

async function json(path: string): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of await ask(path)) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

interface Message {
  id?: string
  event: RunEvent
}

/** Reads a stream of server-sent events until it has as many as wanted. */
function watch(path: string, headers: Record<string, string> = {}) {
  const received: Message[] = []
  let wake = () => {}
  let answer: IncomingMessage | undefined
  const opened = ask(path, headers).then((response) => {
    answer = response.setEncoding('utf8')
    let rest = ''
    response.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop()!
      received.push(...blocks.filter((block) => block.includes('data: ')).map(parseMessage))
      wake()
    })
  })
  return {
    opened,
    async until(count: number): Promise<Message[]> {
      while (received.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return received
    },
    close: () => answer?.destroy(),
  }
}

async function messages(path: string, count: number, headers: Record<string, string> = {}): Promise<Message[]> {
  const stream = watch(path, headers)
  const received = await stream.until(count)
  stream.close()
  return received
}

function parseMessage(block: string): Message {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  return { id: field('id'), event: JSON.parse(field('data')!) as RunEvent }
}
