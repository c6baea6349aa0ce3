// drift-bound.ts: the drift bound where everything is known: tables of numbers, and answers with their exact probabilities
//
// Nothing is trained. The tilt of each reference is computed exactly over β, and its drift is held against every bound.
// The tilt is also sampled by importance weights, which is the policy that the theory means, next to the trained arms of
// other experiments.

import { percent, whole } from '../../core/format'
import { ConfigError } from '../../core/errors'
import { mean } from '../../core/stats/moments'
import { bySeed } from './analysis/compare'
import { BOUNDS, HARM_RANGE } from './analysis/theory'
import { seeds, untrained } from './arms'
import { coverageSection, enumeratedSection } from './drift-bound/answers'
import { asTable, BETAS, boundCase, FAMILIES, randomFamilies, violations, type BoundCase } from './drift-bound/cases'
import { familyFigure, familyTable, tightnessTable } from './drift-bound/tables'
import type { Experiment, Measure, Results, Setting } from './experiment'
import { enumeration, type EnumeratedPrompt, type EnumerationResult } from './measures/enumeration'
import { PROMPTS } from './measures/pool'
import type { Report, Verdict } from './report/report'
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

/** Random tables, each tilted at every β. */
const RANDOM = 300

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

function report(results: Results): Report {
  const tables = FAMILIES.flatMap((family) => BETAS.map((beta) => boundCase(family.label, family, beta, 1)))
  const random = randomFamilies(RANDOM).flatMap((family, i) =>
    BETAS.map((beta) => boundCase(`random prompt ${i + 1}`, family, beta, 1)),
  )
  const listed = { requests: promptsOf(results, 'requests'), sums: promptsOf(results, 'sums') }
  const enumerated = CASES.map((one) => ({ ...one, seeds: listed[one.prompts] }))
  const exact = enumerated.flatMap(({ title, reward, seeds: found }) =>
    found
      .flat()
      .flatMap((prompt) =>
        BETAS.map((beta) => boundCase(`${title}: ${prompt.prompt}`, asTable(prompt, reward), beta, HARM_RANGE)),
      ),
  )
  const from = results.plan.seeds.map((seed) => results.path(BASE, seed))
  return {
    verdict: boundVerdict([...tables, ...random, ...exact], exact),
    sections: [
      {
        title: 'Tables of numbers',
        blocks: [familyFigure(tables), familyTable(tables), tightnessTable(random, RANDOM)],
      },
      ...enumerated.map((one) => enumeratedSection(one, from)),
      coverageSection(listed, from),
      settingsSection(results),
    ],
  }
}

function promptsOf(results: Results, prompts: 'requests' | 'sums'): EnumeratedPrompt[][] {
  return bySeed(results, BASE, enumerations(results.setting)[prompts]).map((result) => result.prompts)
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
