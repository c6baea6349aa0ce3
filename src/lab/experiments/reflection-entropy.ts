// reflection-entropy.ts: how undecided a model is where it stops to think, before and after training for safety

import type { Estimate } from '../../core/run/events'
import { mean } from '../../core/stats/moments'
import { meanInterval } from '../../core/stats/paired'
import { kolmogorovSmirnov, welch } from '../../core/stats/two-samples'
import { bySeed } from './analysis/compare'
import { seeds } from './arms'
import type { Experiment, Results } from './experiment'
import {
  ENTROPY_EDGES,
  reflection,
  type ReflectionEntropies,
  type ReflectionMark,
  type ReflectionResult,
} from './measures/reflection'
import { safetyPaper, scaleNote, statedEntropyRows } from './papers'
import type { FigureBlock, Report, Row, Table, Verdict } from './report/report'
import { safetyArms } from './safety-rl-vs-sft'
import { changeWords, MORE_SEEDS, settingsSection } from './sections'

const KINDS = { unsafe: 'Unsafe prompts', reasoning: 'Reasoning prompts' } as const
type Kind = keyof typeof KINDS

export const reflectionEntropy: Experiment = {
  name: 'reflection-entropy',
  title: 'Entropy where the model reflects',
  question: 'Does training for safety settle the doubts on unsafe prompts, and leave those of reasoning alone?',
  source: 'arXiv 2512.01848, entropy at reflection tokens',
  plan: (setting) => ({ seeds: seeds(setting, 2), arms: safetyArms(setting, [reflection(setting)]) }),
  report,
}

/** What an arm does on one kind of prompt, all seeds together. */
interface Reflections {
  label: string
  from: readonly string[]
  marks: readonly ReflectionMark[]
  /** Entropies of the emission step, one mean per answer that reflects: answers are the unit, not tokens. */
  perAnswer: readonly number[]
  answers: number
  tokens: Estimate
  histogram: readonly number[]
}

function report(results: Results): Report {
  const arms = results.plan.arms.map(({ name }) => name)
  const read = (kind: Kind) => arms.map((arm) => reflectionsOf(results, arm, kind))
  const found = { unsafe: read('unsafe'), reasoning: read('reasoning') }
  return {
    verdict: verdict(found),
    sections: [
      {
        title: 'At reflection tokens',
        blocks: (Object.keys(KINDS) as Kind[]).map((kind) => entropyTable(kind, found[kind])),
      },
      {
        title: 'Whole distributions',
        blocks: (Object.keys(KINDS) as Kind[]).flatMap((kind) => [
          markFigure(kind, found[kind]),
          tokenFigure(kind, found[kind]),
        ]),
      },
      { title: 'Beside the paper', blocks: [paperTable(found), scaleNote(results, safetyPaper)] },
      settingsSection(results),
    ],
  }
}

/** Mean entropy at reflection tokens before and after RL on harm: the paper’s beside ours. */
function paperTable({ unsafe, reasoning }: Record<Kind, readonly Reflections[]>): Table {
  const ours = ([kind, arms]: readonly [string, readonly Reflections[]]): Row[] =>
    arms.slice(1).map((arm) => ({
      cells: { arm: `${arm.label}, ${kind}`, before: estimate(arms[0].perAnswer), after: estimate(arm.perAnswer) },
      from: [...arms[0].from, ...arm.from],
    }))
  return {
    kind: 'table',
    name: 'paper',
    title: `Entropy at reflection tokens, nats, arXiv ${safetyPaper.arxiv} beside ours`,
    columns: [
      { key: 'arm', label: 'Arm and prompts' },
      { key: 'before', label: 'Before', format: 2 },
      { key: 'after', label: 'After', format: 2 },
    ],
    rows: [...statedEntropyRows(), ...ours(['unsafe', unsafe]), ...ours(['reasoning', reasoning])],
  }
}

function reflectionsOf(results: Results, arm: string, kind: Kind): Reflections {
  const runs = bySeed<ReflectionResult>(results, arm, reflection(results.setting)).map((each) => each[kind])
  const means = runs.flatMap((run) => run.means.flat()).filter(Number.isFinite)
  return {
    label: results.arm(arm).label,
    from: results.plan.seeds.map((seed) => results.path(arm, seed)),
    marks: runs.flatMap(({ marks }) => marks),
    perAnswer: runs.flatMap(answerMeans),
    answers: runs.reduce((total, run) => total + run.means.flat().length, 0),
    tokens: { mean: mean(means), ...meanInterval(means), n: means.length },
    histogram: runs[0].histogram.map((_, bin) => runs.reduce((total, run) => total + run.histogram[bin], 0)),
  }
}

function answerMeans({ marks }: ReflectionEntropies): number[] {
  const byAnswer = new Map<string, number[]>()
  for (const { prompt, sample, entropy } of marks) {
    const key = `${prompt} ${sample}`
    byAnswer.set(key, [...(byAnswer.get(key) ?? []), entropy])
  }
  return [...byAnswer.values()].map((entropies) => mean(entropies))
}

function estimate(values: readonly number[]): Estimate | null {
  return values.length < 2 ? null : { mean: mean(values), ...meanInterval(values), n: values.length }
}

