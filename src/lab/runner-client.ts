// runner-client.ts: what is asked of a runner over HTTP, by the page and by the command line alike
//
// The token goes out in a header, never in an address. Nothing is kept here. runner-api.ts says what comes back.

import * as v from 'valibot'
import { TiltlabError } from '../core/errors'
import { printJson } from '../core/inspect/json'
import type { RunConfig } from '../core/run/config'
import {
  FilesSchema,
  InfoSchema,
  JobSchema,
  JobsSchema,
  RunsSchema,
  TicketSchema,
  type Info,
  type RunnerJob,
} from './runner-api'
import type { RunCommand } from './session'

/** A run in the folder of a runner. */
export type RunnerRun = v.InferOutput<typeof RunsSchema>['runs'][number]

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

/** How a runner is reached, and what whoever asks is told where that fails. */
export interface Reach {
  /** Such as `http://127.0.0.1:7415`. */
  url: string
  /** Asked for at every request; null where there is none. */
  token(): string | null
  fetch(address: URL, init: RequestInit): Promise<Response>
  words: {
    /** What to do where nobody answers. */
    away: string
    /** The token is refused; null: what the runner says of that. */
    token: string | null
    /** It answers otherwise than runners of this version do. */
    foreign: string
    /** It refuses without a word. @param status of HTTP */
    silent(status: number): string
  }
}

/** What can be asked of a runner. Every method throws a `RunnerError` if it cannot be reached or refuses. */
export class RunnerApi {
  constructor(private readonly reach: Reach) {}

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

  /** What it has been asked for, newest first. */
  async list(): Promise<RunnerJob[]> {
    return (await this.read('/api/jobs', JobsSchema)).jobs
  }

  async job(id: string): Promise<RunnerJob> {
    return this.read(`/api/jobs/${encodeURIComponent(id)}`, JobSchema)
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
  async file(id: string, { path, etag }: RunFile, from: number, signal?: AbortSignal): Promise<Response> {
    const name = path.split('/').map(encodeURIComponent).join('/')
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-`, 'If-Range': etag } : {}
    return this.ask(`/api/runs/${encodeURIComponent(id)}/files/${name}`, { headers, ...(signal && { signal }) })
  }

  /** What opens one socket, once and soon. */
  async ticket(): Promise<string> {
    const init = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }
    return (await this.parsed(await this.ask('/api/tickets', init), TicketSchema)).ticket
  }

  protected async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const { url, token, words } = this.reach
    const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${token() ?? ''}` }
    const answer = await this.fetch(path, { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error
      return null
    })
    if (!answer) throw new RunnerError('away', `No runner answers at ${url}. ${words.away}`)
    if (answer.ok) return answer
    const { error } = (await answer.json().catch(() => ({}))) as { error?: unknown }
    const said = typeof error === 'string' ? error : words.silent(answer.status)
    if (answer.status === 401) throw new RunnerError('token', words.token ?? said)
    throw new RunnerError('refused', said)
  }

  private async read<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
    return this.parsed(await this.ask(path), schema)
  }

  private async send(
    path: string,
    body: string | Blob,
    type: string,
    more: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<RunnerJob> {
    const headers = { 'Content-Type': type, ...more }
    return this.parsed(await this.ask(path, { method: 'POST', body, headers, ...(signal && { signal }) }), JobSchema)
  }

  private async parsed<S extends v.GenericSchema>(answer: Response, schema: S): Promise<v.InferOutput<S>> {
    const { output, success } = v.safeParse(schema, await answer.json().catch(() => null))
    if (success) return output
    throw new RunnerError('refused', this.reach.words.foreign)
  }

  private fetch(path: string, init: RequestInit): Promise<Response> {
    return this.reach.fetch(new URL(path, this.reach.url), init)
  }
}
