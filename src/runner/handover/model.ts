// model.ts: a model as a folder that Python's transformers reads, with or without the adapter laid into it
//
// What is written are the numbers that tiltlab computes with: a quantised file gives its dequantised values, in float32. So
// an adapter that was trained here sits on the very base that it was trained on, and llama.cpp's converter reads the folder too.

import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelFileError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { sha256 } from '../../core/run/hash'
import { adapterSites, type AdapterSite } from '../../engine/adapter'
import { parseJson } from '../../engine/formats/config'
import { dequantise, type Matrix } from '../../engine/formats/matrix'
import { float32Bytes, safetensorsHead } from '../../engine/formats/safetensors'
import type { Linear } from '../../engine/formats/weights'
import { hashedSource, readModelFile, type FileSource } from '../../engine/hub'
import { readModel } from '../../engine/model-files'
import type { AdapterConfig, ModelSpec, TensorMap } from '../../engine/policy'
import { quantisedEmbedding } from '../../engine/open'
import { modelSource } from '../models'
import { writeAtomically } from '../storage'

/** An adapter to be laid into the weights. */
export interface LaidAdapter {
  config: AdapterConfig
  tensors: TensorMap
}

/** What was written, so that it can be told from any other. */
export interface WrittenModel {
  spec: ModelSpec
  /** Of the ONNX files that were read, as in a run's fingerprint. */
  sourceSha256: string
  tokenizerSha256: string
  /** Of the template's text; empty where the model has none. */
  chatTemplateSha256: string
}

/** One tensor under the name that transformers has for it; its values are made when it is written. */
interface NamedTensor {
  name: string
  shape: number[]
  values(): Float32Array
}

const WEIGHTS = 'model.safetensors'

/**
 * Writes a model's folder: config.json, model.safetensors, generation_config.json and the tokenizer.
 *
 * @param adapter is merged into the linear layers: W + (α/r)·B·A; null leaves the base as it is
 * @throws {ModelFileError} if the model cannot be read, or the adapter is of another model's shape
 */
export async function writeModel(
  folder: string,
  model: RunConfig['model'],
  adapter: LaidAdapter | null,
): Promise<WrittenModel> {
  const { files, sha256: sourceHash } = hashedSource(modelSource(model.id))
  const quantiseEmbedding = quantisedEmbedding(model.embedding)
  const { spec, weights } = await readModel(files, model.dtype, quantiseEmbedding ? { quantiseEmbedding } : {})
  await mkdir(folder, { recursive: true })
  const sites = adapterSites(spec)
  const tensors = [
    matrix('model.embed_tokens.weight', weights.embedding),
    ...weights.layers.flatMap(({ inputNorm, postAttentionNorm, queryNorm, keyNorm, linears }, layer) => {
      const prefix = `model.layers.${layer}`
      return [
        vector(`${prefix}.input_layernorm.weight`, inputNorm),
        vector(`${prefix}.post_attention_layernorm.weight`, postAttentionNorm),
        ...(queryNorm ? [vector(`${prefix}.self_attn.q_norm.weight`, queryNorm)] : []),
        ...(keyNorm ? [vector(`${prefix}.self_attn.k_norm.weight`, keyNorm)] : []),
        ...sites
          .filter((site) => site.layer === layer)
          .flatMap((site) => linearTensors(site, linears[site.linear], adapter)),
      ]
    }),
    vector('model.norm.weight', weights.finalNorm),
    ...(spec.tiedEmbedding ? [] : [matrix('lm_head.weight', weights.head)]),
  ]
  await writeTensors(join(folder, WEIGHTS), tensors)
  await writeJson(join(folder, 'config.json'), await transformersConfig(files, spec))
  const hashes = await writeTokenizer(folder, files)
  return { spec, sourceSha256: await sourceHash(), ...hashes }
}

/** transformers' names of the architectures that tiltlab reads. */
const CLASSES: Readonly<Record<ModelSpec['architecture'], string>> = {
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
  llama: 'LlamaForCausalLM',
}

