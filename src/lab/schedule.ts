// schedule.ts: the learning rate of each step

import type { RunConfig } from '../core/run/config'

/**
 * Linear warm-up, then constant, or falling towards 0 as a line or half a cosine. No step has a rate of 0.
 *
 * @param step from 1 to `steps`
 */
export function learningRate(optimizer: RunConfig['optimizer'], step: number, steps: number): number {
  const { learningRate: peak, warmupSteps, schedule } = optimizer
  if (step <= warmupSteps) return (peak * step) / warmupSteps
  const progress = (step - warmupSteps - 1) / (steps - warmupSteps)
  switch (schedule) {
    case 'constant':
      return peak
    case 'linear':
      return peak * (1 - progress)
    case 'cosine':
      return (peak * (1 + Math.cos(Math.PI * progress))) / 2
  }
  return schedule satisfies never
}
