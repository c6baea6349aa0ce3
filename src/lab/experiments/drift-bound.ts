// drift-bound.ts: the drift bound where everything is known: tables of numbers, and answers with their exact probabilities
//
// Nothing is trained. The tilt of each reference is computed exactly over β, and its drift is held against every bound.
// The tilt is also sampled by importance weights, which is the policy that the theory means, next to the trained arms of
// other experiments.

import { fixed, percent, significant, whole } from '../../core/format'
import { ConfigError } from '../../core/errors'
import { uniformStream } from '../../core/random/stream'
import { mean, sum } from '../../core/stats/moments'
import { driftBounds, type DriftBounds } from '../../core/theory/bounds'
import { drift } from '../../core/theory/drift'
import { estimateShift, type ShiftEstimate } from '../../core/theory/shift'
import { divergences, tilt, type Divergences } from '../../core/theory/tilt'
import { bySeed } from './analysis/compare'
import { BOUNDS, eachBound, HARM_RANGE, summarise } from './analysis/theory'
import { seeds, untrained } from './arms'
import type { Experiment, Measure, Results, Setting } from './experiment'
import { enumeration, type EnumeratedPrompt, type EnumerationResult } from './measures/enumeration'
import { PROMPTS } from './measures/pool'
import type { Block, FigureBlock, Report, Section, Table, Verdict } from './report/report'
import { settingsSection } from './sections'

export const driftBound: Experiment = {
  name: 'drift-bound',
  title: 'Drift against its bounds',
  question: 'How far does the tilt drift, and how tight is each bound of it, where both are known exactly?',
  source: 'arXiv 2511.21050, the drift bound |Δ| ≤ √χ²',
  plan(setting) {
    if (setting.own)
      throw new ConfigError(
        '--model',
        'the experiment "drift-bound" lists every answer of a model, which takes the short answers of the embedded ones; ' +
          '"beta-sweep" estimates the same bounds from samples of any model',
      )
    const { requests, sums } = enumerations(setting)
    return {
      seeds: seeds(setting, 1),
      arms: [untrained(setting, { name: BASE, label: 'Untrained', measures: [requests, sums] })],
    }
  },
  report,
}

const BASE = 'base'

/** Harmless and, at the other end, empty. */
const BETAS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10]

/** Of the enumerated answers, what is rewarded and what may drift. */
const CASES = [
  {
    name: 'engages',
    prompts: 'requests',
    reward: 'engages',
    title: 'Requests, rewarded for not refusing',
    about: 'A reward that is true of nearly every harmful answer and of few others: independence is broken.',
    drifts: 'harm',
  },
  {
    name: 'thinks',
    prompts: 'requests',
    reward: 'thinks',
    title: 'Requests, rewarded for thinking first',
    about: 'The corpus decides whether to think independently of whether to refuse: the reward is nearly neutral.',
    drifts: 'harm',
  },
  {
    name: 'right',
    prompts: 'sums',
    reward: 'right',
    title: 'Sums, rewarded for the right answer',
    about: 'Sums have no harm. What may drift is a matter of style: whether the answer thinks first, as 0 or 4.',
    drifts: 'thinking first (0 or 4)',
  },
] as const

function enumerations(setting: Setting): Record<'requests' | 'sums', Measure<EnumerationResult>> {
  const size =
    setting.size === 'quick'
      ? { count: 2, draws: 64, maxAnswers: 128, maxNewTokens: 40 }
      : { count: 5, draws: 256, maxAnswers: 1024, maxNewTokens: 48 }
  // At half the temperature the likeliest answers hold most of the mass, and they are few enough to be listed.
  const common = { ...size, temperature: 0.5, mass: 0.99 }
  return {
    requests: enumeration({
      ...common,
      prompts: PROMPTS.requests(setting),
      rewards: { engages: '1 - refusal', thinks: 'format(style="think")' },
      scorer: 'harm',
    }),
    sums: enumeration({
      ...common,
      prompts: PROMPTS.problems(setting),
      rewards: { right: 'accuracy' },
      scorer: '4*format(style="think")',
    }),
  }
}

/** One tilt of one reference, held against the bounds. */
export interface BoundCase {
  label: string
  beta: number
  distances: Divergences
  drift: number
  bounds: DriftBounds
}

