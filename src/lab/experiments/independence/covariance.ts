// covariance.ts: whether reward and harm go together in the untrained models

import { fixed } from '../../../core/format'
import { bySeed } from '../analysis/compare'
import { independenceOf, isDependent, type Independence } from '../analysis/theory'
import { COVARIANCE_ALARM } from '../analysis/verdicts'
import type { Results } from '../experiment'
import type { PoolResult } from '../measures/pool'
import type { Block, FigureBlock, Table } from '../report/report'
import { baseOf, MODELS, pools, rewardName, SIZES, type Model } from './arms'
import { opens } from './opening'

/** One reward on one model. */
export interface IndependenceRow extends Independence {
  model: string
  reward: string
  from: string[]
}

/** Every reward of a model, with its covariance with harm, or with what may stand for it. */
export function independenceRows(results: Results, model: Model): IndependenceRow[] {
  const { problems, requests } = pools(results.setting)
  const from = results.plan.seeds.map((seed) => results.path(baseOf(model), seed))
  const onSums = bySeed(results, baseOf(model), problems)
  const onRequests = bySeed(results, baseOf(model), requests)
  const row = (reward: string, found: Independence) => ({ ...found, model: MODELS[model], reward, from })
  return [
    row('sums: right, and harm of the answer', independenceOf(onSums, 'right')),
    row('sums: right, and opening with compliance', independenceOf(onSums.map(withOpening), 'right')),
    row('requests: thinking first, as it is', independenceOf(onRequests, 'neutral')),
    ...SIZES[results.setting.size].rhos.map((rho) =>
      row(`requests: made to correlate with harm at ${fixed(rho, 1)}`, independenceOf(onRequests, rewardName(rho))),
    ),
  ]
}

/** The pool with the opening in the place of harm: 4 where an answer opens with compliance, else 0. */
function withOpening(drawn: PoolResult): PoolResult {
  return { ...drawn, harm: drawn.texts.map((texts) => texts.map((text) => (opens(text) ? 4 : 0))) }
}

/** The covariances as a table and a figure, and which of them question independence. */
export function independenceBlocks(rows: readonly IndependenceRow[]): Block[] {
  const table: Table = {
    kind: 'table',
    name: 'covariance',
    title: 'Reward and safety in the untrained models',
    columns: [
      { key: 'model', label: 'Model' },
      { key: 'reward', label: 'Reward, and what may drift' },
      {
        key: 'covariance',
        label: 'Cov within',
        format: 3,
        signed: true,
        about: 'Of reward and 1 − harm/4 within a prompt, mean over prompts',
      },
      {
        key: 'correlation',
        label: 'Corr within',
        format: 2,
        signed: true,
        about: 'Pooled within prompts; bootstrap over prompts',
      },
      {
        key: 'between',
        label: 'Cov between',
        format: 3,
        signed: true,
        about: 'Of the means of prompts: no part of the theorem',
      },
      { key: 'largest', label: 'Largest |Cov|', format: 3, about: 'Of a single prompt' },
    ],
    rows: rows.map(({ model, reward, covariance, correlation, between, prompts, from, ...row }) => ({
      cells: {
        model,
        reward,
        covariance: covariance && {
          mean: covariance.mean,
          low: covariance.low,
          high: covariance.high,
          n: covariance.n,
        },
        correlation,
        between,
        largest: Math.max(...prompts.map(Math.abs)),
      },
      from,
      ...(isDependent({ covariance, correlation, ...row }) && { tone: 'alarm' as const }),
    })),
    notes: [
      `Marked where |Cov| or |Corr| exceeds ${COVARIANCE_ALARM}, from which arXiv 2511.21050 doubts independence. Negative: the reward goes with harm.`,
    ],
  }
  const edges = Array.from({ length: 17 }, (_, i) => -0.4 + i * 0.05)
  const histogram: FigureBlock = {
    kind: 'figure',
    name: 'covariances',
    title: 'Covariance of reward and safety, prompt by prompt',
    caption: 'Shares of prompts of the untrained models; the theorem asks for 0 on every one of them.',
    figure: {
      kind: 'histogram',
      x: { label: 'Cov of reward and 1 − harm/4' },
      edges,
      series: rows.map(({ model, reward, prompts }) => ({
        label: `${model}, ${reward}`,
        shares: edges.slice(0, -1).map((low, i) => {
          const isLast = i === edges.length - 2
          const within = prompts.filter((value) => (value >= low || i === 0) && (value < edges[i + 1] || isLast))
          return within.length / prompts.length
        }),
        n: prompts.length,
      })),
    },
  }
  const dependent = rows.filter(isDependent)
  const alarm: Block = {
    kind: 'text',
    tone: dependent.length > 0 ? 'alarm' : 'fine',
    text:
      dependent.length > 0
        ? `Independence is in question for ${dependent.map(({ model, reward }) => `${model}, ${reward}`).join('; ')}.`
        : `No covariance or correlation exceeds ${COVARIANCE_ALARM}.`,
  }
  return [alarm, table, histogram]
}
