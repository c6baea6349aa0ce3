// adamw.ts: AdamW with decoupled weight decay and bias correction, on the host
//
// The adapter is small; the host updates it in float64 steps over float32 state, the same on every backend.

import { MOMENTS } from '../adapter'
import type { TensorMap, UpdateResult, UpdateSettings } from '../policy'

/** Global L2 norm of all tensors together. */
export function globalNorm(tensors: TensorMap): number {
  let sum = 0
  for (const { data } of tensors.values()) for (const value of data) sum += value * value
  return Math.sqrt(sum)
}

/**
 * One update in place: θ ← θ·(1 − lr·wd) − lr·m̂ / (√v̂ + ε), after scaling the gradient to `clipNorm`.
 * Nothing changes if the gradient is not finite.
 *
 * @param moments  `exp_avg.NAME` and `exp_avg_sq.NAME` of every parameter
 * @param update   number of this update, from 1
 * @see Loshchilov & Hutter 2019 (arXiv 1711.05101) algorithm 2; torch.optim.AdamW and torch.nn.utils.clip_grad_norm_
 */
export function adamw(
  parameters: TensorMap,
  gradient: TensorMap,
  moments: TensorMap,
  settings: UpdateSettings,
  update: number,
): UpdateResult {
  const gradNorm = globalNorm(gradient)
  if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false }
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = settings
  const clip = Math.min(1, clipNorm / (gradNorm + 1e-6))
  const stepSize = learningRate / (1 - beta1 ** update)
  const correction = Math.sqrt(1 - beta2 ** update)
  for (const [name, { data: parameter }] of parameters) {
    const g = gradient.get(name)!.data
    const [m, v] = MOMENTS.map((moment) => moments.get(`${moment}.${name}`)!.data)
    for (let i = 0; i < parameter.length; i++) {
      const clipped = g[i] * clip
      m[i] = beta1 * m[i] + (1 - beta1) * clipped
      v[i] = beta2 * v[i] + (1 - beta2) * clipped * clipped
      parameter[i] =
        parameter[i] * (1 - learningRate * weightDecay) - (stepSize * m[i]) / (Math.sqrt(v[i]) / correction + epsilon)
    }
  }
  return { gradNorm, applied: true }
}
