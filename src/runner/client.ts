// client.ts: a runner as a program talks to it, on this machine or behind a tunnel

import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { RunEvent } from '../core/run/events'
import { eventFromJson } from '../core/run/journal'
import { RunnerApi, RunnerError, type RunFile } from '../lab/runner-client'
import { tokenPath } from './server/token'

/** Where a runner is, and the secret that it wants. */
export interface RunnerAddress {
  /** Such as `http://127.0.0.1:7415`. */
  url: string
  token: string
}

const RETRY_MS = 1_000

/** The token of a folder of runs. @throws {RunnerError} if no runner has worked there yet */
export async function savedToken(runsFolder: string): Promise<string> {
  const path = tokenPath(runsFolder)
  const text = await readFile(path, 'utf8').catch(() => '')
  if (text) return text.trim()
  throw new RunnerError(
    'token',
    `There is no token in ${path}. Start a runner with npx tiltlab serve, or name its folder with --runs, or give TILTLAB_TOKEN.`,
  )
}

/** What can be asked of a runner, by a program. */
export class RunnerClient extends RunnerApi {
  constructor({ url, token }: RunnerAddress) {
    super({
      url,
      token: () => token,
      fetch: (address, init) => fetch(address, init),
      words: {
        away: 'Start one with npx tiltlab serve, or name another with --runner.',
        token: null,
        foreign: `The runner at ${url} is of another version: its answer is not understood here.`,
        silent: (status) => `The runner at ${url} answered ${status}. It may be of another version.`,
      },
    })
  }

  /**
   * The events of a run from its beginning, then as they come, over as many connections as it takes; ends with the run.
   *
   * @param onBreak hears when the connection is lost, and that it is tried again
   */
  async *events(id: string, onBreak: () => void): AsyncGenerator<RunEvent> {
    let last = -1
    for (;;) {
      for await (const { sequence, event } of this.eventsAfter(id, last)) {
        if (sequence !== null) last = sequence
        yield event
      }
      // The runner ends a stream with its run, and a broken one ends like that.
      if ((await this.job(id).catch(() => null))?.endedAt) return
      onBreak()
      await delay(RETRY_MS)
    }
  }

  /** Copies a file of a run to `to`, on from where an earlier try broke off. */
  async download(id: string, file: RunFile, to: string): Promise<void> {
    const part = `${to}.part-${file.etag.replace(/\W/g, '')}`
    await mkdir(dirname(to), { recursive: true })
    const have = await stat(part).then(
      ({ size }) => size,
      () => 0,
    )
    if (have < file.sizeBytes || file.sizeBytes === 0) {
      const answer = await this.file(id, file, have)
      const isRest = answer.status === 206
      const bytes = answer.body ? Readable.fromWeb(answer.body as never) : Readable.from([])
      await pipeline(bytes, createWriteStream(part, { flags: isRest ? 'a' : 'w' }))
    }
    await rename(part, to)
  }

  /** One connection; ends quietly when it is lost. */
  private async *eventsAfter(id: string, last: number): AsyncGenerator<{ sequence: number | null; event: RunEvent }> {
    const answer = await this.ask(`/api/runs/${encodeURIComponent(id)}/events`, {
      headers: last >= 0 ? { 'Last-Event-ID': String(last) } : {},
    }).catch(() => null)
    if (!answer?.body) return
    try {
      const messages = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
      for await (const { id: number, data } of messages)
        yield { sequence: number === undefined ? null : Number(number), event: eventFromJson(data) }
    } catch (error) {
      // What fetch throws when a connection is lost; anything else is ours.
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** Copies everything that a run has left to a folder; `onFile` hears of each file before it is fetched. */
export async function fetchRun(
  client: RunnerClient,
  id: string,
  folder: string,
  onFile: (file: RunFile, index: number, count: number) => void,
): Promise<void> {
  const files = await client.files(id)
  for (const { path } of files)
    if (!isBelow(path))
      throw new RunnerError(
        'refused',
        `The runner names a file “${path}”, which leads out of the folder: nothing was copied.`,
      )
  for (const [index, file] of files.entries()) {
    onFile(file, index, files.length)
    await client.download(id, file, join(folder, ...file.path.split('/')))
  }
}

/** A name that a runner sends chooses no place outside of the folder. */
function isBelow(path: string): boolean {
  return path.split('/').every((part) => /^[\w-][\w.-]*$/.test(part))
}
