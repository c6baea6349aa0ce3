// plan.ts: what a run will hold in memory, before anything is allocated

import { linearShapes } from '../formats/weights'
import type { AdapterConfig, MemoryPlan, ModelSpec, PlanShape } from '../policy'
import { activationBudget, cacheBytes, decodeRows, headRows, tapeBytesPerToken } from './batches'

const FLOAT = 4

/** Bytes at most; everything is float32 here, so the base weighs 4 bytes a parameter whatever its file. */
export function memoryPlan(
  spec: ModelSpec,
  { rank }: AdapterConfig,
  { sampleRows, trainRows, tokens }: PlanShape,
): MemoryPlan {
  const adapterParameters =
    spec.layers * Object.values(linearShapes(spec)).reduce((sum, [out, inputs]) => sum + rank * (out + inputs), 0)
  // tfjs' wasm matmul keeps a packed copy of every weight it has multiplied by.
  const weightsBytes = 2 * FLOAT * spec.parameters
  const completionsAtOnce = Math.min(sampleRows, decodeRows(spec, tokens))
  const kvCacheBytes = completionsAtOnce * cacheBytes(spec, tokens)
  const tape = tapeBytesPerToken(spec, rank, tokens) * tokens
  // The head's gradient has eight tensors of logits at once.
  const logits = 8 * FLOAT * headRows(spec) * spec.vocabSize
  const activationsBytes = Math.max(tape, Math.min(tape * trainRows, activationBudget)) + logits
  // Master, gradient and device copy; AdamW's two moments.
  const adapterBytes = 3 * FLOAT * adapterParameters
  const optimizerBytes = 2 * FLOAT * adapterParameters
  return {
    weightsBytes,
    kvCacheBytes,
    activationsBytes,
    adapterBytes,
    optimizerBytes,
    totalBytes: weightsBytes + kvCacheBytes + activationsBytes + adapterBytes + optimizerBytes,
    completionsAtOnce,
  }
}
