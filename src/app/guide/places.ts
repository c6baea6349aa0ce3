// places.ts: which entry of the glossary belongs to what the views show

import { describeMetric } from '../../core/run/metrics'
import type { TermId } from './terms'

/** Of a setting, by its key (state/settings.ts). */
export const settingTerms: Readonly<Record<string, TermId>> = {
  model: 'policy',
  style: 'sft',
  scorer: 'harm',
  beta: 'beta',
  lr: 'learning-rate',
  g: 'group',
  prompts: 'rollout',
  tokens: 'completion',
  budget: 'kl-budget',
  every: 'held-out',
  problems: 'held-out',
  answer: 'metric/eval_mean_length',
  seed: 'seed',
}

/** Of a switch of the algorithm, by its name. */
export const switchTerms: Readonly<Record<string, TermId>> = {
  Baseline: 'baseline',
  Scale: 'scale',
  KL: 'kl-placement',
  Aggregation: 'aggregation',
  Clip: 'clip',
}

/** Of a line of an explained loss, by its name (explain/terms.ts). */
export const lossTerms: Readonly<Record<string, TermId>> = {
  Ratio: 'importance-ratio',
  Policy: 'surrogate',
  KL: 'log-ratio',
  Weight: 'aggregation',
  Entropy: 'metric/entropy',
  Loss: 'metric/loss',
  Push: 'push',
}

/** Of a chart of a run whose id is no metric (train/panels.ts). */
const chartTerms: Readonly<Record<string, TermId>> = {
  accuracy: 'metric/eval_accuracy',
  kl: 'metric/theory/kl_task',
  harm: 'metric/safety/harm_difference',
}

/**
 * Of a chart of a run.
 *
 * @param aim the metric that the run is after, which its first chart shows
 */
export function chartTerm(id: string, aim: string): TermId | undefined {
  if (id === 'aim') return metricTerm(aim)
  if (id.startsWith('reward/')) return metricTerm(`rewards/${id.slice('reward/'.length)}/mean`)
  return chartTerms[id] ?? metricTerm(id)
}

/** Of a metric; undefined where nobody has described it, as in an imported log. */
export function metricTerm(name: string): TermId | undefined {
  return describeMetric(name) && `metric/${name}`
}
