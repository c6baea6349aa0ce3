// estimate-worker.ts: estimates with their bootstrap, away from the page, which goes on drawing

import { estimateFromReference, type ReferenceEstimate } from '../../core/theory/estimate'

/** What is asked. */
export interface ToEstimator {
  question: number
  rewards: Float64Array
  safety: Float64Array
  beta: number
  seed: number
}

/** What is answered. */
export interface FromEstimator {
  question: number
  estimate: ReferenceEstimate
}

/** Enough for the ends of a 95 % interval that is drawn. */
const RESAMPLES = 400

addEventListener('message', ({ data }: MessageEvent<ToEstimator>) => {
  const { question, rewards, safety, beta, seed } = data
  postMessage({ question, estimate: estimateFromReference(rewards, safety, beta, seed, RESAMPLES) })
})