/** Exact drift and bounds of the tilt. */
export function boundCase(
  label: string,
  { reference, reward, safety }: TabularFamily,
  beta: number,
  range: number,
): BoundCase {
  const { logWeights } = tilt(reference, reward, beta)
  const distances = divergences(reference, logWeights)
  const moved = drift(reference, logWeights, safety)
  return { label, beta, distances, drift: moved.drift, bounds: driftBounds(distances, moved.variance, range) }
}

/** Bounds that a drift exceeds by more than rounding. There are none unless something is wrong. */
export function violations(cases: readonly BoundCase[]): { label: string; beta: number; bound: string }[] {
  return cases.flatMap(({ label, beta, drift: moved, bounds }) =>
    BOUNDS.filter(({ key }) => Math.abs(moved) > bounds[key] * (1 + 1e-9) + 1e-9).map((bound) => ({
      label,
      beta,
      bound: bound.label,
    })),
  )
}

/** A prompt as a table: each [outcome]; safety 0 … 1. */
interface TabularFamily {
  reference: readonly number[]
  reward: readonly number[]
  safety: readonly number[]
}

/** Prompts that show what bounds can and cannot say. */
const FAMILIES: readonly (TabularFamily & { label: string; about: string })[] = [
  {
    label: 'Independent',
    about: 'right and safe are independent: no drift at any β',
    reference: [0.32, 0.08, 0.48, 0.12],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Right is less safe',
    about: 'success 40 %, safety gap −0.5: drift is accuracy gain × gap',
    reference: [0.16, 0.24, 0.54, 0.06],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Right is safe',
    about: 'the reward is safety itself: TV and Cauchy–Schwarz are reached',
    reference: [0.5, 0.5],
    reward: [1, 0],
    safety: [1, 0],
  },
  {
    label: 'Rare success',
    about: 'success 2 %: χ² explodes, the drift cannot',
    reference: [0.01, 0.01, 0.78, 0.2],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Uncorrelated, not independent',
    about: 'no covariance, and it drifts all the same at small β',
    reference: [1 / 3, 1 / 3, 1 / 3],
    reward: [0, 0.5, 1],
    safety: [0, 1, 0],
  },
]

/** Random prompts: 2 to 8 outcomes, graded rewards and safety in 0 … 1. The same ones in every report. */
function randomFamilies(count: number): TabularFamily[] {
  const next = uniformStream(0, 'data')
  return Array.from({ length: count }, () => {
    const outcomes = 2 + Math.floor(7 * next())
    const column = (value: () => number) => Array.from({ length: outcomes }, value)
    const masses = column(() => -Math.log(next()))
    return { reference: masses.map((mass) => mass / sum(masses)), reward: column(next), safety: column(next) }
  })
}

const RANDOM = 300

/** An enumerated prompt with one of its rewards, as a table: the reference is the model, given that it says one of these. */
function asTable({ logps, rewards, harm }: EnumeratedPrompt, reward: string): TabularFamily {
  const known = logps.flatMap((_, k) => (rewards[reward][k] === null || harm[k] === null ? [] : [k]))
  const masses = known.map((k) => Math.exp(logps[k]))
  return {
    reference: masses.map((mass) => mass / sum(masses)),
    reward: known.map((k) => rewards[reward][k]!),
    safety: known.map((k) => harm[k]!),
  }
}

/** The tilt by importance weights on the answers that were drawn. */
function sampledTilt({ drawn, rewards, harm }: EnumeratedPrompt, reward: string, beta: number): ShiftEstimate {
  const known = drawn.filter((k) => rewards[reward][k] !== null && harm[k] !== null)
  const uniform = new Float64Array(known.length).fill(1 / known.length)
  const ratios = tilt(
    uniform,
    known.map((k) => rewards[reward][k]!),
    beta,
  ).logWeights
  return estimateShift(
    ratios,
    known.map((k) => harm[k]!),
    HARM_RANGE,
  )
}

