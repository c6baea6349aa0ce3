// model-files.ts: a model's description and weights from its folder
//
// The one way from a folder to numbers, shared by every engine.

import { CancelledError } from '../core/errors'
import { readModelSpec } from './formats/config'
import { externalFiles, parseOnnx } from './formats/onnx'
import { findWeights, type ModelWeights } from './formats/weights'
import { readModelFile, type FileSource } from './hub'
import type { CallOptions, ModelSpec } from './policy'

/** Which ONNX file of a folder is read; names as in transformers.js. */
export type Dtype = 'q4' | 'q4f16' | 'q8' | 'fp16' | 'fp32'

const SUFFIX: Record<Dtype, string> = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4', q4f16: '_q4f16' }

export interface LoadedModel {
  spec: ModelSpec
  weights: ModelWeights
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
  { signal, onProgress }: CallOptions = {},
): Promise<LoadedModel> {
  const options = {
    ...(signal && { signal }),
    onBytes: (done: number, total: number) => onProgress?.({ phase: 'load', done, total }),
  }
  const spec = await readModelSpec(files, options)
  const path = `onnx/model${SUFFIX[dtype]}.onnx`
  const model = await readModelFile(files, path, options)
  const external = new Map<string, Uint8Array>()
  for (const name of externalFiles(model, path)) external.set(name, await readModelFile(files, `onnx/${name}`, options))
  if (signal?.aborted) throw new CancelledError(`Loading ${files.name}`)
  const weights = findWeights(parseOnnx(model, path, external), spec)
  return { spec: { ...spec, tiedEmbedding: weights.head === weights.embedding }, weights }
}
