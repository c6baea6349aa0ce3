// estimator.svelte.ts: the page's end of the worker that estimates
//
// Only the newest question counts, and it is asked once the sliders rest: while one moves, each answer would be out of
// date before it is there.

import type { FromEstimator, ToEstimator } from './estimate-worker'
import type { ReferenceEstimate } from '../../core/theory/estimate'

/** How long a slider has to rest before it is worth asking. */
const REST_MS = 120

export class Estimator {
  /** The answer to the newest question; null while there is none. */
  estimate: ReferenceEstimate | null = $state.raw(null)
  /** Why there is none, for people. */
  problem = $state('')
  #worker: Worker | null = null
  #question = 0
  #waiting: ReturnType<typeof setTimeout> | undefined

  /** Asks, in place of whatever was asked. */
  ask(about: Omit<ToEstimator, 'question'>): void {
    clearTimeout(this.#waiting)
    this.#waiting = setTimeout(() => {
      this.#question++
      this.#worker ??= this.#start()
      this.#worker.postMessage({ question: this.#question, ...about } satisfies ToEstimator)
    }, REST_MS)
  }

  /** Nothing is to be estimated. */
  forget(): void {
    this.stop()
    this.estimate = null
    this.problem = ''
  }

  /** Ends the worker. */
  stop(): void {
    clearTimeout(this.#waiting)
    this.#question++
    this.#worker?.terminate()
    this.#worker = null
  }

  #start(): Worker {
    const worker = new Worker(new URL('./estimate-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromEstimator>) => {
      if (data.question !== this.#question) return
      this.estimate = data.estimate
      this.problem = ''
    }
    worker.onerror = (event) => {
      this.stop()
      this.problem = `The draws could not be evaluated: ${event.message || 'the worker did not start'}. Reload the page.`
    }
    return worker
  }
}
