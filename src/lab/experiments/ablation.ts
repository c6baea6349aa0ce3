// ablation.ts: which part of REINFORCE++ does what (the next check that arXiv 2512.01848 asks for)
//
// Each arm takes one part away or exchanges it. The rate is high and every rollout is used for several updates, so that
// what a part protects from has a chance to happen.

import type { PartialAlgorithmConfig } from '../../core/rl/config'
import { fixed } from '../../core/format'
import { compare, type Comparison } from './analysis/compare'
import { stabilityTable } from './analysis/runs'
import { grpo, reinforcePlusPlus, seeds, untrained } from './arms'
import type { Arm, Experiment, Measure, Results, Setting } from './experiment'
import type { Report, Verdict } from './report/report'
import { closingSections, MORE_SEEDS, outcomeSections } from './sections'
import { standardMeasures } from './standard'

/** What is changed of REINFORCE++, by the name of the arm. */
const WITHOUT: Record<string, { label: string; algorithm: PartialAlgorithmConfig }> = {
  complete: { label: 'REINFORCE++', algorithm: {} },
  'no-kl': { label: 'without the token KL', algorithm: { kl: { placement: 'off' } } },
  'no-clip': { label: 'without clipping', algorithm: { clip: { low: Infinity, high: Infinity } } },
  'no-norm': { label: 'without batch normalisation', algorithm: { scale: 'none', estimator: 'batch-mean' } },
  'no-baseline': { label: 'without any baseline', algorithm: { scale: 'none', estimator: 'none' } },
  'loss-k2': { label: 'KL in the loss, k2', algorithm: { kl: { placement: 'loss', estimator: 'k2' } } },
  'loss-k3': { label: 'KL in the loss, k3', algorithm: { kl: { placement: 'loss', estimator: 'k3' } } },
  'loss-k3-ratio': {
    label: 'KL in the loss, k3 × ratio',
    algorithm: { kl: { placement: 'loss', estimator: 'k3-ratio' } },
  },
}

/** The normalisations of GRPO. */
const GRPO: Record<string, { label: string; algorithm: PartialAlgorithmConfig }> = {
  'grpo-group': { label: 'GRPO, by the group’s deviation', algorithm: {} },
  'grpo-batch': { label: 'GRPO, by the batch’s deviation', algorithm: { scale: 'batch-sequence' } },
  'grpo-none': { label: 'GRPO, undivided (Dr. GRPO)', algorithm: { scale: 'none', aggregation: 'constant' } },
}

/** Updates of each rollout. */
const UPDATES = 4

export const ablation: Experiment = {
  name: 'ablation',
  title: 'What each part of REINFORCE++ does',
  question: 'What becomes of accuracy, KL and stability when one part of the algorithm is taken away?',
  source: 'arXiv 2512.01848, next check 3',
  plan(setting) {
    const { all: measures } = standardMeasures(setting)
    return { seeds: seeds(setting, 2), arms: ablationArms(setting, measures) }
  },
  report,
}

function ablationArms(setting: Setting, measures: readonly Measure[]): Arm[] {
  const harder = {
    optimizer: { learningRate: setting.own ? 3 * setting.own.learningRate : 5e-3 },
    update: { minibatches: UPDATES },
  }
  const quick = setting.size === 'quick'
  const some = <T>(rows: Record<string, T>, kept: readonly string[]) =>
    Object.entries(rows).filter(([name]) => !quick || kept.includes(name))
  return [
    untrained(setting, { name: 'base', label: 'Base', measures }),
    ...some(WITHOUT, ['complete', 'no-kl', 'no-baseline', 'loss-k3']).map(([name, { label, algorithm }]) =>
      reinforcePlusPlus(setting, { name, label, measures, changes: { ...harder, algorithm } }),
    ),
    ...some(GRPO, ['grpo-group']).map(([name, { label, algorithm }]) =>
      grpo(setting, { name, label, measures, changes: { ...harder, algorithm } }),
    ),
  ]
}

function report(results: Results): Report {
  const comparison = compare(results, standardMeasures(results.setting))
  const [, ...closing] = closingSections(comparison)
  return {
    verdict: verdict(comparison),
    sections: [{ title: 'Stability', blocks: [stabilityTable(results)] }, ...outcomeSections(comparison), ...closing],
  }
}

/** Fine where every variant learns; an alarm where one breaks down; a difference between variants is for the tables. */
function verdict(comparison: Comparison): Verdict {
  const { results } = comparison
  const trained = comparison.arms.filter(({ change }) => change !== null)
  const broken = trained.filter(({ name }) =>
    results.plan.seeds.some((seed) => results.record(name, seed).end.reason === 'failed'),
  )
  const losing = trained.filter(({ change }) => change!.accuracy!.change.high < 0)
  const learning = trained.filter(({ change }) => change!.accuracy!.change.low > 0)
  const best = trained.reduce((a, b) => (b.change!.accuracy!.change.mean > a.change!.accuracy!.change.mean ? b : a))
  const least = trained.reduce((a, b) => (b.change!.accuracy!.change.mean < a.change!.accuracy!.change.mean ? b : a))
  const range = `${best.label} gains most (${fixed(best.change!.accuracy!.change.mean)}), ${least.label} least (${fixed(least.change!.accuracy!.change.mean)})`
  if (broken.length + losing.length > 0)
    return {
      level: 'alarm',
      sentence: `Without its part a variant breaks down: ${[...new Set([...broken, ...losing])].map(({ label }) => label).join('; ')}. ${range}.`,
      change: 'A lower rate or fewer updates of a rollout.',
    }
  return {
    level: learning.length === trained.length ? 'fine' : 'open',
    sentence: `${learning.length} of ${trained.length} variants gain accuracy beyond doubt; ${range}.`,
    change: `A higher rate or more updates of a rollout strain what the parts protect from. ${MORE_SEEDS}`,
  }
}
