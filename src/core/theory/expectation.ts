// expectation.ts: means and covariances under a discrete distribution
//
// Outcomes without mass are skipped rather than multiplied by zero: their values may be infinite.

/** E_p[f]. @param p [R], sums to 1  @param f [R] */
export function expectation(p: ArrayLike<number>, f: ArrayLike<number>): number {
  let sum = 0
  for (let r = 0; r < p.length; r++) if (p[r] > 0) sum += p[r] * f[r]
  return sum
}

/** Cov_p(f, g) = E_p[(f − f̄)(g − ḡ)]; exactly 0 if f or g is the same everywhere that p has mass. */
export function covariance(p: ArrayLike<number>, f: ArrayLike<number>, g: ArrayLike<number>): number {
  const left = centred(p, f)
  const right = centred(p, g)
  return expectation(
    p,
    left.map((value, r) => value * right[r]),
  )
}

/** Var_p(f); exactly 0 if f is the same everywhere that p has mass. */
export function variance(p: ArrayLike<number>, f: ArrayLike<number>): number {
  return covariance(p, f, f)
}

/** Largest minus smallest value of f where p has mass. */
export function range(p: ArrayLike<number>, f: ArrayLike<number>): number {
  let low = Infinity
  let high = -Infinity
  for (let r = 0; r < p.length; r++) {
    if (p[r] === 0) continue
    low = Math.min(low, f[r])
    high = Math.max(high, f[r])
  }
  return high - low
}

/** f − E_p[f] on the support and 0 off it. Centred on a value that occurs first, so that a constant gives exact zeros. */
export function centred(p: ArrayLike<number>, f: ArrayLike<number>): Float64Array {
  let origin = NaN
  for (let r = 0; r < p.length && Number.isNaN(origin); r++) if (p[r] > 0) origin = f[r]
  const shifted = Float64Array.from(f, (value, r) => (p[r] > 0 ? value - origin : 0))
  const mean = expectation(p, shifted)
  return shifted.map((value, r) => (p[r] > 0 ? value - mean : 0))
}
