// Against SciPy, statsmodels and scikit-learn (tools/fixtures/experiment_stats.py), to nine digits.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { auroc, brier, expectedCalibrationError, reliability } from '../../../src/core/stats/calibration'
import type { Binning, Brier, ReliabilityBin } from '../../../src/core/stats/calibration'
import { covarianceEstimate, covarianceWithinPrompts } from '../../../src/core/stats/covariance'
import { crossedEstimate } from '../../../src/core/stats/crossed'
import {
  binomialProbability,
  binomialUpperTail,
  fisherUpperTail,
  kolmogorovUpperTail,
  normalCdf,
} from '../../../src/core/stats/distributions'
import type { Alternative } from '../../../src/core/stats/distributions'
import { meanOverDeviation } from '../../../src/core/stats/noncentral'
import { equivalence, measure } from '../../../src/core/stats/paired'
import { passAtK } from '../../../src/core/stats/pass-at-k'
import { detectableDifference, differencePower, equivalencePower, provableMargin } from '../../../src/core/stats/power'
import { changePower, detectableShare } from '../../../src/core/stats/power-shares'
import { fitLine } from '../../../src/core/stats/regression'
import { kolmogorovSmirnov, welch } from '../../../src/core/stats/two-samples'
import { expectClose } from '../close'

interface Precise {
  standardError: number
  df: number
}

interface Fixture {
  distributions: {
    noncentralStudent: { t: number; df: number; noncentrality: number; p: number }[]
    fisher: { f: number; df1: number; df2: number; p: number }[]
    binomial: { k: number; n: number; q: number; tail: number; mass: number }[]
  }
  power: {
    difference: (Precise & { alpha: number; difference: number; power: number; detectable: number })[]
    equivalence: (Precise & { difference: number; margin: number; power: number })[]
    margin: (Precise & { margin: number })[]
    share: { baseline: number; n: number; baselineTrials: number | null; expected: object }[]
    change: { n: number; discordant: number; change: number; power: number }[]
  }
  equivalence: { d: number[]; margin: number; p: number; low: number; high: number; equivalent: boolean }[]
  passAtK: { samples: number; correct: number; k: number; value: number }[]
  calibration: {
    probabilities: number[]
    truth: number[]
    bins: number
    binning: Binning
    diagram: ReliabilityBin[]
    ece: number
    brier: Brier
  }[]
  auroc: { scores: number[]; truth: number[]; expected: object }[]
  line: { x: number[]; y: number[]; expected: object }[]
  covariance: {
    over: { x: number[]; y: number[]; expected: object }[]
    within: { prompts: { x: number[]; y: number[] }[]; expected: object }
  }
  crossed: { table: number[][]; expected: object }[]
  twoSamples: {
    welch: { first: number[]; second: number[]; alternative: Alternative; expected: object }[]
    kolmogorov: { first: number[]; second: number[]; statistic: number; p: number }[]
    limit: { x: number; p: number }[]
  }
}

const fixture = JSON.parse(readFileSync('test/fixtures/stats-experiments.json', 'utf8')) as Fixture
const TOLERANCE = 1e-9

describe('distributions equal SciPy’s', () => {
  const { noncentralStudent, fisher, binomial } = fixture.distributions

  test('the noncentral t', () => {
    for (const { t, df, noncentrality, p } of noncentralStudent)
      expectClose(
        meanOverDeviation(df, (s) => normalCdf(noncentrality - t * s)),
        p,
        1e-11,
        `t ${t}, df ${df}, ${noncentrality}`,
      )
  })

  test('Fisher’s F', () => {
    for (const { f, df1, df2, p } of fisher) expectClose(fisherUpperTail(f, df1, df2), p, 1e-12)
  })

  test('the binomial', () => {
    for (const { k, n, q, tail, mass } of binomial) {
      expectClose(binomialUpperTail(k, n, q), tail, 1e-12, `P(X ≥ ${k} of ${n} at ${q})`)
      expectClose(binomialProbability(k, n, q), mass, 1e-12, `P(X = ${k} of ${n} at ${q})`)
    }
  })

  test('Kolmogorov’s limit', () => {
    for (const { x, p } of fixture.twoSamples.limit) expectClose(kolmogorovUpperTail(x), p, 1e-12, `x ${x}`)
  })
})

