// The socket to a runner: over breaks, killed runners and journals that were cut back, a page sees every event, in order.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RunEvent } from '../../../src/core/run/events'
import { eventJson } from '../../../src/core/run/journal'
import { RunnerSocket } from '../../../src/app/runners/watch'
import { RunnerError } from '../../../src/lab/runner-client'

const step = (number: number, mark = 0): RunEvent => ({ type: 'step', step: number, metrics: { mark }, groups: [] })

/** A runner with one journal, which answers as src/lab/runner-api.ts says. */
class FakeRunner {
  journal: RunEvent[] = []
  asked: unknown[] = []
  sockets: FakeSocket[] = []
  refusal: Error | null = null

  open = (protocols: string[]) => {
    expect(protocols).toEqual(['tiltlab.v1'])
    if (this.refusal) return Promise.reject(this.refusal)
    const socket = new FakeSocket((text) => this.answer(socket, text))
    this.sockets.push(socket)
    queueMicrotask(() => queueMicrotask(() => socket.onopen?.(new Event('open'))))
    return Promise.resolve(socket)
  }

  get socket() {
    return this.sockets.at(-1)!
  }

  private answer(socket: FakeSocket, text: string) {
    const message = JSON.parse(text) as { watch?: string; after?: number }
    this.asked.push(message)
    if (message.watch === undefined) return
    const from = message.after! + 1 > this.journal.length ? 0 : message.after! + 1
    for (let sequence = from; sequence < this.journal.length; sequence++) this.tell(sequence, socket)
  }

  tell(sequence: number, socket = this.socket) {
    socket.hear(`{"run":"a","sequence":${sequence},"event":${eventJson(this.journal[sequence])}}`)
  }

  append(event: RunEvent) {
    this.journal.push(event)
    this.tell(this.journal.length - 1)
  }
}

class FakeSocket {
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent<string>) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  constructor(readonly send: (text: string) => void) {}
  close() {
    this.onclose?.({} as CloseEvent)
  }
  hear(data: string) {
    this.onmessage?.({ data } as MessageEvent<string>)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A page that watches the run, and what it has heard. */
async function watching(runner: FakeRunner) {
  const heard: string[] = []
  const states: string[] = []
  const socket = new RunnerSocket(runner.open, {
    onJobs: (jobs) => states.push(`jobs ${jobs.length}`),
    onOpen: () => states.push('open'),
    onBreak: (error) => {
      states.push(error === null ? 'broken' : (error as Error).message)
      return !(error instanceof RunnerError && error.kind === 'token')
    },
  })
  const stop = socket.watch('a', {
    onEvent: (event) => heard.push(event.type === 'step' ? `${event.step}/${event.metrics.mark}` : event.type),
    onOver: () => heard.push('over'),
    onProblem: (problem) => heard.push(problem),
  })
  socket.connect()
  await vi.advanceTimersByTimeAsync(1)
  return { heard, states, socket, stop }
}

test('a run is heard from its first event to its end, progress and all', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1), step(2)]
  const { heard, states } = await watching(runner)
  runner.socket.hear(
    '{"run":"a","sequence":null,"event":{"type":"progress","step":3,"phase":"rollout","done":1,"total":2}}',
  )
  runner.append(step(3))
  runner.socket.hear('{"run":"b","sequence":0,"event":{"type":"state","step":0,"state":"paused"}}')
  runner.socket.hear('{"jobs":[]}')
  runner.socket.hear('{"run":"a","over":true}')
  expect(heard).toEqual(['1/0', '2/0', 'progress', '3/0', 'over'])
  expect(states).toEqual(['open', 'jobs 0'])
})

test('after a break it goes on where it was, and hears nothing twice', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1), step(2)]
  const { heard, states } = await watching(runner)
  runner.socket.close()
  runner.journal.push(step(3))
  await vi.advanceTimersByTimeAsync(600)
  runner.append(step(4))
  expect(heard).toEqual(['1/0', '2/0', '3/0', '4/0'])
  expect(runner.asked.at(-1)).toEqual({ watch: 'a', after: 0 })
  expect(states).toEqual(['open', 'broken', 'open'])
})

test('a journal that was cut back and written on meanwhile is read from its beginning', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1), step(2), step(3)]
  const { heard } = await watching(runner)
  runner.socket.close()
  runner.journal = [step(1), step(2), step(3, 7), step(4, 7)]
  await vi.advanceTimersByTimeAsync(600)
  expect(heard).toEqual(['1/0', '2/0', '3/0', '1/0', '2/0', '3/7', '4/7'])
  runner.append(step(5, 7))
  expect(heard.at(-1)).toBe('5/7')
})

test('a journal that is shorter after a break comes from its beginning, as the runner sends it', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1), step(2), step(3), step(4)]
  const { heard } = await watching(runner)
  runner.socket.close()
  runner.journal = [step(1), step(2)]
  await vi.advanceTimersByTimeAsync(600)
  expect(heard.slice(4)).toEqual(['1/0', '2/0'])
})

test('a runner that is away is tried again and again; one that refuses the token is not, until it is given another', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1)]
  const { heard, states, socket } = await watching(runner)
  runner.refusal = new RunnerError('away', 'away')
  runner.socket.close()
  await vi.advanceTimersByTimeAsync(60_000)
  const tries = states.filter((state) => state === 'away').length
  expect(tries).toBeGreaterThan(8)
  expect(tries).toBeLessThan(20)
  runner.refusal = new RunnerError('token', 'locked')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(states.filter((state) => state === 'locked')).toHaveLength(1)
  runner.refusal = null
  socket.connect()
  await vi.advanceTimersByTimeAsync(1)
  runner.append(step(2))
  expect(heard).toEqual(['1/0', '2/0'])
})

test('what is not watched any more is not heard, nor asked for after a break', async () => {
  const runner = new FakeRunner()
  runner.journal = [step(1)]
  const { heard, stop } = await watching(runner)
  stop()
  expect(runner.asked.at(-1)).toEqual({ unwatch: 'a' })
  runner.append(step(2))
  runner.socket.close()
  await vi.advanceTimersByTimeAsync(600)
  expect(heard).toEqual(['1/0'])
  expect(runner.asked.at(-1)).toEqual({ unwatch: 'a' })
})
