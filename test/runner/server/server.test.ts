// The local server answers this machine's own page and programs, and nobody else; runs are shown to whoever has the token.

import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as v from 'valibot'
import type { RunEvent } from '../../../src/core/run/events'
import { journalLine, readJournal } from '../../../src/core/run/journal'
import { SummarySchema } from '../../../src/core/run/summary'
import { packageVersion } from '../../../src/runner/package'
import { listen } from '../../../src/runner/server/listen'
import { runnerId } from '../../../src/runner/server/token'
import { ended, progress, smallRun, started, step } from '../events'
import { tinyConfig } from '../queue/service'
import { append, startServer, Stream, type TestServer } from './support'

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

let server: TestServer
/** A run that was asked for and has not begun. */
let live: string
const ask = (path: string, headers: Record<string, string | undefined> = {}, method = 'GET') =>
  server.ask(path, { headers, method })
const json = (path: string) => server.json(path)

beforeAll(async () => {
  server = await startServer({ shown: (queue) => (live = queue.submit(tinyConfig(0, 3), null).id) })
  await mkdir(join(server.folder, 'page/assets'), { recursive: true })
  await writeFile(join(server.folder, 'page/assets/engine-1a2b.wasm'), 'wasm')
  await writeFile(join(server.folder, 'secret.txt'), 'secret')
  await server.writeRun('small', smallRun)
  await server.writeRun('finished', [started, step(1), ended])
})
afterAll(() => server.close())

describe('who may ask', () => {
  const hosts: [host: () => string, isOurs: boolean][] = [
    [() => `127.0.0.1:${server.port}`, true],
    [() => `localhost:${server.port}`, true],
    [() => '127.0.0.1', false],
    [() => `localhost:${server.port + 1}`, false],
    [() => `[::1]:${server.port}`, false],
    [() => `evil.example:${server.port}`, false],
    [() => `127.0.0.1.evil.example:${server.port}`, false],
    [() => `tiltlab.local:${server.port}`, false],
  ]
  const origins: [origin: () => string | undefined, isOurs: boolean][] = [
    [() => undefined, true],
    [() => `http://127.0.0.1:${server.port}`, true],
    [() => `http://localhost:${server.port}`, true],
    [() => 'null', false],
    [() => '*', false],
    [() => `https://127.0.0.1:${server.port}`, false],
    [() => `http://127.0.0.1:${server.port + 1}`, false],
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
      for (const authorization of ['', 'Bearer', `Bearer ${'x'.repeat(43)}`, `Basic ${server.token}`, server.token])
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
    await server.writeRun('unclipped', [unclipped])
    expect(await first('unclipped', 1)).toEqual([{ sequence: 0, event: unclipped }])
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
      id: runnerId(server.token),
      live,
    })
  })

  test.each(['nobody', '..', '%2e%2e', 'small%2f..'])('there is no run “%s”', async (id) => {
    expect((await ask(`/api/runs/${id}/events`)).statusCode).toBe(404)
  })

  test('a journal is streamed with its numbers, without progress', async () => {
    const kept = smallRun.filter((event) => event !== progress)
    expect(await first('small', 7)).toEqual(kept.map((event, sequence) => ({ sequence, event })))
  })

  test('Last-Event-ID goes on after that number', async () => {
    const events = await first('small', 2, { 'last-event-id': '4' })
    expect(events.map(({ sequence }) => sequence)).toEqual([5, 6])
  })

  test('a stream ends with a run that has ended', async () => {
    const stream = await Stream.open(server, 'finished')
    expect((await stream.until(() => false)).map(({ sequence }) => sequence)).toEqual([0, 1, 2])
  })

  test('a Last-Event-ID that is no number is refused', async () => {
    expect((await ask('/api/runs/small/events', { 'last-event-id': 'abc' })).statusCode).toBe(400)
  })

  test('what is appended follows; after a cut everything comes again, the new events under the old numbers', async () => {
    const path = await server.writeRun('growing', [started, step(1), step(2)])
    const stream = await Stream.open(server, 'growing')
    await stream.count(3)
    await append(server, 'growing', 3, [step(3)])
    await stream.count(4)
    await truncate(path, journalLine(0, started).length + journalLine(1, step(1)).length)
    await append(server, 'growing', 2, [{ ...started, fromStep: 1 }])
    const events = await stream.count(7)
    expect(events.slice(3).map(({ sequence, event }) => [sequence, event.type])).toEqual([
      [3, 'step'],
      [0, 'started'],
      [1, 'step'],
      [2, 'started'],
    ])
    stream.answer.destroy()
  })

  test('a job may be watched before it has a journal, and its progress comes without a number', async () => {
    const stream = await Stream.open(server, live)
    while (stream.received.length === 0) {
      // Whoever has just come is not heard of at once.
      server.live.publish(live, progress)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(stream.received[0]).toEqual({ sequence: null, event: progress })
    await server.writeRun(live, [started])
    const events = await stream.until((received) => received.some(({ sequence }) => sequence !== null))
    expect(events.at(-1)).toEqual({ sequence: 0, event: started })
    stream.answer.destroy()
  })
})

/** The first events of a run. */
async function first(id: string, count: number, headers: Record<string, string> = {}) {
  const stream = await Stream.open(server, id, headers)
  const received = await stream.count(count)
  stream.answer.destroy()
  return received
}

test('a port in use is an error that says what to do', async () => {
  const { port, runsFolder, queue, token } = server
  const error = await listen({
    port,
    allow: [],
    runsFolder,
    pageFolder: runsFolder,
    live: server.live,
    queue,
    token,
  }).catch((reason: Error) => reason)
  expect((error as Error).message.replaceAll(String(port), 'PORT')).toMatchInlineSnapshot(
    `"--port: PORT is in use. If another tiltlab serves there, open http://127.0.0.1:PORT; otherwise choose another with --port."`,
  )
})
