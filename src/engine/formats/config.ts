// config.ts: what a model is, from its config.json and generation_config.json
//
// Anything that the engine would compute wrongly is refused here, by name, before a weight is read.

import * as v from 'valibot'
import { ModelFileError } from '../../core/errors'
import { readModelFile, type FileSource, type ReadOptions } from '../hub'
import type { ModelSpec } from '../policy'

const size = (largest: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largest))
const tokenIds = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(0)),
  v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
])
const rope = v.nullish(
  v.object({ rope_type: v.optional(v.string()), type: v.optional(v.string()), rope_theta: v.optional(v.number()) }),
)

// Upper bounds keep a hostile file from asking for memory by a number alone; the largest models read here are far below.
const ConfigSchema = v.object({
  vocab_size: size(2 ** 20),
  hidden_size: size(2 ** 14),
  intermediate_size: size(2 ** 16),
  num_hidden_layers: size(256),
  num_attention_heads: size(256),
  num_key_value_heads: v.nullish(size(256)),
  head_dim: v.nullish(size(1024)),
  max_position_embeddings: size(2 ** 24),
  rms_norm_eps: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  rope_theta: v.nullish(v.pipe(v.number(), v.gtValue(0))),
  rope_parameters: rope,
  rope_scaling: rope,
  hidden_act: v.optional(v.string(), 'silu'),
  tie_word_embeddings: v.optional(v.boolean(), false),
  use_sliding_window: v.nullish(v.boolean()),
  eos_token_id: v.nullish(tokenIds),
})
type Config = v.InferOutput<typeof ConfigSchema>

const KindSchema = v.object({ model_type: v.string() })

const GenerationConfigSchema = v.object({ eos_token_id: v.nullish(tokenIds) })

/** What `model_type` may be. */
export const architectures = ['qwen2', 'qwen3', 'llama'] as const

/**
 * Reads and checks a model's description.
 *
 * @throws {ModelFileError} if config.json is missing or malformed, or describes a model that tiltlab cannot compute
 */
export async function readModelSpec(files: FileSource, options?: ReadOptions): Promise<ModelSpec> {
  const bytes = await readModelFile(files, 'config.json', options)
  // Other architectures name their sizes otherwise: what is wrong with such a file is its architecture.
  const architecture = architectureOf(parse(KindSchema, 'config.json', bytes).model_type)
  const config = parse(ConfigSchema, 'config.json', bytes)
  const generation = await files.read('generation_config.json', options)
  const { eos_token_id } = generation ? parse(GenerationConfigSchema, 'generation_config.json', generation) : config
  return toSpec(architecture, config, eos_token_id ?? config.eos_token_id)
}

function architectureOf(modelType: string): ModelSpec['architecture'] {
  const architecture = architectures.find((name) => name === modelType)
  if (!architecture)
    throw refused('model_type', `"${modelType}" is not read; tiltlab reads ${architectures.join(', ')}`)
  return architecture
}

function toSpec(
  architecture: ModelSpec['architecture'],
  config: Config,
  eos: number | number[] | null | undefined,
): ModelSpec {
  const ropeType = [config.rope_scaling, config.rope_parameters].map((r) => r?.rope_type ?? r?.type ?? 'default')
  const scaled = ropeType.find((type) => type !== 'default')
  if (scaled) throw refused('rope_scaling', `"${scaled}" is not implemented`)
  if (config.hidden_act !== 'silu') throw refused('hidden_act', `"${config.hidden_act}" is not implemented`)
  if (config.use_sliding_window) throw refused('use_sliding_window', 'sliding windows are not implemented')
  const heads = config.num_attention_heads
  const kvHeads = config.num_key_value_heads ?? heads
  const headDim = config.head_dim ?? config.hidden_size / heads
  if (heads % kvHeads !== 0) throw refused('num_key_value_heads', `${heads} heads do not share ${kvHeads} evenly`)
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw refused('head_dim', `${headDim} is not an even whole number`)
  const spec = {
    architecture,
    vocabSize: config.vocab_size,
    layers: config.num_hidden_layers,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    heads,
    kvHeads,
    headDim,
    ropeTheta: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 10000,
    rmsNormEpsilon: config.rms_norm_eps,
    tiedEmbedding: config.tie_word_embeddings,
    maxPositions: config.max_position_embeddings,
    eosTokenIds: eos === null || eos === undefined ? [] : [eos].flat(),
  }
  return { ...spec, parameters: countParameters(spec) }
}

function countParameters(spec: Omit<ModelSpec, 'parameters'>): number {
  const { vocabSize, layers, hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const attention = (2 * heads + 2 * kvHeads) * headDim * hiddenSize
  const biases = spec.architecture === 'qwen2' ? (heads + 2 * kvHeads) * headDim : 0
  const norms = 2 * hiddenSize + (spec.architecture === 'qwen3' ? 2 * headDim : 0)
  const block = attention + biases + norms + 3 * hiddenSize * intermediateSize
  return vocabSize * hiddenSize * (spec.tiedEmbedding ? 1 : 2) + layers * block + hiddenSize
}

function parse<Schema extends v.GenericSchema>(schema: Schema, file: string, bytes: Uint8Array): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parseJson(file, bytes))
  if (result.success) return result.output
  const [issue] = result.issues
  throw new ModelFileError(file, `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}. Fetch the file again.`)
}

/** JSON of a model folder. @throws {ModelFileError} if it is none */
export function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ModelFileError(file, 'is not valid JSON. Fetch the file again.')
  }
}

function refused(field: string, problem: string): ModelFileError {
  return new ModelFileError('config.json', `${field}: ${problem}. Choose another model.`)
}
