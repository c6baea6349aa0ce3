// context.ts: what a measure is given, on a tiny model of random weights

import type { RunConfig } from '../../../../src/core/run/config'
import type { LoadedModel } from '../../../../src/lab/hosts'
import type { Measure, MeasureContext } from '../../../../src/lab/experiments/experiment'
import { loadModel } from '../../../../src/runner/load'
import { dataSource } from '../../../../src/runner/models'
import { tinyConfig } from '../../hosts'

/** The tiny model, and a context in which every measure of the base is taken anew. */
export async function tinyContext(
  changes: Partial<RunConfig> = {},
): Promise<{ model: LoadedModel; context: MeasureContext; dispose(): void }> {
  const config = tinyConfig(changes)
  const model = await loadModel(config, {})
  const context: MeasureContext = {
    model,
    config,
    hosts: { loadModel, data: dataSource, identity: { version: 'test', platform: 'test' } },
    ofBase: <T>(measure: Measure<T>) => measure.take(context),
    options: {},
  }
  return { model, context, dispose: () => model.policy.dispose() }
}

/** Moves the policy away from the reference: one update towards the tokens of a sequence. */
export async function nudge({ policy }: LoadedModel, rate = 0.05): Promise<void> {
  const row = { tokens: [5, 9, 11, 7, 3], from: 1, coefficients: new Float64Array(4).fill(-1) }
  await policy.accumulate([row], 1)
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 }
  await policy.step({ learningRate: rate, ...adam })
}
