// runner.ts: the run in the terminal, followed over server-sent events
//
// The page can only watch it: the server answers nothing but reads. EventSource comes back by itself after a break and
// says which event it had last, so nothing is missed and nothing is shown twice.

import * as v from 'valibot'
import type { RunEvent } from '../../core/run/events'
import { eventFromJson } from '../../core/run/journal'
import { SummarySchema } from '../../core/run/summary'

/** What the runner says about itself. */
export interface RunnerInfo {
  version: string
  /** The run that it trains now; null if it only serves the page. */
  live: string | null
}

/** The runner that serves this page, or null if something else does. */
export async function findRunner(): Promise<RunnerInfo | null> {
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
  const response = await fetch('/api/runs')
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
  const stream = new EventSource(`/api/runs/${encodeURIComponent(id)}/events`)
  stream.onopen = () => onBreak(false)
  stream.onerror = () => onBreak(true)
  stream.onmessage = (message: MessageEvent<string>) => {
    const event = eventFromJson(message.data)
    onEvent(event)
    if (event.type === 'ended') stream.close()
  }
  return () => stream.close()
}
