// logspace.ts: exponentials and logarithms that survive β = 1e-6 and β = 1e6
//
// At small β the exponents g/β overflow; at large β every quantity of interest is the small difference of two numbers
// near one. The first is cured by working with logarithms, the second by never forming the difference.

/** log(e^a + e^b) without overflow; −∞ stands for log 0. */
export function logAddExp(a: number, b: number): number {
  const top = Math.max(a, b)
  return top === -Infinity ? -Infinity : top + Math.log1p(Math.exp(-Math.abs(a - b)))
}

/** log Σ e^x without overflow; −∞ for no terms, and for terms that are all −∞. */
export function logSumExp(values: ArrayLike<number>): number {
  let top = -Infinity
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i])
  if (top === -Infinity) return -Infinity
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - top)
  return top + Math.log(sum)
}

/** The probability whose log-odds are x: σ(x) = 1/(1 + e^−x). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Log-odds of a probability, nats; −∞ at 0 and +∞ at 1. */
export function logit(probability: number): number {
  return Math.log(probability) - Math.log1p(-probability)
}

/**
 * w log w − w + 1 at w = e^x: never negative, and zero only at x = 0.
 *
 * KL(π‖p) = E_p[w log w] = E_p[w log w − w + 1] for w = π/p, and the second form has no terms that cancel.
 */
export function forwardGap(x: number): number {
  if (x === -Infinity) return 1
  return Math.abs(x) < 0.5 ? series(x, (k) => k - 1) : x * Math.exp(x) - Math.expm1(x)
}

/** w − 1 − log w at w = e^x: never negative. KL(p‖π) = E_p[−log w] = E_p[w − 1 − log w]. */
export function reverseGap(x: number): number {
  return Math.abs(x) < 0.5 ? series(x, () => 1) : Math.expm1(x) - x
}

/** Σ_{k≥2} coefficient(k)·x^k/k! for |x| < ½, to the last digit. */
function series(x: number, coefficient: (k: number) => number): number {
  let power = x
  let sum = 0
  for (let k = 2; k <= 18; k++) {
    power *= x / k
    sum += coefficient(k) * power
  }
  return sum
}
