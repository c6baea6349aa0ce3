// moments.ts: means and deviations, of all values and of groups of them

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length
}

/** Sum, in order. */
export function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}

/** Sum of squared deviations from the mean, divided by n − 1 (unbiased, NaN for one value) or by n (population); NaN of nothing. */
export function variance(values: ArrayLike<number>, unbiased = true): number {
  if (values.length === 0) return NaN
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2
  return squares / (unbiased ? values.length - 1 : values.length)
}

/** Square root of `variance`. */
export function standardDeviation(values: ArrayLike<number>, unbiased = true): number {
  return Math.sqrt(variance(values, unbiased))
}
