// distributions.ts: tail probabilities and quantiles of the normal, Student's t, Fisher's F, Kolmogorov's K and the binomial
//
// Accurate to about 1e-13 relative where tests are decided (test/fixtures/stats.json has SciPy's values). Written out
// because the libraries at hand are either rough (1e-8) or hundreds of packages.

import { bisect } from './numerics'

/** What an alternative hypothesis says about the difference. */
export type Alternative = 'two-sided' | 'greater' | 'less'

/** P(Z ≤ z) of a standard normal. */
export function normalCdf(z: number): number {
  return z > 0 ? 1 - normalUpperTail(z) : normalUpperTail(-z)
}

/** The z with P(Z ≤ z) = p; ∓Infinity at 0 and 1. */
export function normalQuantile(p: number): number {
  return symmetricQuantile(p, normalUpperTail)
}

/** P(T > t) of Student's t; df = degrees of freedom > 0. */
export function studentUpperTail(t: number, df: number): number {
  if (t < 0) return 1 - studentUpperTail(-t, df)
  return incompleteBeta(df / (df + t * t), df / 2, 1 / 2) / 2
}

/** The t with P(T ≤ t) = p. */
export function studentQuantile(p: number, df: number): number {
  return symmetricQuantile(p, (t) => studentUpperTail(t, df))
}

/** P(F > f) of Fisher's F with df1 and df2 degrees of freedom; f ≥ 0. */
export function fisherUpperTail(f: number, df1: number, df2: number): number {
  return incompleteBeta(df2 / (df2 + df1 * f), df2 / 2, df1 / 2)
}

/** P(X ≥ k) of a binomial: k or more successes in n trials, each with probability p. */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  return k > n ? 0 : incompleteBeta(p, k, n - k + 1)
}

/** P(X = k) of a binomial: k successes in n trials, each with probability p; 0 ≤ k ≤ n. */
export function binomialProbability(k: number, n: number, p: number): number {
  // At p = 0 and p = 1 a logarithm is infinite; zero times it is zero here.
  const times = (count: number, log: number) => (count === 0 ? 0 : count * log)
  return Math.exp(logChoose(n, k) + times(k, Math.log(p)) + times(n - k, Math.log1p(-p)))
}

/** P(K > x) of Kolmogorov's distribution, the limit of √N·D: one of two series, each where it converges fast. */
export function kolmogorovUpperTail(x: number): number {
  if (x === 0) return 1
  const terms = Array.from({ length: 20 }, (_, k) => k + 1)
  if (x < 1) {
    const odd = terms.map((k) => Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * x * x)))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * odd.reduce((total, term) => total + term, 0)
  }
  return 2 * terms.reduce((total, k) => total + (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x), 0)
}

/** The p-value of a statistic whose null distribution is symmetric about 0, from its upper tail. */
export function symmetricP(statistic: number, upperTail: (x: number) => number, alternative: Alternative): number {
  if (alternative === 'greater') return upperTail(statistic)
  if (alternative === 'less') return upperTail(-statistic)
  return Math.min(1, 2 * upperTail(Math.abs(statistic)))
}

/** P(Z > z) for z ≥ 0: Taylor series around 0, continued fraction in the tail. */
function normalUpperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 2.5) {
    let term = z
    let total = z
    for (let k = 3; total + term !== total; k += 2) total += term *= (z * z) / k
    return 1 / 2 - density * total
  }
  let fraction = z
  // More than twice the terms that the last bit needs, from z = 2.5 to where the density underflows.
  for (let k = Math.ceil(900 / (z * z)) + 8; k >= 1; k--) fraction = z + k / fraction
  return density / fraction
}

/** Inverts a symmetric distribution by bisection on its upper tail, to the last bit. */
function symmetricQuantile(p: number, upperTail: (x: number) => number): number {
  if (p < 1 / 2) return -symmetricQuantile(1 - p, upperTail)
  if (p === 1 / 2) return 0
  if (p === 1) return Infinity
  let high = 1
  while (upperTail(high) > 1 - p) high *= 2
  return bisect(0, high, (x) => upperTail(x) <= 1 - p)
}

/**
 * I_x(a, b), the regularised incomplete beta function.
 *
 * @see Press et al., Numerical Recipes §6.4: the continued fraction, on the side where it converges fast
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  return front * betaFraction(x, a, b)
}

/** Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16 || m === 10_000) return fraction
  }
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

// Stirling's series, B_2k / (2k·(2k − 1)): nine digits from x = 3, sixteen from x = 15.
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]

/** log Γ(x) for x > 0: Stirling's series after shifting x to where it is exact. */
function logGamma(x: number): number {
  let shift = 0
  for (; x < 15; x++) shift += Math.log(x)
  const series = STIRLING.reduceRight((sum, coefficient) => sum / (x * x) + coefficient, 0) / x
  return (x - 1 / 2) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - shift
}
