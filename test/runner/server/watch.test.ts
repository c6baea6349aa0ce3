// One socket carries all runs that a page watches; a watcher that is slow misses nothing and costs little.

import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { RunEvent } from '../../../src/core/run/events'
import { Tickets } from '../../../src/runner/server/tickets'
import { ended, progress, started, step } from '../events'
import { tinyConfig } from '../queue/service'
import { append, startServer, Stream, Watcher, type TestServer } from './support'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const steps = (count: number) => Array.from({ length: count }, (_, index) => step(index + 1))
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)
/** An event as large as one with its completions: 100 kB. */
const large = (number: number): RunEvent => ({
  type: 'alert',
  step: number,
  level: 'info',
  message: `${number} `.padEnd(100_000, 'x'),
})

describe('what a watcher gets', () => {
  test('several runs, each from where the watcher is, and that nothing more will come of one that has ended', async () => {
    await server.writeRun('a', [started, step(1), step(2)])
    await server.writeRun('b', [started, ...steps(4), ended])
    const watcher = await Watcher.open(server)
    watcher.say({ watch: 'b', after: 2 })
    watcher.say({ watch: 'a' })
    expect((await watcher.over('b')).map(({ sequence }) => sequence)).toEqual([3, 4, 5])
    await watcher.until(() => watcher.of('a').length === 3)
    await append(server, 'a', 3, [progress, step(3), ended])
    expect(await watcher.over('a')).toEqual(
      expect.arrayContaining([
        { sequence: 0, event: started },
        { sequence: null, event: progress },
        { sequence: 4, event: ended },
      ]),
    )
    watcher.socket.close()
  })

  test('nothing more of a run that it has enough of, and why one cannot be watched', async () => {
    await server.writeRun('c', [started])
    const watcher = await Watcher.open(server)
    watcher.say({ watch: 'c' })
    await watcher.until(() => watcher.of('c').length === 1)
    watcher.say({ unwatch: 'c' })
    watcher.say({ watch: 'nobody' })
    await watcher.until((received) => received.some((message) => 'error' in message))
    await append(server, 'c', 1, [step(1), ended])
    await delay(300)
    expect(watcher.of('c')).toHaveLength(1)
    expect(watcher.received.at(-1)).toEqual({ run: 'nobody', error: 'There is no run “nobody” here.' })
    watcher.socket.close()
  })

  test('all jobs at first, then those that change', async () => {
    const one = server.queue.submit(tinyConfig(1, 1), null)
    const watcher = await Watcher.open(server)
    await watcher.until(({ length }) => length > 0)
    expect(watcher.received[0]).toEqual({ jobs: server.queue.jobs.list() })
    const two = server.queue.submit(tinyConfig(2, 1), null)
    server.queue.cancel(one.id)
    await watcher.until((received) => JSON.stringify(received).includes('"cancelled"'))
    const told = watcher.received.slice(1).flatMap((message) => ('jobs' in message ? message.jobs : []))
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set([one.id, two.id]))
    watcher.say({ watch: one.id })
    expect(await watcher.over(one.id)).toEqual([])
    watcher.socket.close()
  })

  test('a run that goes on after a break, from its beginning, also where the watcher was away meanwhile', async () => {
    await server.writeRun('again', [started, ...steps(3)])
    const watcher = await Watcher.open(server)
    watcher.say({ watch: 'again', after: 2 })
    await watcher.until(() => watcher.of('again').length === 1)
    await server.writeRun('again', [started, step(1), { ...started, fromStep: 1 }, step(2), ended])
    const received = await watcher.over('again')
    expect(received.map(({ sequence }) => sequence)).toEqual([3, 0, 1, 2, 3, 4])
    expect(received[3].event).toMatchObject({ type: 'started', fromStep: 1 })
    watcher.socket.close()
    const returned = await Watcher.open(server)
    returned.say({ watch: 'again', after: 7 })
    expect((await returned.over('again')).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4])
    returned.socket.close()
  })
})

