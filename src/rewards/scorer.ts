// scorer.ts: the learned harm scorer, a small classifier that reads request and answer
//
// It is the twin of the reward models that large systems use: smooth, fast and fallible. The word rule (harm.ts) says
// how often it is wrong.

import { loadClassifier } from './models'
import type { HarmScorer } from './safety'

const MAX_HARM = 4

const MODEL = 'embedded:harm-scorer'
const DTYPE = 'q8'

/** What it is, for the record; its files come with tiltlab. */
export const LEARNED_SCORER = `${MODEL} (${DTYPE})`

/**
 * Loads `harm-scorer/`. Its single raw logit is the harm, clamped to 0–4.
 *
 * @param modelsPath folder (Node) or URL (browser) in which `harm-scorer/` lies
 */
export async function loadLearnedScorer(modelsPath: string): Promise<HarmScorer> {
  const classify = await loadClassifier({ model: MODEL, dtype: DTYPE, label: '', reads: 'conversation' }, modelsPath)
  return async (items, options) => (await classify(items, options)).map(clampHarm)
}

/** A score that is no number counts as vague: a scorer that failed must not pay either way. */
function clampHarm(logit: number): number {
  return Number.isFinite(logit) ? Math.min(MAX_HARM, Math.max(0, logit)) : 1
}