function entropyTable(kind: Kind, arms: readonly Reflections[]): Table {
  const [base] = arms
  return {
    kind: 'table',
    name: `entropy-${kind}`,
    title: KINDS[kind],
    columns: [
      { key: 'arm', label: 'Arm' },
      { key: 'reflecting', label: 'Answers that reflect', format: 'share' },
      {
        key: 'entropy',
        label: 'Entropy, nats',
        format: 2,
        about: 'Of the distribution from which the word’s first token was drawn; mean over answers that reflect',
      },
      {
        key: 'after',
        label: 'Step after',
        format: 2,
        about: 'Of the distribution after the word; mean over occurrences',
      },
      {
        key: 'change',
        label: 'Change',
        format: 2,
        signed: true,
        about: 'From base; Welch’s interval, for arms do not reflect on the same answers',
      },
      { key: 'p', label: 'p, Welch', format: 'p' },
      {
        key: 'ks',
        label: 'p, Kolmogorov–Smirnov',
        format: 'p',
        about: 'Whether the two distributions differ in any way',
      },
      { key: 'tokens', label: 'All tokens, nats', format: 3, about: 'Mean entropy over all tokens of an answer' },
    ],
    rows: arms.map((arm): Row => {
      const compared = arm !== base && arm.perAnswer.length > 1 && base.perAnswer.length > 1
      const change = compared ? welch(base.perAnswer, arm.perAnswer) : null
      const after = arm.marks.flatMap((mark) => mark.after ?? [])
      return {
        cells: {
          arm: arm.label,
          reflecting: arm.perAnswer.length / arm.answers,
          entropy: estimate(arm.perAnswer),
          after: estimate(after),
          change: change && { mean: change.mean, low: change.low, high: change.high, n: arm.perAnswer.length },
          p: change?.p ?? null,
          ks: compared ? kolmogorovSmirnov(arm.perAnswer, base.perAnswer).p : null,
          tokens: arm.tokens,
        },
        from: arm.from,
      }
    }),
    notes: [
      'A word counts where it stands in the decoded answer; its list is part of the settings. An arm that no longer reflects has no entropy to show: that is a finding too.',
    ],
  }
}

function markFigure(kind: Kind, arms: readonly Reflections[]): FigureBlock {
  const edges = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]
  return {
    kind: 'figure',
    name: `entropy-marks-${kind}`,
    title: `${KINDS[kind]}: entropy at reflection tokens`,
    caption: 'Share of occurrences in each bin; entropies above the last edge are in the last bin.',
    figure: {
      kind: 'histogram',
      x: { label: 'Entropy, nats' },
      edges,
      series: arms
        .filter(({ marks }) => marks.length > 0)
        .map(({ label, marks }) => ({
          label,
          n: marks.length,
          shares: edges
            .slice(1)
            .map((_, bin) => marks.filter(({ entropy }) => binOf(edges, entropy) === bin).length / marks.length),
        })),
    },
  }
}

function binOf(edges: readonly number[], value: number): number {
  const above = edges.findIndex((edge) => value < edge)
  return above < 0 ? edges.length - 2 : Math.max(0, above - 1)
}

function tokenFigure(kind: Kind, arms: readonly Reflections[]): FigureBlock {
  const edges = [0, ...ENTROPY_EDGES]
  return {
    kind: 'figure',
    name: `entropy-tokens-${kind}`,
    title: `${KINDS[kind]}: entropy of all tokens`,
    caption:
      'Share of all tokens in each bin; the last bin holds what is above it too. Bins are uneven: most tokens are nearly certain.',
    figure: {
      kind: 'histogram',
      x: { label: 'Entropy, nats' },
      edges,
      series: arms.map(({ label, histogram }) => {
        const n = histogram.reduce((total, count) => total + count, 0)
        const shares = histogram.slice(0, -1).map((count) => count / n)
        shares[shares.length - 1] += histogram.at(-1)! / n
        return { label, n, shares }
      }),
    },
  }
}

/** The paper’s pattern: RL lowers the entropy on unsafe prompts, and hardly moves it on reasoning. */
function verdict(found: Record<Kind, readonly Reflections[]>): Verdict {
  const changeOf = (kind: Kind, i: number) => {
    const [base, arm] = [found[kind][0].perAnswer, found[kind][i].perAnswer]
    return base.length > 1 && arm.length > 1 ? welch(base, arm) : null
  }
  const trained = found.unsafe
    .map(({ label }, i) => ({ label, unsafe: changeOf('unsafe', i), reasoning: changeOf('reasoning', i) }))
    .slice(1)
  const rl = trained.filter(({ label }) => !label.startsWith('SFT'))
  const words = trained
    .map(
      ({ label, unsafe, reasoning }) =>
        `${label}: unsafe ${unsafe ? changeWords(unsafe) : 'no reflection left'}, reasoning ${reasoning ? changeWords(reasoning) : 'no reflection left'}`,
    )
    .join('; ')
  const shows = rl.filter(
    ({ unsafe, reasoning }) =>
      unsafe && unsafe.high < 0 && (!reasoning || Math.abs(reasoning.mean) < Math.abs(unsafe.mean)),
  )
  const reversed = rl.filter(({ unsafe }) => unsafe && unsafe.low > 0)
  if (reversed.length > 0)
    return {
      level: 'alarm',
      sentence: `RL raises the entropy on unsafe prompts, the opposite of what is stated. ${words}.`,
      change: MORE_SEEDS,
    }
  return {
    level: shows.length === rl.length ? 'fine' : 'open',
    sentence: `${shows.length} of ${rl.length} arms of RL lower the entropy at reflection tokens on unsafe prompts, more than on reasoning. ${words}.`,
    change: `An arm of RL whose entropy on unsafe prompts does not fall. ${MORE_SEEDS}`,
  }
}
