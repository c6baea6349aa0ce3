// runner.ts: the run in the terminal, followed over server-sent events
//
// The runner answers whoever has its token, which came behind the # of the address that it printed.

import { EventSourceParserStream } from 'eventsource-parser/stream'
import * as v from 'valibot'
import type { RunEvent } from '../../core/run/events'
import { eventFromJson } from '../../core/run/journal'
import { SummarySchema } from '../../core/run/summary'
import { tokenOf } from '../runners/token'

const RETRY_MS = 1_000

const authorization = () => ({ Authorization: `Bearer ${tokenOf(location.origin) ?? ''}` })

/** What the runner says about itself. */
export interface RunnerInfo {
  version: string
  /** The run that it trains now; null if it only serves the page. */
  live: string | null
}

/** The runner that serves this page and lets it ask; null where there is none. */
export async function findRunner(): Promise<RunnerInfo | null> {
  if (tokenOf(location.origin) === null) return null
  // Only a loopback address can be a runner; elsewhere the question would be a failed request in the console.
  if (!['127.0.0.1', 'localhost'].includes(location.hostname)) return null
  const response = await fetch('/api/info').catch(() => null)
  const isJson = response?.ok && response.headers.get('content-type')?.includes('json')
  if (!isJson) return null
  const info = (await response.json()) as RunnerInfo & { name?: string }
  return info.name === 'tiltlab' ? info : null
}

const ListedSchema = v.object({ id: v.string(), summary: SummarySchema })

/** A run in the folder of the runner. */
export type RunnerRun = v.InferOutput<typeof ListedSchema>

/** The runs in the folder of the runner, newest first. @throws {Error} if it does not answer, or is of another version */
export async function listRunnerRuns(): Promise<RunnerRun[]> {
  const response = await fetch('/api/runs', { headers: authorization() })
  if (!response.ok) throw new Error(`The runner answered ${response.status}.`)
  return v.parse(v.object({ runs: v.array(ListedSchema) }), await response.json()).runs
}

/**
 * Follows a run until it ends.
 *
 * @param onBreak  called when the connection breaks (true) and when it is back (false)
 * @returns a function that stops following
 */
export function followRun(
  id: string,
  onEvent: (event: RunEvent) => void,
  onBreak: (broken: boolean) => void,
): () => void {
  const stopped = new AbortController()
  void follow()
  return () => stopped.abort()

  async function follow(): Promise<void> {
    let last = -1
    while (!stopped.signal.aborted) {
      const answer = await fetch(`/api/runs/${encodeURIComponent(id)}/events`, {
        headers: { ...authorization(), ...(last >= 0 && { 'Last-Event-ID': String(last) }) },
        signal: stopped.signal,
      }).catch(() => null)
      if (answer?.ok && answer.body) {
        onBreak(false)
        const messages = answer.body
          .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
          .pipeThrough(new EventSourceParserStream())
          .getReader()
        for (;;) {
          const { value } = await messages.read().catch(() => ({ value: undefined }))
          if (!value || stopped.signal.aborted) break
          if (value.id !== undefined) last = Number(value.id)
          const event = eventFromJson(value.data)
          onEvent(event)
          if (event.type === 'ended') return stopped.abort()
        }
      }
      if (stopped.signal.aborted) return
      onBreak(true)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
