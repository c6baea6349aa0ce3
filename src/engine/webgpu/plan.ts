// plan.ts: what a run will hold in the device's memory, before anything is allocated

import type { MemoryPlan, ModelSpec, PlanShape } from '../policy'
import { cacheBytes, decodeSizes } from './decode'
import { MAX_DECODE_ROWS } from './kernels/decode-state'
import { sharedBytes } from './memory'
import { passSizes } from './activations'
import type { DeviceModel } from './pass'
import { decodeCapacity, packCapacity, passShape, type DecodeShape, type Limits } from './sizes'

/**
 * Bytes at most, for prompts and completions of any lengths that add up to `tokens`. Decoding, scoring and training share their
 * memory (memory.ts), so activations are what the largest of the three needs beyond keys and values.
 */
export function memoryPlan(
  model: Pick<DeviceModel, 'gpu' | 'spec' | 'weights' | 'layout'>,
  weightsBytes: number,
  limits: Limits,
  { sampleRows, trainRows, tokens }: PlanShape,
): MemoryPlan {
  const { gpu, spec, layout } = model
  const decode = decodeShape(spec, limits, sampleRows, tokens)
  const trained = packCapacity(spec, limits, tokens, trainRows * tokens)
  const shared = sharedBytes([
    decodeSizes(gpu, model, decode),
    passSizes(spec, layout.rank, passShape(spec, limits, trained, 'divergence')),
    passSizes(spec, layout.rank, passShape(spec, limits, trained, 'gradient')),
  ])
  const kvCacheBytes = cacheBytes(spec, decode)
  const plan = {
    weightsBytes,
    kvCacheBytes,
    activationsBytes: shared - kvCacheBytes,
    // Parameters and gradient; AdamW's two moments.
    adapterBytes: 2 * 4 * layout.length,
    optimizerBytes: 2 * 4 * layout.length,
  }
  const totalBytes = Object.values(plan).reduce((sum, bytes) => sum + bytes, 0)
  return { ...plan, totalBytes, completionsAtOnce: decode.rows }
}

/** The largest wave of such a request: every prompt as long as the completion leaves room for, or the other way round. */
function decodeShape(spec: ModelSpec, limits: Limits, sampleRows: number, tokens: number): DecodeShape {
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
