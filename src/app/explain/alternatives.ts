// alternatives.ts: the page's end of the worker that says what else was possible in the place of a token

import { TiltlabError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { Alternatives, AskedToken } from '../../lab/alternatives'
import type { OwnFiles } from '../state/own-files'

/** What is asked: a token of a step of a run, whose checkpoints this browser keeps under its name; null: it keeps none. */
export interface Question {
  id: number
  config: RunConfig
  runId: string | null
  step: number
  asked: AskedToken
}

/** What was possible, and after which step the policy is; null: the run keeps no weights, and the reference was asked. */
export interface Found {
  alternatives: Alternatives
  weightsOf: number | null
}

export type Answer = { id: number } & (Found | { problem: string })

/** Asks about a token of a completion. */
export type Ask = (
  completion: { prompt: string; texts: readonly string[] },
  token: number,
  step: number,
) => Promise<Found>

let worker: Worker | null = null
let questions = 0
const waiting = new Map<number, { resolve(found: Found): void; reject(error: Error): void }>()

/** Asks the worker, which is started with the first question. @throws {TiltlabError} if it cannot be answered */
export function askAlternatives(question: Omit<Question, 'id'>, files: OwnFiles): Promise<Found> {
  worker ??= start()
  const id = questions++
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    worker!.postMessage({ ...question, id, files })
  })
}

/** Whose numbers these are, in a sentence. */
export function sourceWords({ weightsOf, alternatives: { isSameTokens } }: Found, step: number): string {
  const whose =
    weightsOf === null
      ? 'This run keeps no weights here, so only the reference can be asked.'
      : weightsOf === step - 1
        ? `The policy is the one that sampled step ${step}.`
        : `The policy is the one after step ${weightsOf}, the nearest that is kept: the one that sampled was that after step ${step - 1}.`
  return isSameTokens ? whose : `${whose} The text before it may have been split into other tokens than here.`
}

function start(): Worker {
  const started = new Worker(new URL('../alternatives-worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiltlab alternatives',
  })
  started.onmessage = ({ data }: MessageEvent<Answer>) => {
    const asker = waiting.get(data.id)
    waiting.delete(data.id)
    if ('problem' in data) asker?.reject(new TiltlabError(data.problem))
    else asker?.resolve(data)
  }
  started.onerror = (event) => {
    started.terminate()
    worker = null
    const problem = new TiltlabError(event.message || 'The worker could not be started. Reload the page.')
    for (const { reject } of waiting.values()) reject(problem)
    waiting.clear()
  }
  return started
}
