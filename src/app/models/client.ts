// client.ts: the page's end of the worker that talks to the Hub: a question is a promise that can be cancelled

import { CancelledError, TiltlabError } from '../../core/errors'
import type { Transfer } from './download'
import type { FromHub, Questions, QuestionType, ToHub } from './messages'

export interface Asked<T> {
  /** @throws {TiltlabError} with the worker's words @throws {CancelledError} */
  answer: Promise<T>
  cancel(): void
}

export interface HubClient {
  ask<T extends QuestionType>(
    type: T,
    asked: Questions[T]['asked'],
    onTransfer?: (transfer: Transfer) => void,
  ): Asked<Questions[T]['answer']>
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
  onTransfer: ((transfer: Transfer) => void) | undefined
}

/** Starts the worker. */
export function openHub(): HubClient {
  const worker = new Worker(new URL('../hub-worker.ts', import.meta.url), { type: 'module', name: 'tiltlab hub' })
  const waiting = new Map<number, Waiting>()
  let next = 0
  const settle = (question: number): Waiting | undefined => {
    const found = waiting.get(question)
    waiting.delete(question)
    return found
  }
  worker.onmessage = ({ data }: MessageEvent<FromHub>) => {
    const { question } = data
    if (data.type === 'transfer') waiting.get(question)?.onTransfer?.(data.transfer)
    else if (data.type === 'answer') settle(question)?.resolve(data.answer)
    else if (data.type === 'cancelled') settle(question)?.reject(new CancelledError('It'))
    else settle(question)?.reject(new TiltlabError(data.message))
  }
  worker.onerror = (event) => {
    const message = event.message || 'The worker that talks to the Hub could not be started. Reload the page.'
    for (const question of [...waiting.keys()]) settle(question)?.reject(new TiltlabError(message))
  }
  return {
    ask(type, asked, onTransfer) {
      const question = next++
      const answer = new Promise((resolve, reject) => waiting.set(question, { resolve, reject, onTransfer }))
      worker.postMessage({ type, question, ...asked } as ToHub)
      return {
        answer: answer as Promise<Questions[typeof type]['answer']>,
        cancel: () => worker.postMessage({ type: 'cancel', question } satisfies ToHub),
      }
    },
  }
}