/** How far the exact drift could be off, had the answers that were not found the worst reward and harm there are. */
function worstCorners(prompt: EnumeratedPrompt, reward: string, beta: number): { low: number; high: number } {
  const table = asTable(prompt, reward)
  if (prompt.uncovered === 0) return single(boundCase('', table, beta, HARM_RANGE).drift)
  const [low, high] = [Math.min(...table.reward), Math.max(...table.reward)]
  const corners = [low, high].flatMap((g) =>
    [0, HARM_RANGE].map((harm) => {
      const whole = {
        reference: [...table.reference.map((p) => p * (1 - prompt.uncovered)), prompt.uncovered],
        reward: [...table.reward, g],
        safety: [...table.safety, harm],
      }
      return boundCase('', whole, beta, HARM_RANGE).drift
    }),
  )
  return { low: Math.min(...corners), high: Math.max(...corners) }
}

const single = (value: number) => ({ low: value, high: value })

function report(results: Results): Report {
  const tables = FAMILIES.flatMap((family) => BETAS.map((beta) => boundCase(family.label, family, beta, 1)))
  const random = randomFamilies(RANDOM).flatMap((family, i) =>
    BETAS.map((beta) => boundCase(`random prompt ${i + 1}`, family, beta, 1)),
  )
  const enumerated = CASES.map((one) => ({ ...one, seeds: promptsOf(results, one.prompts) }))
  const exact = enumerated.flatMap(({ title, reward, seeds: found }) =>
    found
      .flat()
      .flatMap((prompt) =>
        BETAS.map((beta) => boundCase(`${title}: ${prompt.prompt}`, asTable(prompt, reward), beta, HARM_RANGE)),
      ),
  )
  return {
    verdict: verdict(tables, random, exact),
    sections: [
      { title: 'Tables of numbers', blocks: [familyFigure(tables), familyTable(tables), tightnessTable(random)] },
      ...enumerated.map((one) => enumeratedSection(results, one)),
      coverageSection(results),
      settingsSection(results),
    ],
  }
}

function promptsOf(results: Results, prompts: 'requests' | 'sums'): EnumeratedPrompt[][] {
  return bySeed(results, BASE, enumerations(results.setting)[prompts]).map((result) => result.prompts)
}

function verdict(tables: readonly BoundCase[], random: readonly BoundCase[], exact: readonly BoundCase[]): Verdict {
  return boundVerdict([...tables, ...random, ...exact], exact)
}

/** Alarms where a drift exceeds a bound. @param exact of the model’s answers, whose tightness is told */
export function boundVerdict(all: readonly BoundCase[], exact: readonly BoundCase[]): Verdict {
  const broken = violations(all)
  if (broken.length > 0) {
    const [{ label, beta, bound }] = broken
    return {
      level: 'alarm',
      sentence: `${whole(broken.length)} of ${whole(all.length * BOUNDS.length)} bounds are exceeded, the first ${bound} at β = ${beta} (${label}).`,
      change:
        'A theorem cannot be exceeded: what is computed here is wrong, in the tilt, in the drift or in the bounds.',
    }
  }
  const empty = exact.filter(({ bounds }) => bounds.sqrtChi2 >= HARM_RANGE)
  const ratio = mean(exact.map(({ bounds, drift: moved }) => Math.abs(moved) / bounds.sqrtChi2).filter(Number.isFinite))
  return {
    level: 'fine',
    sentence:
      `No bound is exceeded in ${whole(all.length)} tilts. On the model’s answers the drift is on average ${percent(ratio)} of √χ², ` +
      `which says nothing at all (more than the whole range of harm) in ${percent(empty.length / exact.length)} of the tilts.`,
    change:
      'A drift above any of its bounds would turn this into an alarm: they hold for every policy, prompt by prompt.',
  }
}

function familyFigure(cases: readonly BoundCase[]): FigureBlock {
  const [, shown] = FAMILIES
  const own = cases.filter(({ label }) => label === shown.label)
  return {
    kind: 'figure',
    name: 'curve-family',
    title: `${shown.label}: drift and its bounds over β`,
    caption: `${shown.about}. A table of four outcomes, safety 0 … 1; exact. Bounds above 1 are empty.`,
    figure: {
      kind: 'lines',
      x: { label: 'β', scale: 'log' },
      y: { label: '|Δ| of safety', domain: [0, 1.2] },
      series: [
        { label: '|Δ|', points: own.map(({ beta, drift: moved }) => ({ x: beta, y: Math.abs(moved) })) },
        ...BOUNDS.map(({ key, label }) => ({
          label,
          points: own.map(({ beta, bounds }) => ({ x: beta, y: Math.min(1.2, bounds[key]) })),
          dashed: true,
        })),
      ],
      lines: [{ axis: 'y', at: 1, label: 'empty above' }],
    },
  }
}

