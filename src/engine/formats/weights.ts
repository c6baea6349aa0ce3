// weights.ts: which tensor of an ONNX graph is which weight
//
// Exporters name initialisers as they like (onnx::MatMul_8802_Q4), but nodes keep the module's path:
// /model/layers.3/self_attn/q_proj/MatMul_Q4. So a weight is found by the path of the node that uses it, its operator,
// and the graph's edges. Two layouts are read: optimum's (plain operators) and onnxruntime-genai's (fused operators).

import { ModelFileError } from '../../core/errors'
import type { ModelSpec } from '../policy'
import { toFloat32 } from './floats'
import { sliceRows, type Matrix } from './matrix'
import type { OnnxGraph, OnnxNode } from './onnx'
import { embeddingMatrix, linearMatrix, vector } from './tensors'

/** y = x·Wᵀ + b, W [out, in]. */
export interface Linear {
  weight: Matrix
  bias?: Float32Array
}

/** The seven linear layers of a block, which are also what the adapter adapts; names are PEFT's target modules. */
export const LINEARS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export type LinearName = (typeof LINEARS)[number]

export interface LayerWeights {
  /** RMSNorm weights [hidden]. */
  inputNorm: Float32Array
  postAttentionNorm: Float32Array
  /** RMSNorm of each head's query and key [headDim]; Qwen3 only. */
  queryNorm?: Float32Array
  keyNorm?: Float32Array
  linears: Record<LinearName, Linear>
}

export interface ModelWeights {
  /** [vocabulary, hidden] */
  embedding: Matrix
  /** [vocabulary, hidden]; the very same object as `embedding` when tied. */
  head: Matrix
  finalNorm: Float32Array
  layers: LayerWeights[]
}

/** [out, in] of each linear layer. */
export function linearShapes(spec: ModelSpec): Record<LinearName, [number, number]> {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  return {
    q_proj: [heads * headDim, hiddenSize],
    k_proj: [kvHeads * headDim, hiddenSize],
    v_proj: [kvHeads * headDim, hiddenSize],
    o_proj: [hiddenSize, heads * headDim],
    gate_proj: [intermediateSize, hiddenSize],
    up_proj: [intermediateSize, hiddenSize],
    down_proj: [hiddenSize, intermediateSize],
  }
}

/**
 * Finds every weight of the model.
 *
 * @throws {ModelFileError} if a weight is missing, of another shape than config.json says, or stored in a way that is not read
 */
export function findWeights(graph: OnnxGraph, spec: ModelSpec): ModelWeights {
  const modules = modulesOf(graph)
  const { vocabSize, hiddenSize } = spec
  const embedding = embeddingMatrix(graph, required(modules, '/model/embed_tokens', EMBEDDING), vocabSize, hiddenSize)
  const headNode = required(modules, '/lm_head', LINEAR)
  const head = linearMatrix(graph, headNode, vocabSize, hiddenSize)
  return {
    embedding: embedding.matrix,
    head: head.source === embedding.source ? embedding.matrix : head.matrix,
    finalNorm: normBefore(graph, headNode, hiddenSize),
    layers: Array.from({ length: spec.layers }, (_, layer) => findLayer(modules, spec, layer)),
  }
}

/** A graph, and its nodes by the path of their module: all of a node's name but the last part. */
interface Modules {
  graph: OnnxGraph
  nodes: Map<string, OnnxNode[]>
}

const LINEAR = ['MatMulNBits', 'MatMul', 'MatMulInteger', 'Gemm']
const EMBEDDING = ['GatherBlockQuantized', 'Gather']
const NORM = ['Mul', 'SimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', 'RMSNormalization']
/** What may stand between a norm and the linear layer that it feeds. */
const BETWEEN = ['Cast', 'Identity', 'DynamicQuantizeLinear']

function modulesOf(graph: OnnxGraph): Modules {
  const nodes: Modules['nodes'] = new Map()
  for (const node of graph.nodes) {
    const path = node.name.slice(0, node.name.lastIndexOf('/'))
    const module = nodes.get(path)
    if (module) module.push(node)
    else nodes.set(path, [node])
  }
  return { graph, nodes }
}