async function transformersConfig(files: FileSource, spec: ModelSpec): Promise<Record<string, unknown>> {
  const source = parseJson('config.json', await readModelFile(files, 'config.json')) as Record<string, unknown>
  const { 'transformers.js_config': _, quantization_config: __, ...config } = source
  return {
    ...config,
    architectures: [CLASSES[spec.architecture]],
    tie_word_embeddings: spec.tiedEmbedding,
    torch_dtype: 'float32',
  }
}

/** The tokenizer as it is, but for the name of its class: some classes of transformers put splitting rules of their own in. */
async function writeTokenizer(folder: string, files: FileSource) {
  const vocabulary = await readModelFile(files, 'tokenizer.json')
  const described = await readModelFile(files, 'tokenizer_config.json')
  const config = parseJson('tokenizer_config.json', described) as Record<string, unknown>
  const template = await files.read('chat_template.jinja')
  const chatTemplate = config.chat_template ?? (template && new TextDecoder().decode(template))
  await writeAtomically(join(folder, 'tokenizer.json'), vocabulary)
  await writeJson(join(folder, 'tokenizer_config.json'), {
    ...config,
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
    tokenizer_class: 'PreTrainedTokenizerFast',
  })
  for (const name of ['generation_config.json', 'special_tokens_map.json']) {
    const bytes = await files.read(name)
    if (bytes) await writeAtomically(join(folder, name), bytes)
  }
  return {
    tokenizerSha256: await sha256(vocabulary),
    chatTemplateSha256: typeof chatTemplate === 'string' ? await sha256(new TextEncoder().encode(chatTemplate)) : '',
  }
}

/** A linear layer's tensors; with an adapter its weight is merged when it is written. */
function linearTensors(site: AdapterSite, { weight, bias }: Linear, adapter: LaidAdapter | null): NamedTensor[] {
  const path = site.nameA.replace('base_model.model.', '').replace('.lora_A.weight', '')
  const update = adapter && updateOf(site, adapter)
  return [
    {
      name: `${path}.weight`,
      shape: [weight.rows, weight.cols],
      values: () => (update ? withUpdate(weight, update) : dequantise(weight)),
    },
    ...(bias ? [vector(`${path}.bias`, bias)] : []),
  ]
}

function matrix(name: string, values: Matrix): NamedTensor {
  return { name, shape: [values.rows, values.cols], values: () => dequantise(values) }
}

function vector(name: string, values: Float32Array): NamedTensor {
  return { name, shape: [values.length], values: () => values }
}

/** A low-rank update: a [rank, in], b [out, rank]. */
interface Update {
  a: Float32Array
  b: Float32Array
  rank: number
  scale: number
}

function updateOf({ nameA, nameB, inputs, outputs }: AdapterSite, { config, tensors }: LaidAdapter): Update {
  const { rank, alpha } = config
  const a = tensorOf(tensors, nameA, [rank, inputs])
  return { a, b: tensorOf(tensors, nameB, [outputs, rank]), rank, scale: alpha / rank }
}

function tensorOf(tensors: TensorMap, name: string, shape: readonly number[]): Float32Array {
  const tensor = tensors.get(name)
  if (tensor && tensor.shape.join() === shape.join()) return tensor.data
  const found = tensor ? `is ${tensor.shape.join(' × ')}` : 'is missing'
  throw new ModelFileError(name, `${found}; the model needs ${shape.join(' × ')}. The adapter is of another model.`)
}

/** W + scale·B·A, each sum in float64. */
function withUpdate(weight: Matrix, { a, b, rank, scale }: Update): Float32Array {
  const { rows, cols } = weight
  const values = dequantise(weight)
  const row = new Float64Array(cols)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let k = 0; k < rank; k++) {
      const factor = scale * b[i * rank + k]
      for (let j = 0; j < cols; j++) row[j] += factor * a[k * cols + j]
    }
    for (let j = 0; j < cols; j++) values[i * cols + j] += row[j]
  }
  return values
}

/** Tensor by tensor: a model is never held twice. */
async function writeTensors(path: string, tensors: readonly NamedTensor[]): Promise<void> {
  const file = await open(path, 'w')
  try {
    await writeAll(file, safetensorsHead(tensors))
    for (const { values } of tensors) await writeAll(file, float32Bytes(values()))
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)
}
