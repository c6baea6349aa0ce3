// client.ts: what a page asks of a runner over HTTP
//
// The token goes out in a header, never in an address. Nothing is kept here: what a runner is doing is in runner.svelte.ts.

import * as v from 'valibot'
import { TiltlabError } from '../../core/errors'
import { printJson } from '../../core/inspect/json'
import type { RunConfig } from '../../core/run/config'
import type { RunSummary } from '../../core/run/summary'
import {
  FilesSchema,
  InfoSchema,
  JobSchema,
  RunsSchema,
  TicketSchema,
  type Info,
  type RunnerJob,
} from '../../lab/runner-api'
import type { RunCommand } from '../../lab/session'
import { isLoopback } from './link'

/** A run in the folder of a runner. */
export interface RunnerRun {
  id: string
  summary: RunSummary
}

/** A file that a run has left on disk. */
export type RunFile = v.InferOutput<typeof FilesSchema>['files'][number]

/** What can be said to a run that a runner trains. */
export type JobCommand = Extract<RunCommand['type'], 'pause' | 'resume' | 'step' | 'rewind' | 'cancel'>

/** Why a runner did not do what it was asked: it is not there, the token is not its own, or it says why. */
export type Refusal = 'away' | 'token' | 'refused'

/** A runner did not do what it was asked. */
export class RunnerError extends TiltlabError {
  constructor(
    readonly kind: Refusal,
    message: string,
  ) {
    super(message)
  }
}

/** What can be asked of a runner. Every method throws a `RunnerError` if it cannot be reached or refuses. */
export class RunnerClient {
  /**
   * @param url its origin
   * @param token asked for at every request; null where this tab has none
   */
  constructor(
    readonly url: string,
    private readonly token: () => string | null,
  ) {}

  /** Who is there, which it tells anybody; null if it is no runner. */
  async info(): Promise<Info | null> {
    const answer = await this.fetch('/api/info', {}).catch(() => null)
    const isJson = answer?.ok && answer.headers.get('content-type')?.includes('json')
    const { output, success } = v.safeParse(InfoSchema, isJson ? await answer.json() : null)
    return success ? output : null
  }

  /** The runs in its folder, newest first. */
  async runs(): Promise<RunnerRun[]> {
    return (await this.read('/api/runs', RunsSchema)).runs
  }

  /** Queues a run; with the same key, the same one again. */
  async submit(config: RunConfig, key: string): Promise<RunnerJob> {
    return this.send('/api/jobs', printJson(config), 'application/json', { 'Idempotency-Key': key })
  }

  /** Queues a run that has begun elsewhere: it goes on from its last checkpoint. @param run as `bundle` packs it */
  async submitRun(run: Blob, key: string, signal: AbortSignal): Promise<RunnerJob> {
    return this.send('/api/jobs', run, 'application/zip', { 'Idempotency-Key': key }, signal)
  }

  async command(id: string, type: JobCommand): Promise<RunnerJob> {
    return this.send(`/api/jobs/${encodeURIComponent(id)}/${type}`, '{}', 'application/json')
  }

  async files(id: string): Promise<RunFile[]> {
    return (await this.read(`/api/runs/${encodeURIComponent(id)}/files`, FilesSchema)).files
  }

  /** A file of a run, from a byte on; the answer has status 200 where it comes whole all the same. */
  async file(id: string, { path, etag }: RunFile, from: number, signal: AbortSignal): Promise<Response> {
    const name = path.split('/').map(encodeURIComponent).join('/')
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-`, 'If-Range': etag } : {}
    return this.ask(`/api/runs/${encodeURIComponent(id)}/files/${name}`, { headers, signal })
  }

  /** What opens one socket, once and soon. */
  async ticket(): Promise<string> {
    const init = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }
    return (await parsed(await this.ask('/api/tickets', init), TicketSchema)).ticket
  }

  private async read<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
    return parsed(await this.ask(path), schema)
  }

  private async send(
    path: string,
    body: string | Blob,
    type: string,
    more: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<RunnerJob> {
    const init: RequestInit = {
      method: 'POST',
      body,
      headers: { 'Content-Type': type, ...more },
      ...(signal && { signal }),
    }
    return parsed(await this.ask(path, init), JobSchema)
  }

  private async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${this.token() ?? ''}` }
    const answer = await this.fetch(path, { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error
      return null
    })
    if (!answer)
      throw new RunnerError('away', `No runner answers at ${this.url}. Start it again with npx tiltlab serve.`)
    if (answer.ok) return answer
    if (answer.status === 401) throw new RunnerError('token', `The token is not the one of the runner at ${this.url}.`)
    const { error } = (await answer.json().catch(() => ({}))) as { error?: unknown }
    throw new RunnerError(
      'refused',
      typeof error === 'string' ? error : `The runner at ${this.url} answered ${answer.status}.`,
    )
  }

  private fetch(path: string, init: RequestInit): Promise<Response> {
    // A page from elsewhere has to say that it means this machine; the browser then asks the person.
    const isElsewhere = !isLoopback(location.hostname)
    return fetch(this.url + path, { ...init, ...(isElsewhere && { targetAddressSpace: 'loopback' }) } as RequestInit)
  }
}

async function parsed<S extends v.GenericSchema>(answer: Response, schema: S): Promise<v.InferOutput<S>> {
  const { output, success } = v.safeParse(schema, await answer.json().catch(() => null))
  if (success) return output
  throw new RunnerError('refused', 'The runner answered what this page does not understand: it is of another version.')
}
