// plan.ts: what a run will hold in the device's memory, before anything is allocated

import type { MemoryPlan, ModelSpec, PlanShape } from '../policy'
import { cacheBytes, decodeSizes, type SizedModel } from './decode'
import { MAX_DECODE_ROWS } from './kernels/decode-state'
import { sharedBytes, type PhaseSizes } from './memory'
import { passSizes } from './activations'
import { decodeCapacity, packCapacity, passShape, type DecodeShape, type Limits } from './sizes'

/**
 * Bytes at most, for prompts and completions of any lengths that add up to `tokens`. Decoding, scoring and training share their
 * memory (memory.ts), so activations are what the largest of the three needs beyond keys and values.
 */
export function memoryPlan(model: SizedModel, weightsBytes: number, limits: Limits, shape: PlanShape): MemoryPlan {
  const decode = decodeShape(model.spec, limits, shape)
  const kvCacheBytes = cacheBytes(model.spec, decode)
  const plan = {
    weightsBytes,
    kvCacheBytes,
    activationsBytes: sharedBytes(phases(model, limits, shape)) - kvCacheBytes,
    // Parameters and gradient; AdamW's two moments.
    adapterBytes: 2 * 4 * model.layout.length,
    optimizerBytes: 2 * 4 * model.layout.length,
  }
  const totalBytes = Object.values(plan).reduce((sum, bytes) => sum + bytes, 0)
  return { ...plan, totalBytes, completionsAtOnce: decode.rows }
}

/** The largest single buffer of such a run but for weights, which are cut to what an adapter allows; bytes. */
export function largestBuffer(model: SizedModel, limits: Limits, shape: PlanShape): number {
  const sizes = phases(model, limits, shape).flatMap((phase) => Object.values(phase))
  return Math.max(4 * model.layout.length, ...sizes)
}

/** What a run does one after the other. */
function phases(model: SizedModel, limits: Limits, shape: PlanShape): PhaseSizes[] {
  const { spec, layout } = model
  const trained = packCapacity(spec, limits, shape.tokens, shape.trainRows * shape.tokens)
  return [
    decodeSizes(model, decodeShape(spec, limits, shape)),
    passSizes(spec, layout.rank, passShape(spec, limits, trained, 'divergence')),
    passSizes(spec, layout.rank, passShape(spec, limits, trained, 'gradient')),
  ]
}

/** The largest wave of such a request: every prompt as long as the completion leaves room for, or the other way round. */
function decodeShape(spec: ModelSpec, limits: Limits, { sampleRows, tokens }: PlanShape): DecodeShape {
  const prompts = Array.from({ length: sampleRows }, () => ({ length: tokens }) as readonly number[])
  const capacity = decodeCapacity(spec, limits, { prompts, maxNewTokens: tokens }, MAX_DECODE_ROWS)
  return {
    promptTokens: capacity.promptTokens,
    longestPrompt: tokens,
    rows: Math.min(capacity.rows, sampleRows),
    budget: tokens,
    filteredRows: Math.min(capacity.rows, sampleRows),
  }
}