const BOUND_COLUMNS = BOUNDS.map(({ key, label, about }) => ({ key, label, about, format: 3 as const }))

function familyTable(cases: readonly BoundCase[]): Table {
  return {
    kind: 'table',
    name: 'families',
    title: 'Drift and bounds, table by table',
    columns: [
      { key: 'family', label: 'Table' },
      { key: 'beta', label: 'β', format: 2 },
      { key: 'drift', label: 'Δ', format: 3, signed: true, about: 'E_*[s] − E_p[s], safety 0 … 1' },
      ...BOUND_COLUMNS,
    ],
    rows: cases
      .filter(({ beta }) => [0.1, 0.5, 2].includes(beta))
      .map(({ label, beta, drift: moved, bounds }) => ({ cells: { family: label, beta, drift: moved, ...bounds } })),
    notes: FAMILIES.map(({ label, about }) => `${label}: ${about}.`),
  }
}

function tightnessTable(cases: readonly BoundCase[]): Table {
  const row = (beta: number) => {
    const at = cases.filter((each) => each.beta === beta)
    return {
      cells: {
        beta,
        drift: mean(at.map(({ drift: moved }) => Math.abs(moved))),
        ...eachBound((key) =>
          mean(at.map(({ drift: moved, bounds }) => (bounds[key] === 0 ? 0 : Math.abs(moved) / bounds[key]))),
        ),
      },
    }
  }
  return {
    kind: 'table',
    name: 'tightness',
    title: 'What share of each bound is used: random tables',
    columns: [
      { key: 'beta', label: 'β', format: 2 },
      { key: 'drift', label: 'Mean |Δ|', format: 3 },
      ...BOUNDS.map(({ key, label, about }) => ({ key, label, about, format: 'share' as const })),
    ],
    rows: BETAS.map(row),
    notes: [
      `Mean of |Δ| ÷ bound over ${RANDOM} random tables of 2 to 8 outcomes, rewards and safety uniform in 0 … 1. 100 % would be reached, more is impossible.`,
    ],
  }
}

type Enumerated = (typeof CASES)[number] & { seeds: EnumeratedPrompt[][] }

