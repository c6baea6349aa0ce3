// regression.ts: a straight line through points, and whether it is the line y = x

import { fisherUpperTail } from './distributions'
import { mean, sum } from './moments'
import { studentInterval } from './paired'
import type { Interval } from './paired'

/** A coefficient with its 95 % t interval. */
export interface Coefficient extends Interval {
  value: number
  standardError: number
}

/** y = intercept + slope·x by ordinary least squares. */
export interface Line {
  intercept: Coefficient
  slope: Coefficient
  /** Share of the variance of y that the line explains; NaN where y never changes. */
  rSquared: number
  /** Deviation of y around the line, n − 2 degrees of freedom. */
  residualDeviation: number
  /** The line y = x, with nothing fitted. */
  identity: {
    /** 1 − Σ(y − x)² / Σ(y − ȳ)²: how well x itself predicts y; negative where the mean of y does better. */
    rSquared: number
    /** F on 2 and n − 2 degrees of freedom, for slope 1 and intercept 0 together. */
    statistic: number
    /** Small: the points are not around y = x. */
    p: number
  }
}

/**
 * The least-squares line through points: measured against predicted drift, say.
 *
 * Error is taken to be in y alone. Where x is itself measured with error the slope is drawn towards 0, so a slope below 1
 * then needs the errors of x beside it before it means anything.
 *
 * @param x [n]
 * @param y [n]
 * @returns null of fewer than three points, or where x never changes
 * @see Draper & Smith 1998, chapters 1 and 3; §9.1 for the joint test
 */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  const n = x.length
  const points = Array.from(x, (value, i) => [value, y[i]])
  if (n < 3 || points.every(([value]) => value === x[0])) return null
  const [centreX, centreY] = [mean(x), mean(y)]
  const spreadX = sum(points.map(([px]) => (px - centreX) ** 2))
  const spreadY = sum(points.map(([, py]) => (py - centreY) ** 2))
  const slope = sum(points.map(([px, py]) => (px - centreX) * (py - centreY))) / spreadX
  const intercept = centreY - slope * centreX
  const residuals = sum(points.map(([px, py]) => (py - centreY - slope * (px - centreX)) ** 2))

  const df = n - 2
  const residualVariance = residuals / df
  const coefficient = (value: number, standardError: number): Coefficient => ({
    value,
    standardError,
    ...studentInterval({ mean: value, standardError, df }),
  })
  const fromIdentity = sum(points.map(([px, py]) => (py - px) ** 2))
  // What fitting gained: the squared distance of the two lines at the points.
  const gained = sum(points.map(([px]) => (intercept + (slope - 1) * px) ** 2))
  // On y = x exactly rounding would decide; there the answer is known.
  const statistic = fromIdentity === 0 ? 0 : gained / 2 / residualVariance
  return {
    intercept: coefficient(intercept, Math.sqrt(residualVariance * (1 / n + centreX ** 2 / spreadX))),
    slope: coefficient(slope, Math.sqrt(residualVariance / spreadX)),
    rSquared: 1 - residuals / spreadY,
    residualDeviation: Math.sqrt(residualVariance),
    identity: { rSquared: 1 - fromIdentity / spreadY, statistic, p: fisherUpperTail(statistic, 2, df) },
  }
}
