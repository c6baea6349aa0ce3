// controller.ts: who decides β while a run goes on
//
// After every step the controller sees the KL that was measured and gives the β of the next step, or ends the run.

import * as v from 'valibot'
import { ConfigError } from '../errors'

const positive = (title: string, description: string) =>
  v.pipe(v.number(), v.gtValue(0), v.title(title), v.description(description))

export const ControllerConfigSchema = v.variant('kind', [
  v.strictObject({
    kind: v.pipe(v.literal('fixed'), v.title('KL control'), v.description('β stays as configured')),
  }),
  v.strictObject({
    kind: v.pipe(
      v.literal('adaptive'),
      v.title('KL control'),
      v.description('β follows a target KL (Ziegler et al. 2019, OpenRLHF)'),
    ),
    targetNats: positive('Target KL', 'KL(π‖π_ref) that β steers towards, nats'),
    horizon: positive('Horizon', 'Samples over which β may change by about a fifth (OpenRLHF: 10000)'),
  }),
  v.strictObject({
    kind: v.pipe(v.literal('budget'), v.title('KL control'), v.description('A hard allowance of KL')),
    allowanceNats: positive('Allowance', 'KL(π‖π_ref) that may be spent, nats'),
    action: v.pipe(
      v.picklist(['raise', 'stop']),
      v.title('Beyond the allowance'),
      v.description('raise: β is multiplied by growth after every step above the allowance; stop: the run ends'),
    ),
    growth: v.pipe(
      v.number(),
      v.gtValue(1),
      v.title('Growth'),
      v.description('Factor by which action raise multiplies β'),
    ),
  }),
])

/** How β is controlled. */
export type ControllerConfig = v.InferOutput<typeof ControllerConfigSchema>

export interface ControllerState {
  /** β of the next step. */
  beta: number
  /** true once the run should end: the KL allowance is spent. */
  stop: boolean
}

/** What one step measured. */
export interface KlMeasurement {
  /** Mean over samples of each one's token-mean KL for adaptive (algorithms.md §2.4); the budget's own unit for budget, nats. */
  klNats: number
  /** Completions in the step. */
  samples: number
}

/**
 * β for the next step.
 *
 * adaptive: e = clamp(KL / target − 1, ±0.2), β ← β·(1 + e·samples / horizon) (algorithms.md §2.4).
 * budget: at or below the allowance nothing changes; above it β grows, or the run stops.
 *
 * @throws {ConfigError} if the budget is to raise a β of 0
 */
export function nextController(
  config: ControllerConfig,
  state: ControllerState,
  measured: KlMeasurement,
): ControllerState {
  switch (config.kind) {
    case 'fixed':
      return state
    case 'adaptive': {
      const error = Math.min(0.2, Math.max(-0.2, measured.klNats / config.targetNats - 1))
      return { ...state, beta: state.beta * (1 + (error * measured.samples) / config.horizon) }
    }
    case 'budget': {
      if (measured.klNats <= config.allowanceNats) return state
      if (config.action === 'stop') return { ...state, stop: true }
      if (state.beta === 0)
        throw new ConfigError('kl.beta', 'a budget cannot raise a β of 0; set β > 0 or let the budget stop the run')
      return { ...state, beta: state.beta * config.growth }
    }
  }
  return config satisfies never
}
