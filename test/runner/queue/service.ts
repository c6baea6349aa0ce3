// service.ts: a runner in a process of its own, as an operator starts it, and what a client asks of it

import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { printJson } from '../../../src/core/inspect/json'
import type { RunConfig } from '../../../src/core/run/config'
import { changed, resolvePreset } from '../../../src/core/run/presets'
import type { Job } from '../../../src/runner/queue/jobs'
import { tokenPath } from '../../../src/runner/server/token'
import { freePort } from '../../free-port'
import { tinyModel } from '../command'

const entry = join(import.meta.dirname, '../../../bin/tiltlab.js')

/** A run of two layers of random weights that takes a quarter of a second a step, and is saved at each. */
export function tinyConfig(seed: number, steps: number): RunConfig {
  return {
    ...changed(resolvePreset('safety'), 'safety', {
      model: { id: tinyModel },
      engine: { kind: 'reference' },
      adapter: { rank: 4 },
      rollout: { prompts: 4, groupSize: 2, maxNewTokens: 8 },
      evaluation: { problems: 4, requests: 10, maxNewTokens: 8 },
      checkpoint: { every: 1 },
    }),
    seed,
    steps,
  }
}

/** A runner on one folder of runs, which may be killed and started again. */
export class Service {
  private child: ChildProcess | undefined
  private token = ''

  private constructor(
    readonly runs: string,
    private readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  get address(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get pid(): number {
    return this.child!.pid!
  }

  /** Begins a first life, with something more in its environment. */
  static async start(runs: string, environment: NodeJS.ProcessEnv = {}): Promise<Service> {
    const service = new Service(runs, await freePort(), environment)
    await service.start()
    return service
  }

  /** @throws {Error} with what it said, if it ends instead of answering */
  async start(): Promise<void> {
    const words = ['serve', '--port', String(this.port), '--runs', this.runs]
    const child = spawn(process.execPath, [entry, ...words], { env: { ...process.env, ...this.environment } })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    this.child = child
    while (!said.includes('tiltlab is at')) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The runner ended at once: ${said}`)
      await delay(10)
    }
    this.token = await readFile(tokenPath(this.runs), 'utf8')
  }

  /** Ends it with a signal, and says with which code or by which signal it ended. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    const child = this.child!
    const closed = new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.on('close', (code, by) => resolve(code ?? by)),
    )
    child.kill(signal)
    return closed
  }

  submit(config: RunConfig, key: string): Promise<Response> {
    return this.post('/api/jobs', printJson(config), { 'Idempotency-Key': key })
  }

  post(path: string, body: string | Blob, headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } })
  }

  async jobs(): Promise<Job[]> {
    return ((await (await this.ask('/api/jobs')).json()) as { jobs: Job[] }).jobs
  }

  /** Asks for a path with the token. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.token}`, ...(init.headers as Record<string, string>) }
    return fetch(`${this.address}${path}`, { ...init, headers })
  }
}
