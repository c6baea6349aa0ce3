// model-files.ts: a model's description and weights from its folder
//
// The one way from a folder to numbers, shared by every engine.

import { CancelledError } from '../core/errors'
import { onnxPath, type Dtype } from './dtypes'
import { readModelSpec } from './formats/config'
import { externalFiles, parseOnnx } from './formats/onnx'
import type { Matrix } from './formats/matrix'
import { quantise } from './formats/quantise'
import { findWeights, type ModelWeights } from './formats/weights'
import { readModelFile, type FileSource } from './hub'
import type { CallOptions, ModelSpec } from './policy'

export interface LoadedModel {
  spec: ModelSpec
  weights: ModelWeights
}

export interface ReadModelOptions extends CallOptions {
  /** Quantises a float embedding and head to blocks of so many bits. That is another policy than the file's. */
  quantiseEmbedding?: 4 | 8
}

/**
 * Reads config.json, the ONNX file of this dtype and its external data, and finds the weights.
 *
 * @throws {ModelFileError} that names the file at fault
 * @throws {CancelledError} if the signal aborts
 */
export async function readModel(
  files: FileSource,
  dtype: Dtype,
  { signal, onProgress, quantiseEmbedding }: ReadModelOptions = {},
): Promise<LoadedModel> {
  const options = {
    ...(signal && { signal }),
    onBytes: (done: number, total: number) => onProgress?.({ phase: 'load', done, total }),
  }
  const spec = await readModelSpec(files, options)
  const path = onnxPath(dtype)
  const model = await readModelFile(files, path, options)
  const external = new Map<string, Uint8Array>()
  for (const name of externalFiles(model, path)) external.set(name, await readModelFile(files, `onnx/${name}`, options))
  if (signal?.aborted) throw new CancelledError(`Loading ${files.name}`)
  const found = findWeights(parseOnnx(model, path, external), spec)
  const weights = quantiseEmbedding ? withQuantisedEmbedding(found, quantiseEmbedding) : found
  return { spec: { ...spec, tiedEmbedding: weights.head === weights.embedding }, weights }
}

/** A tied head stays tied; what is quantised already stays as it is. */
function withQuantisedEmbedding(weights: ModelWeights, bits: 4 | 8): ModelWeights {
  const smaller = (matrix: Matrix) => (matrix.kind === 'float' ? quantise(matrix, bits) : matrix)
  const embedding = smaller(weights.embedding)
  const head = weights.head === weights.embedding ? embedding : smaller(weights.head)
  return { ...weights, embedding, head }
}
