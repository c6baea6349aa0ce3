// numerics.ts: integrals and roots, for the distributions that have no closed form

/**
 * ∫ f over [low, high] by tanh-sinh quadrature, the step halved until nothing changes: twelve digits or more of a
 * function that is smooth inside the interval, whatever it does at the ends.
 *
 * @param f finite inside the interval
 * @see Takahasi & Mori 1974
 */
export function integrate(f: (x: number) => number, low: number, high: number): number {
  const width = high - low
  const term = (t: number) => {
    const inner = (Math.PI / 2) * Math.sinh(t)
    // The logistic function rather than tanh: next to `low` it keeps its digits.
    const x = low + width / (1 + Math.exp(-2 * inner))
    return (f(x) * (Math.PI / 2) * Math.cosh(t)) / Math.cosh(inner) ** 2
  }
  // Beyond t = 3.25 the weights fall below the rounding of a sum.
  const nodes = (step: number, first: number, stride: number) => {
    let total = 0
    for (let k = first; k * step <= 3.25; k += stride) total += term(k * step) + term(-k * step)
    return total
  }
  let step = 1 / 8
  let total = term(0) + nodes(step, 1, 1)
  let integral = (width / 2) * step * total
  for (let halvings = 0; halvings < 8; halvings++) {
    step /= 2
    total += nodes(step, 1, 2)
    const finer = (width / 2) * step * total
    // Halving squares the error: eleven digits that stay are all of them.
    const settled = Math.abs(finer - integral) <= 1e-11 * Math.abs(finer)
    integral = finer
    if (settled) break
  }
  return integral
}

/**
 * The smallest x in (low, high] from which on a condition holds, to the last bit.
 *
 * @param holds false, then true from some x on; taken to be true at high
 */
export function bisect(low: number, high: number, holds: (x: number) => boolean): number {
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return high
    if (holds(middle)) high = middle
    else low = middle
  }
}
