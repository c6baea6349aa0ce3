// answers.ts: drift and bounds of the model's answers, listed with their exact probabilities

import { fixed, significant } from '../../../core/format'
import { mean } from '../../../core/stats/moments'
import { BOUNDS, eachBound, HARM_RANGE, summarise } from '../analysis/theory'
import type { EnumeratedPrompt } from '../measures/enumeration'
import type { Block, Section } from '../report/report'
import { asTable, BETAS, boundCase, sampledTilt, worstCorners } from './cases'
import { BOUND_COLUMNS } from './tables'

/** Enumerated prompts, with one of their rewards. */
export interface Enumerated {
  /** In names of figures and tables. */
  name: string
  title: string
  about: string
  reward: string
  /** What may drift, in words. */
  drifts: string
  /** [seed][prompt] */
  seeds: EnumeratedPrompt[][]
}

/** Exact drift, every bound, and the tilt sampled by weights. @param from the folders of the runs that listed the prompts */
export function enumeratedSection(
  { name, title, about, reward, drifts, seeds: found }: Enumerated,
  from: string[],
): Section {
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

/** How many answers were found of each prompt, and what they are worth. @param from as above */
export function coverageSection(
  { requests, sums }: Record<'requests' | 'sums', EnumeratedPrompt[][]>,
  from: string[],
): Section {
  const row = (name: string, { texts, logps, uncovered }: EnumeratedPrompt) => ({
    cells: {
      prompt: name,
      answers: texts.length,
      likeliest: Math.exp(logps[0]),
      uncovered,
      least: significant(Math.exp(logps.at(-1)!), 2),
    },
    from,
  })
  const rows = [
    ...requests.flat().map((prompt) => row('a harmful request', prompt)),
    ...sums.flat().map((prompt) => row(prompt.prompt, prompt)),
  ]
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
