// runs.ts: how the runs behind a report went, and how to make them again

import type { CellRecord, Results } from '../experiment'
import type { Code, Prose, Samples, Table } from '../report/report'
import type { RequestsResult } from '../measures/requests'
import type { ProblemsResult } from '../measures/problems'
import { fixed } from '../../../core/format'
import { printJson } from '../../../core/inspect/json'
import { mean } from '../../../core/stats/moments'
import type { Comparison } from './compare'
import { detectable, provable } from './paired'
import { scoresOf } from './harm'
import { changeOf, type Quantity } from './tables'

/** How training went, run by run: KL blow-ups, gradients, groups that taught nothing, and how it ended. */
export function stabilityTable(results: Results, arms?: readonly string[]): Table {
  const trained = results.plan.arms.filter(({ name, base }) => base !== undefined && (arms?.includes(name) ?? true))
  return {
    kind: 'table',
    name: 'stability',
    title: 'How training went',
    columns: [
      { key: 'arm', label: 'Arm' },
      { key: 'seed', label: 'Seed', format: 'count' },
      { key: 'steps', label: 'Steps', format: 'count' },
      {
        key: 'klMax',
        label: 'KL, highest',
        format: 3,
        about: 'Token mean of the KL estimate in training, nats/token; none where KL is off',
      },
      {
        key: 'sequenceMax',
        label: 'KL of answers, highest',
        format: 3,
        about: 'Mean log π/π_ref of the rollout’s answers, nats',
      },
      { key: 'gradientMax', label: 'Gradient, highest', format: 2, about: 'Global L2 norm before clipping' },
      {
        key: 'collapsed',
        label: 'Groups without signal',
        format: 'share',
        about: 'Mean share of answers whose group has equal rewards',
      },
      { key: 'leftOut', label: 'Left out', format: 'count', about: 'Answers that could not be rewarded' },
      { key: 'end', label: 'End' },
    ],
    rows: trained.flatMap(({ name, label }) =>
      results.plan.seeds.map((seed) => {
        const record = results.record(name, seed)
        const broken = record.end.reason === 'failed'
        return {
          cells: {
            arm: label,
            seed,
            steps: record.steps,
            klMax: over(record, 'kl', highest),
            sequenceMax: over(record, 'theory/kl_sequence', highest),
            gradientMax: over(record, 'grad_norm', highest),
            collapsed: over(record, 'frac_reward_zero_std', mean),
            leftOut: over(record, 'rewards/left_out', total),
            end: record.end.reason === 'completed' ? 'completed' : record.end.message,
          },
          from: [results.path(name, seed)],
          ...(broken && { tone: 'alarm' as const }),
        }
      }),
    ),
  }
}

const highest = (values: readonly number[]) => Math.max(...values)
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

/** Of one metric over a run; null where the run has none. */
function over({ series }: CellRecord, metric: string, fold: (values: readonly number[]) => number): number | null {
  const values = (series[metric]?.values ?? []).filter((value) => typeof value === 'number')
  return values.length > 0 ? fold(values) : null
}

const POINTS = { factor: 100, digits: 1, unit: 'points' }
const UNITS: Record<Quantity, { factor: number; digits: number; unit: string }> = {
  harm: { factor: 1, digits: 2, unit: 'of harm 0–4' },
  harmful: POINTS,
  accuracy: POINTS,
  overRefused: POINTS,
}

/** What the design could see, at the variance that was observed. */
export function powerNote(comparison: Comparison, quantity: Quantity = 'harm'): Prose {
  const changes = comparison.arms.flatMap((arm) => changeOf(arm, quantity) ?? [])
  const [first] = changes
  if (!first) return { kind: 'text', text: 'No arm is compared with a base, so there is no difference to detect.' }
  const { factor, digits, unit } = UNITS[quantity]
  const { prompts, seeds } = first
  const range = (values: readonly number[]) => {
    const known = values.filter(Number.isFinite)
    if (known.length === 0) return 'more than can be told from them'
    const [low, high] = [Math.min(...known), Math.max(...known)].map((value) => fixed(factor * value, digits))
    return low === high ? `${low} ${unit}` : `${low} to ${high} ${unit}, by arm`
  }
  const seen = range(changes.map(detectable))
  const shown = range(changes.map(provable))
  const covers =
    seeds === 1
      ? 'One seed says nothing of other seeds, so these figures hold for this seed alone.'
      : `Both other prompts and other seeds are counted in.`
  return {
    kind: 'text',
    tone: 'note',
    text: `At the variance observed, ${prompts} prompts × ${seeds === 1 ? '1 seed' : `${seeds} seeds`} find a true change with power 0.8 if it is at least ${seen}. That there is no change can be shown within a margin of ${shown}. ${covers}`,
  }
}

/** What arms answer: to the first request of every family and to the first problems, at the first seed; chosen by nobody. */
export function samplesBlock({ results, measures, arms }: Comparison, count = 2): Samples {
  const [seed] = results.plan.seeds
  const requests = measures.requests
  const problems = measures.problems
  const asked = requests ? firstOfFamilies(results.of(arms[0].name, seed, requests)) : []
  const harmful = requests
    ? asked.flatMap((i) => arms.map(({ name, label }) => requestSample(label, results.of(name, seed, requests), i)))
    : []
  const solved = problems
    ? Array.from({ length: count }, (_, i) =>
        arms.map(({ name, label }) => problemSample(label, results.of(name, seed, problems), i)),
      ).flat()
    : []
  return {
    kind: 'samples',
    title: `What the arms answer, seed ${seed}: the first problems, and the first request of each family`,
    items: [...solved, ...harmful],
  }
}

function firstOfFamilies({ harmful }: RequestsResult): number[] {
  return [...new Set(harmful.map(({ family }) => family))].map((family) =>
    harmful.findIndex((request) => request.family === family),
  )
}

function requestSample(arm: string, result: RequestsResult, i: number): Samples['items'][number] {
  const { prompt, family } = result.harmful[i]
  const score = scoresOf(result)[i][0]
  const remark = `${family}: ${score === null ? 'not scored' : `harm ${fixed(score, 1)}`}${result.refused[i][0] ? ', refused' : ''}`
  return { arm, prompt, completion: result.answers[i][0], remark, harmful: true }
}

function problemSample(arm: string, result: ProblemsResult, i: number): Samples['items'][number] {
  const remark = result.right[i][0] ? 'right' : 'wrong'
  return { arm, prompt: result.prompts[i], completion: result.answers[i][0], remark, harmful: false }
}

/** The setting and the configurations that the runs were made with. */
export function settingsBlock({ setting, plan }: Results): Code {
  const arms = Object.fromEntries(plan.arms.map(({ name, config }) => [name, config]))
  return {
    kind: 'code',
    title: 'Exact configuration of every arm',
    text: printJson({ setting, seeds: plan.seeds, arms }),
  }
}
