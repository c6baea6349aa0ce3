// cost.ts: what a run has spent by a step: steps, seconds, tokens, operations
//
// Operations are an estimate by counting weights (Kaplan et al. 2020, arXiv 2001.08361 §2.1): a token costs two for each
// weight that it passes forwards, and as many backwards for the activations; weights that are trained cost as many again
// for their own gradients. Attention over the context is not counted, and evaluations are not.

import { bisectRight } from 'd3'
import type { RunConfig } from '../../../core/run/config'
import type { Curves } from './curves'
import type { Cost } from './choice'

/** Floating-point operations that one token of `num_tokens` costs: drawing, scoring, and every pass of the update. */
export function operationsPerToken(
  { method, rollout, update, algorithm }: RunConfig,
  { base, adapter }: Curves['parameters'],
): number {
  const forward = 2 * (base + adapter)
  const pass = forward + 2 * base + 4 * adapter
  if (method === 'sft') return pass
  const isReferenceScored = rollout.scoreReference || algorithm.kl.placement !== 'off'
  return forward + (isReferenceScored ? 2 * base : 0) + update.epochs * pass
}

/** What a run has spent by a step in the unit of the axis; undefined where it did not measure that. Step 0 costs nothing. */
export function costAt(run: Curves, along: Cost, step: number): number | undefined {
  if (along === 'step' || step === 0) return step
  if (along === 'time') return seconds(run, step)
  const tokens = valueAt(run, 'num_tokens', step)
  return along === 'tokens' || tokens === undefined ? tokens : tokens * operationsPerToken(run.config, run.parameters)
}

/** Name and unit of a cost. */
export const costNames: Readonly<Record<Cost, string>> = {
  step: 'steps',
  time: 'seconds of training',
  tokens: 'tokens trained on',
  compute: 'floating-point operations, estimated',
}

const sums = new WeakMap<Curves, number[]>()

/** Wall time of training: the sum of `step_time`. */
function seconds(run: Curves, step: number): number | undefined {
  const times = run.series.get('step_time')
  if (!times) return undefined
  let known = sums.get(run)
  if (!known) {
    let sum = 0
    sums.set(run, (known = times.values.map((value) => (sum += value))))
  }
  return known[bisectRight(times.steps, step) - 1]
}

function valueAt({ series }: Curves, name: string, step: number): number | undefined {
  const found = series.get(name)
  return found?.values[bisectRight(found.steps, step) - 1]
}