describe('power equals that of statsmodels, or of another integral', () => {
  test.each(fixture.power.difference)('of a t test, df $df at level $alpha', ({ alpha, ...row }) => {
    expectClose(differencePower(row.difference, row, alpha), row.power, TOLERANCE)
    // Relative: differences may be as small as they like.
    expectClose(detectableDifference(row, alpha) / row.detectable, 1, TOLERANCE)
  })

  test.each(fixture.power.equivalence)('of equivalence, df $df', (row) => {
    expectClose(equivalencePower(row.difference, row.margin, row), row.power, TOLERANCE)
  })

  test.each(fixture.power.margin)('of the margin that can be proved, df $df', ({ margin, ...precision }) => {
    expectClose(provableMargin(precision) / margin, 1, TOLERANCE)
  })

  test.each(fixture.power.share)('of $n trials against a share of $baseline', (row) => {
    expectClose(detectableShare(row.baseline, row.n, row.baselineTrials ?? Infinity), row.expected, TOLERANCE)
  })

  test.each(fixture.power.change)('of McNemar’s exact test on $n pairs', ({ n, discordant, change, power }) => {
    expectClose(changePower(n, discordant, change), power, TOLERANCE)
  })
})

test.each(fixture.equivalence)(
  'TOST within ± $margin is that of statsmodels',
  ({ d, margin, p, low, high, equivalent }) => {
    expectClose(equivalence(measure(d), margin), { p, interval: { low, high }, equivalent }, TOLERANCE)
  },
)

test.each(fixture.passAtK)('pass@$k of $correct in $samples is the exact fraction', ({ k, value, ...attempts }) => {
  expectClose(passAtK(attempts, k), value, 1e-12)
})

test.each(fixture.calibration)('$bins bins by $binning are those of scikit-learn', (row) => {
  const diagram = reliability(row.probabilities, row.truth, row.bins, row.binning)
  expectClose(diagram, row.diagram, TOLERANCE)
  expectClose(expectedCalibrationError(diagram), row.ece, TOLERANCE)
  expectClose(brier(row.probabilities, row.truth, row.bins, row.binning), row.brier, TOLERANCE)
})

test.each(fixture.auroc)('the area under the curve is scikit-learn’s, its interval DeLong’s', (row) => {
  expectClose(auroc(row.scores, row.truth), row.expected, TOLERANCE)
})

test.each(fixture.line)('the line is that of statsmodels', ({ x, y, expected }) => {
  expectClose(fitLine(x, y), expected, TOLERANCE)
})

test('covariances over pairs and within prompts', () => {
  for (const { x, y, expected } of fixture.covariance.over) expectClose(covarianceEstimate(x, y), expected, TOLERANCE)
  const { prompts, expected } = fixture.covariance.within
  expectClose(covarianceWithinPrompts(prompts), expected, TOLERANCE)
})

test.each(fixture.crossed)('prompts × seeds is the analysis of variance of statsmodels', ({ table, expected }) => {
  expectClose(crossedEstimate(table), expected, TOLERANCE)
})

test.each(fixture.twoSamples.welch)('Welch, $alternative, is SciPy’s', ({ first, second, alternative, expected }) => {
  expectClose(welch(first, second, alternative), expected, TOLERANCE)
})

test.each(fixture.twoSamples.kolmogorov)('Kolmogorov–Smirnov, D = $statistic, is SciPy’s', (row) => {
  const answer = kolmogorovSmirnov(row.first, row.second)
  expectClose(answer, { statistic: row.statistic, p: row.p, method: 'exact' }, TOLERANCE)
  // Small p-values keep their digits.
  expect(Math.abs(answer.p - row.p)).toBeLessThanOrEqual(1e-9 * row.p)
})
