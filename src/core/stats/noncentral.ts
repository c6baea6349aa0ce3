// noncentral.ts: Student's t where there is an effect, which is what power is about
//
// A t statistic divides by an estimated deviation: S = √(χ²_df / df) times the true one. Given S all is normal, so a
// probability of a t test is the mean over S of a normal probability: P(T > t) = E[Φ(δ − t·S)] with the noncentrality δ.

import { integrate } from './numerics'

/**
 * E[f(S); S < limit] with S = √(χ²_df / df), the estimated over the true deviation.
 *
 * @param df    degrees of freedom; to 1e-13 from 1 upwards, roughly below
 * @param f     smooth below the limit
 * @param limit S beyond it counts as 0
 * @see Johnson, Kotz & Balakrishnan 1995, chapter 31
 */
export function meanOverDeviation(df: number, f: (s: number) => number, limit = Infinity): number {
  // Up to a constant: S has the density s^(df − 1)·e^(−df·s²/2), and u = log S this one, largest at 0.
  const log = (u: number) => df * (u - Math.expm1(2 * u) / 2)
  const density = (s: number) => Math.exp(log(Math.log(s))) / s
  const negligible = (direction: -1 | 1) => {
    let u = direction / Math.sqrt(df)
    while (log(u) > -45) u *= 1.25
    return Math.exp(u)
  }
  const [low, high] = [negligible(-1), negligible(1)]
  if (limit <= low) return 0
  return integrate((s) => density(s) * f(s), low, Math.min(high, limit)) / integrate(density, low, high)
}
