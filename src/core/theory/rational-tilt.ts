// rational-tilt.ts: where GRPO's usual KL penalty leads instead of the tilt
//
// k3 used as a loss has the gradient of KL(p‖π), not of KL(π‖p). Its optimum is rational in the reward, not exponential:
//   π(r) = p(r) / (1 − (g(r) − ḡ)/β),   ḡ = E_π[g]
// so that mass on bad outcomes falls like β and not like e^{−1/β} (algorithms.md §5.5; cf. arXiv 2502.18548).

/**
 * The policy that maximises E_π[g] − β·KL(p‖π).
 *
 * @param reference [R], p  @param reward [R], g  @param beta β > 0; an advantage scale c counts as β/c
 * @returns [R], sums to 1
 */
export function rationalTilt(reference: ArrayLike<number>, reward: ArrayLike<number>, beta: number): Float64Array {
  let top = -Infinity
  for (let r = 0; r < reward.length; r++) if (reference[r] > 0) top = Math.max(top, reward[r])
  // With z = β − (g_max − ḡ) the policy is β·p/(z + g_max − g), positive for every z > 0 and decreasing in z.
  const policy = (z: number) => Float64Array.from(reference, (p, r) => (p > 0 ? (beta * p) / (z + top - reward[r]) : 0))
  const mass = (z: number) => policy(z).reduce((sum, value) => sum + value, 0)
  // ḡ ≤ g_max gives z ≤ β.
  let low = 0
  let high = beta
  while (high - low > 1e-15 * high) {
    const middle = (low + high) / 2
    if (mass(middle) > 1) low = middle
    else high = middle
  }
  const found = policy(high)
  const total = found.reduce((sum, value) => sum + value, 0)
  return found.map((value) => value / total)
}