function findLayer(modules: Modules, spec: ModelSpec, layer: number): LayerWeights {
  const { graph, nodes } = modules
  const path = `/model/layers.${layer}`
  const attention = nodes.has(`${path}/attn/o_proj`) ? `${path}/attn` : `${path}/self_attn`
  const fused = nodes.has(`${attention}/qkv_proj`)
  const shapes = linearShapes(spec)
  const find = (module: string, name: LinearName) => linear(modules, `${module}/${name}`, shapes[name])
  const inputOf = (module: string) => normBefore(graph, required(modules, module, LINEAR), spec.hiddenSize)
  return {
    inputNorm: inputOf(`${attention}/${fused ? 'qkv_proj' : 'q_proj'}`),
    postAttentionNorm: inputOf(`${path}/mlp/gate_proj`),
    ...(spec.architecture === 'qwen3' && {
      queryNorm: headNorm(modules, attention, 'q_norm', 14, spec.headDim),
      keyNorm: headNorm(modules, attention, 'k_norm', 15, spec.headDim),
    }),
    linears: {
      ...(fused
        ? fusedAttention(modules, `${attention}/qkv_proj`, shapes)
        : { q_proj: find(attention, 'q_proj'), k_proj: find(attention, 'k_proj'), v_proj: find(attention, 'v_proj') }),
      o_proj: find(attention, 'o_proj'),
      gate_proj: find(`${path}/mlp`, 'gate_proj'),
      up_proj: find(`${path}/mlp`, 'up_proj'),
      down_proj: find(`${path}/mlp`, 'down_proj'),
    },
  }
}

/** One matrix that holds the rows of q, then k, then v. */
function fusedAttention(
  modules: Modules,
  path: string,
  shapes: Record<LinearName, [number, number]>,
): Pick<LayerWeights['linears'], 'q_proj' | 'k_proj' | 'v_proj'> {
  const [queries, inputs] = shapes.q_proj
  const [keys] = shapes.k_proj
  const whole = linear(modules, path, [queries + 2 * keys, inputs])
  const part = (start: number, end: number): Linear => ({
    weight: sliceRows(whole.weight, start, end),
    ...(whole.bias && { bias: whole.bias.subarray(start, end) }),
  })
  return {
    q_proj: part(0, queries),
    k_proj: part(queries, queries + keys),
    v_proj: part(queries + keys, queries + 2 * keys),
  }
}

function linear(modules: Modules, path: string, [out, inputs]: [number, number]): Linear {
  const node = required(modules, path, LINEAR)
  const weight = linearMatrix(modules.graph, node, out, inputs).matrix
  const bias = findBias(modules, path, node, out)
  return bias ? { weight, bias } : { weight }
}

/** A bias is the initialiser of the module's Add (first or second input), or the last input of a fused operator. */
function findBias({ graph, nodes }: Modules, path: string, node: OnnxNode, length: number): Float32Array | undefined {
  const fused = node.inputs[{ MatMulNBits: 5, Gemm: 2 }[node.operator] ?? -1]
  if (fused) return toFloat32(vector(graph, fused, length))
  const add = nodes.get(path)?.find((candidate) => candidate.operator === 'Add')
  const name = add?.inputs.find((input) => graph.initializers.has(input))
  return name === undefined ? undefined : toFloat32(vector(graph, name, length))
}

/**
 * The weight of the RMSNorm that feeds a linear layer, whatever the norm's own name; ones where the exporter dropped a
 * multiplication by ones, so that the division by the root mean square comes last.
 */
function normBefore(graph: OnnxGraph, layer: OnnxNode, length: number): Float32Array {
  let node = graph.producers.get(layer.inputs[0])
  for (let step = 0; node && BETWEEN.includes(node.operator) && step < BETWEEN.length; step++) {
    node = graph.producers.get(node.inputs[0])
  }
  if (!node || ![...NORM, 'Div'].includes(node.operator)) {
    throw new ModelFileError(
      graph.file,
      `node ${layer.name} does not follow an RMSNorm but ${node?.operator ?? 'an input'}. Use another file of this model.`,
    )
  }
  return normWeight(graph, node, length) ?? ones(length)
}

function normWeight(graph: OnnxGraph, node: OnnxNode, length: number): Float32Array | undefined {
  if (!NORM.includes(node.operator)) return undefined
  const name = node.inputs.find((input) => (graph.initializers.get(input)?.dims.length ?? 0) > 0)
  return name === undefined ? undefined : toFloat32(vector(graph, name, length))
}

/** Query and key norms stand on their own, or inside GroupQueryAttention as its inputs 14 and 15. */
function headNorm(
  { graph, nodes }: Modules,
  attention: string,
  name: string,
  input: number,
  length: number,
): Float32Array {
  for (const node of nodes.get(`${attention}/${name}`) ?? []) {
    const weight = normWeight(graph, node, length)
    if (weight) return weight
  }
  const fused = nodes.get(attention)?.find((node) => node.operator === 'GroupQueryAttention')?.inputs[input]
  return fused ? toFloat32(vector(graph, fused, length)) : ones(length)
}

function required({ graph, nodes }: Modules, path: string, operators: string[]): OnnxNode {
  const module = nodes.get(path) ?? []
  const node = operators.map((operator) => module.find((candidate) => candidate.operator === operator)).find(Boolean)
  if (!node) {
    throw new ModelFileError(
      graph.file,
      `has no ${operators.join(' or ')} under ${path}. tiltlab reads causal models exported by optimum or onnxruntime-genai.`,
    )
  }
  return node
}

function ones(length: number): Float32Array {
  return new Float32Array(length).fill(1)
}
