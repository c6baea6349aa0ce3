// best-of-n.ts: drawing n answers and keeping the best, seen as a policy
//
// The cheapest way to gain reward, and therefore the yardstick: how far does it move the policy for the same gain?
// algorithms.md §5.2; Beirami et al. 2024 (arXiv 2401.01879) for the KL formula being an upper bound.

/**
 * Distribution of the best of n independent draws; draws that tie for the best are taken in proportion to p.
 *
 * @param reference [R], p  @param reward [R], what "best" means  @param n number of draws, ≥ 1
 * @returns [R], sums to 1
 */
export function bestOfN(reference: ArrayLike<number>, reward: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from(reference, (p, r) => {
    if (p === 0) return 0
    let below = 0
    let tied = 0
    for (let other = 0; other < reference.length; other++) {
      if (reward[other] < reward[r]) below += reference[other]
      if (reward[other] === reward[r]) tied += reference[other]
    }
    // (below + tied)ⁿ − belowⁿ, without subtracting two numbers near one.
    const upTo = below + tied
    return (p / tied) * upTo ** n * -Math.expm1(n * Math.log1p(-tied / upTo))
  })
}

/**
 * Divergences of best-of-n from the reference when no two draws tie (continuous rewards).
 * For discrete rewards the KL is an upper bound that can be far too large.
 *
 * @param n number of draws, ≥ 1
 */
export function bestOfNContinuous(n: number): { kl: number; chi2: number; tv: number } {
  return {
    kl: Math.log(n) - (n - 1) / n,
    chi2: (n - 1) ** 2 / (2 * n - 1),
    // n^{−1/(n−1)} → 1/e as n → 1, where the factor behind it vanishes.
    tv: n === 1 ? 0 : n ** (-1 / (n - 1)) * (1 - 1 / n),
  }
}

/** Success probability of best-of-n with a binary reward: 1 − (1 − q)ⁿ. */
export function bestOfNSuccess(q: number, n: number): number {
  return -Math.expm1(n * Math.log1p(-q))
}

/** The number of draws (not rounded) after which best-of-n succeeds as often as a policy with success probability P. */
export function equalGainN(q: number, success: number): number {
  return Math.log1p(-success) / Math.log1p(-q)
}
