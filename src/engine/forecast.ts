// forecast.ts: what a run will hold in memory, before its model is even downloaded
//
// The engines' own memory plans, fed with what config.json and the sizes of files say. On the device weights lie as they do in
// their file, so they take what the file takes.

import type { AdapterConfig, MemoryPlan, ModelSpec, PlanShape } from './policy'
import { memoryPlan as referencePlan } from './reference/plan'
import { adapterLayout } from './webgpu/parameters'
import { largestBuffer, memoryPlan } from './webgpu/plan'
import { limitsOf } from './webgpu/sizes'

export interface Forecast {
  plan: MemoryPlan
  /** The largest single buffer that is asked of the adapter; 0 where none is. */
  largestBytes: number
}

/** What computes the run: an adapter, by what its sizes depend on, or plain WebAssembly. */
export type ForecastEngine = { software: boolean; lanes: number } | 'wasm'

/** @param weightsBytes of the ONNX file with its external data */
export function forecastMemory(
  spec: ModelSpec,
  weightsBytes: number,
  adapter: AdapterConfig,
  engine: ForecastEngine,
  shape: PlanShape,
): Forecast {
  if (engine === 'wasm') return { plan: referencePlan(spec, adapter, shape), largestBytes: 0 }
  const limits = limitsOf(engine.software, engine.lanes)
  const layout = adapterLayout(spec, adapter.rank)
  const model = {
    gpu: { adapter: engine },
    spec,
    layout,
    weights: { head: { segments: [{ rows: spec.vocabSize }] } },
  }
  return {
    plan: memoryPlan(model, weightsBytes, limits, shape),
    largestBytes: largestBuffer(model, limits, shape),
  }
}