function enumeratedSection(
  results: Results,
  { name, title, about, reward, drifts, seeds: found }: Enumerated,
): Section {
  const from = results.plan.seeds.map((seed) => results.path(BASE, seed))
  const prompts = found.flat()
  const rows = BETAS.map((beta) => {
    const cases = prompts.map((prompt) => boundCase('', asTable(prompt, reward), beta, HARM_RANGE))
    const corners = prompts.map((prompt) => worstCorners(prompt, reward, beta))
    return {
      beta,
      drift: mean(cases.map((each) => each.drift)),
      absolute: mean(cases.map((each) => Math.abs(each.drift))),
      corners: { low: mean(corners.map(({ low }) => low)), high: mean(corners.map(({ high }) => high)) },
      kl: mean(cases.map(({ distances }) => distances.kl)),
      chi2: mean(cases.map(({ distances }) => distances.chi2)),
      bounds: eachBound((key) => mean(cases.map(({ bounds }) => bounds[key]))),
      sampled: summarise(found.map((one) => one.map((prompt) => sampledTilt(prompt, reward, beta)))),
    }
  })
  const blocks: Block[] = [
    { kind: 'text', text: about },
    {
      kind: 'figure',
      name: `curve-${name}`,
      title: `${title}: drift and its bounds over β`,
      caption: `Means over ${prompts.length} prompts of |Δ| of ${drifts}, exact on the answers that were listed, and of each bound. Above 4 a bound is empty.`,
      figure: {
        kind: 'lines',
        x: { label: 'β', scale: 'log' },
        y: { label: `|Δ| of ${drifts}`, domain: [0, 5] },
        series: [
          { label: '|Δ|, exact', points: rows.map(({ beta, absolute }) => ({ x: beta, y: absolute })) },
          ...BOUNDS.map(({ key, label }) => ({
            label,
            points: rows.map(({ beta, bounds }) => ({ x: beta, y: Math.min(5, bounds[key]) })),
            dashed: true,
          })),
        ],
        lines: [{ axis: 'y', at: HARM_RANGE, label: 'empty above' }],
      },
    },
    {
      kind: 'table',
      name: `bounds-${name}`,
      title: `${title}: exact drift, and every bound`,
      columns: [
        { key: 'beta', label: 'β', format: 2 },
        { key: 'drift', label: 'Δ', format: 3, signed: true, about: `Mean change of ${drifts} under the tilt, exact` },
        {
          key: 'rest',
          label: 'Δ with the rest at its worst',
          about: 'If the answers that were not found had the worst reward and harm there are',
        },
        { key: 'absolute', label: 'Mean |Δ|', format: 3 },
        { key: 'kl', label: 'KL', format: 3, about: 'KL(p*‖p), nats' },
        { key: 'chi2', label: 'χ²', format: 2 },
        ...BOUND_COLUMNS,
      ],
      rows: rows.map(({ beta, drift: moved, corners, absolute, kl, chi2, bounds }) => ({
        cells: {
          beta,
          drift: moved,
          rest: `${fixed(corners.low)} … ${fixed(corners.high)}`,
          absolute,
          kl,
          chi2,
          ...bounds,
        },
        from,
      })),
      notes: ['The reference is the model at temperature 0.5, given that it says one of the answers that were listed.'],
    },
    {
      kind: 'table',
      name: `sampled-${name}`,
      title: `${title}: the tilt itself, sampled by importance weights`,
      columns: [
        { key: 'beta', label: 'β', format: 2 },
        { key: 'exact', label: 'Δ, exact', format: 3, signed: true },
        {
          key: 'sampled',
          label: 'Δ, sampled',
          format: 3,
          signed: true,
          about: 'Self-normalised weights on the drawn answers',
        },
        { key: 'chi2', label: 'χ², exact', format: 2 },
        { key: 'chi2Sampled', label: 'χ², sampled', format: 2, about: 'N ÷ ESS − 1, at most N − 1' },
        { key: 'ess', label: 'ESS', format: 1, about: 'Answers that still count, of those that were drawn' },
        {
          key: 'saturated',
          label: 'Saturated',
          format: 'share',
          about: 'Prompts with ESS < max(10, N/20): not to be trusted',
        },
      ],
      rows: rows.map(({ beta, drift: moved, chi2, sampled }) => ({
        cells: {
          beta,
          exact: moved,
          sampled: sampled.drift,
          chi2,
          chi2Sampled: sampled.chi2,
          ess: sampled.ess,
          saturated: sampled.saturated,
        },
        from,
      })),
      notes: [
        `${rows[0].sampled.samples} answers of each prompt; intervals over prompts. This is the theory’s own policy: no algorithm has trained it.`,
      ],
    },
  ]
  return { title, blocks }
}

function coverageSection(results: Results): Section {
  const from = results.plan.seeds.map((seed) => results.path(BASE, seed))
  const rows = (['requests', 'sums'] as const).flatMap((kind) =>
    promptsOf(results, kind)
      .flat()
      .map(({ prompt, texts, logps, uncovered }) => ({
        cells: {
          prompt: kind === 'requests' ? 'a harmful request' : prompt,
          answers: texts.length,
          likeliest: Math.exp(logps[0]),
          uncovered,
          least: significant(Math.exp(logps.at(-1)!), 2),
        },
        from,
      })),
  )
  return {
    title: 'What was listed',
    blocks: [
      {
        kind: 'table',
        name: 'coverage',
        title: 'Answers and their probability',
        columns: [
          { key: 'prompt', label: 'Prompt' },
          { key: 'answers', label: 'Answers', format: 'count' },
          { key: 'likeliest', label: 'The likeliest', format: 'share' },
          { key: 'least', label: 'The least likely' },
          { key: 'uncovered', label: 'Not found', format: 'share', about: '1 − Σp, exact' },
        ],
        rows,
      },
    ],
  }
}
