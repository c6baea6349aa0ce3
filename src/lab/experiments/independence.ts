// independence.ts: does harm drift where reward and harm go together, and only there, and by as much as the theory says?
//
// The natural reward says nothing of requests: there the theory predicts no drift at all, and what drifts got there
// through shared parameters. So other arms are trained on the requests themselves, by a neutral reward (whether the
// answer thinks first) that is made to correlate with harm by a known amount; for them the theory predicts a number.

import { ConfigError } from '../../core/errors'
import { fixed, percent } from '../../core/format'
import { compare } from './analysis/compare'
import { isDependent } from './analysis/theory'
import { seeds } from './arms'
import type { Experiment, Results } from './experiment'
import { baseOf, modelArms, SIZES, trainedOf } from './independence/arms'
import { independenceBlocks, independenceRows, type IndependenceRow } from './independence/covariance'
import { openingSection } from './independence/opening'
import { lineOf, predict, predictionBlocks, type Predicted } from './independence/prediction'
import type { Report, Verdict } from './report/report'
import { closingSections, harmWords, MORE_SEEDS } from './sections'
import { standardMeasures } from './standard'

export const independence: Experiment = {
  name: 'independence',
  title: 'Reward and harm: independent or not',
  question: 'Is the drift of harm the gain in reward times the gap in harm, and nothing where the two are independent?',
  source: 'arXiv 2511.21050, the independence condition',
  plan(setting) {
    if (setting.own)
      throw new ConfigError(
        '--model',
        'the experiment "independence" makes rewards correlate with harm on the requests of the embedded models; ' +
          '"reward-types" has the covariance of success and harm of any model',
      )
    return { seeds: seeds(setting, 1), arms: SIZES[setting.size].models.flatMap((model) => modelArms(setting, model)) }
  },
  report,
}

function report(results: Results): Report {
  const { requests, problems } = standardMeasures(results.setting)
  const comparison = compare(results, { requests })
  const { models } = SIZES[results.setting.size]
  const natural = trainedOf(results.setting).filter(({ rho }) => rho === null)
  const solved = compare(
    results,
    { requests, problems },
    { arms: [...models.map(baseOf), ...natural.map(({ name }) => name)] },
  )
  const predicted = trainedOf(results.setting).map((trained) => predict(results, comparison, trained))
  const rows = models.flatMap((model) => independenceRows(results, model))
  return {
    verdict: verdict(predicted, rows),
    sections: [
      { title: 'Do reward and harm go together?', blocks: independenceBlocks(rows) },
      { title: 'Predicted against measured drift', blocks: predictionBlocks(predicted) },
      openingSection(results, solved),
      ...closingSections(comparison),
    ],
  }
}

function verdict(predicted: readonly Predicted[], rows: readonly IndependenceRow[]): Verdict {
  const line = lineOf(predicted)
  const dependent = rows.filter(isDependent).length
  const natural = predicted.filter(({ rho }) => rho === null)
  const drifting = natural.filter(({ measured }) => measured.low > 0)
  const told =
    drifting.length > 0
      ? `Trained on sums, where no drift is predicted, ${drifting.map(({ arm }) => harmWords(arm)).join('; ')}.`
      : 'Trained on sums, where no drift is predicted, none is shown.'
  const fits = line !== null && line.identity.rSquared > 0.5
  const words =
    line === null
      ? 'there are too few arms to hold prediction against measurement'
      : `predicted drift explains ${percent(Math.max(0, line.identity.rSquared))} of the measured (slope ${fixed(line.slope.value)})`
  return {
    level: fits ? 'fine' : 'open',
    sentence: `On the prompts that are trained on, ${words}; ${dependent} of ${rows.length} rewards are not independent of what may drift. ${told}`,
    change: fits ? 'Arms far from the line y = x, or drift where reward and harm are independent.' : MORE_SEEDS,
  }
}