describe('a slow watcher', () => {
  /** The most that waits for any watcher of this process, bytes. */
  function mostWaiting(): () => number {
    const { send } = WebSocket.prototype
    let most = 0
    vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (this: WebSocket, ...words: unknown[]) {
      ;(send as (...all: unknown[]) => void).apply(this, words)
      most = Math.max(most, this.bufferedAmount)
    })
    return () => most
  }

  test('gets every event once, in order, and no progress meanwhile; little of it waits in memory', async () => {
    const path = 'slow'
    await server.writeRun(path, [started])
    const waiting = mostWaiting()
    const watcher = await Watcher.open(server)
    watcher.say({ watch: path })
    await watcher.until(() => watcher.of(path).length === 1)
    watcher.socket.pause()
    for (let number = 1; number <= 300; number++)
      await append(server, path, number, [progress, large(number), progress])
    await append(server, path, 301, [ended])
    await delay(300)
    expect(waiting()).toBeLessThan(1_000_000)
    watcher.socket.resume()
    const received = await watcher.over(path)
    expect(received.flatMap(({ sequence }) => sequence ?? [])).toEqual(numbers(302))
    expect(received.filter(({ sequence }) => sequence === null).length).toBeLessThan(300)
    expect(waiting()).toBeLessThan(1_000_000)
    watcher.socket.close()
  })

  test('hears of a job that changed often only what it is now', async () => {
    const watcher = await Watcher.open(server)
    await watcher.until(({ length }) => length > 0)
    const job = server.queue.submit(tinyConfig(3, 1), null)
    await server.writeRun('full', [started, ...numbers(60).map(large), ended])
    watcher.say({ watch: 'full' })
    await watcher.until(() => watcher.of('full').length > 1)
    watcher.socket.pause()
    for (let tries = 0; tries < 10_000; tries++) server.live.changed({ ...job, tries })
    watcher.socket.resume()
    await watcher.over('full')
    await watcher.until((received) =>
      received.some((message) => 'jobs' in message && message.jobs.some(({ tries }) => tries === 9_999)),
    )
    const told = watcher.received.filter((message) => 'jobs' in message && message.jobs.some(({ id }) => id === job.id))
    expect(told.length).toBeLessThan(100)
    watcher.socket.close()
  })

  test('of server-sent events gets every one once as well', async () => {
    await server.writeRun('slow-stream', [started])
    const stream = await Stream.open(server, 'slow-stream')
    await stream.count(1)
    stream.answer.pause()
    for (let number = 1; number <= 300; number++)
      await append(server, 'slow-stream', number, [progress, large(number), progress])
    await append(server, 'slow-stream', 301, [ended])
    stream.answer.resume()
    const received = await stream.until(() => false)
    expect(received.flatMap(({ sequence }) => sequence ?? [])).toEqual(numbers(302))
    expect(received.filter(({ sequence }) => sequence === null).length).toBeLessThan(300)
  })

  test('does not hold up another one', async () => {
    await server.writeRun('held', [started, ...numbers(100).map(large), ended])
    const slow = await Watcher.open(server)
    slow.say({ watch: 'held' })
    slow.socket.pause()
    const quick = await Watcher.open(server)
    quick.say({ watch: 'held' })
    expect((await quick.over('held')).map(({ sequence }) => sequence)).toEqual(numbers(102))
    slow.socket.terminate()
    quick.socket.close()
  })
})

describe('a socket is closed', () => {
  test.each<[string, number, (watcher: Watcher) => void]>([
    ['that says what is no JSON', 1008, ({ socket }) => socket.send('{')],
    ['that says something else', 1008, ({ socket }) => socket.send('{"watch": "a", "cancel": true}')],
    ['that asks from before the beginning', 1008, (watcher) => watcher.say({ watch: 'a', after: -2 })],
    ['that sends bytes', 1008, ({ socket }) => socket.send(Buffer.from('{"watch":"a"}'))],
    ['that says too much', 1009, ({ socket }) => socket.send(`{"watch":"${'a'.repeat(5_000)}"}`)],
  ])('%s: %i', async (_, code, speak) => {
    const watcher = await Watcher.open(server)
    speak(watcher)
    await watcher.until(() => false)
    expect(watcher.code).toBe(code)
  })

  test('whose watcher gives no sign of life', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const lively = await Watcher.open(server)
    const dead = await Watcher.open(server)
    dead.socket.pause()
    const answered = once(lively.socket, 'ping')
    await vi.advanceTimersByTimeAsync(15_000)
    await answered
    await delay(50)
    await vi.advanceTimersByTimeAsync(15_000)
    dead.socket.resume()
    await dead.until(() => false)
    expect(dead.code).toBe(1006)
    expect(lively.isClosed).toBe(false)
    lively.socket.close()
  })

  test('when the server is, also where its watcher does not say goodbye', async () => {
    const other = await startServer()
    await other.writeRun('a', [started])
    const watcher = await Watcher.open(other)
    const frozen = await Watcher.open(other)
    frozen.say({ watch: 'a' })
    await frozen.until(() => frozen.of('a').length === 1)
    frozen.socket.pause()
    await other.close()
    await watcher.until(() => false)
    expect(watcher.code).toBe(1001)
    frozen.socket.terminate()
  })
})

test('another protocol than WebSocket is refused at once', async () => {
  const socket = connect(server.port, '127.0.0.1')
  socket.write(
    `GET /api/watch HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /)
  socket.destroy()
})

test('a ticket is good once, for half a minute', () => {
  let now = 0
  const tickets = new Tickets(() => now)
  const [first, second, third] = [tickets.issue(), tickets.issue(), tickets.issue()]
  expect(new Set([first, second, third]).size).toBe(3)
  expect([tickets.redeem(first), tickets.redeem(first), tickets.redeem('')]).toEqual([true, false, false])
  now = 29_999
  expect(tickets.redeem(second)).toBe(true)
  now = 30_000
  expect(tickets.redeem(third)).toBe(false)
  const many = Array.from({ length: 1_001 }, () => tickets.issue())
  expect([tickets.redeem(many[0]), tickets.redeem(many[1]), tickets.redeem(many[1_000])]).toEqual([false, true, true])
})
