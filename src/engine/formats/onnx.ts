// onnx.ts: weights and graph edges of an ONNX file
//
// Only what is needed to find weights is read: node names, operators, edges, integer attributes and initialisers.
// Tensor bytes stay views of the file. Nothing in the graph is executed.
// Field numbers: onnx/onnx.proto3 (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto).

import { ModelFileError } from '../../core/errors'
import { fields, packedVarints, text } from './protobuf'

export type OnnxDtype = 'f32' | 'f16' | 'bf16' | 'u8' | 'i8' | 'i32' | 'i64' | 'u4' | 'i4' | 'other'

/** A tensor that the file carries. `bytes` is little-endian, row-major; 4-bit types hold two elements a byte, low nibble first. */
export interface OnnxTensor {
  name: string
  dtype: OnnxDtype
  dims: number[]
  bytes: Uint8Array
}

export interface OnnxNode {
  name: string
  operator: string
  inputs: string[]
  outputs: string[]
  /** Integer attributes. */
  integers: Map<string, number>
}

export interface OnnxGraph {
  /** Name of the file, for error messages. */
  file: string
  nodes: OnnxNode[]
  initializers: Map<string, OnnxTensor>
  /** The node that makes each value. */
  producers: Map<string, OnnxNode>
}

/** Gives the bytes of an external data file that lies beside the graph. */
export type ExternalData = ReadonlyMap<string, Uint8Array>

const DTYPES: Record<number, OnnxDtype> = {
  1: 'f32',
  2: 'u8',
  3: 'i8',
  6: 'i32',
  7: 'i64',
  10: 'f16',
  16: 'bf16',
  21: 'u4',
  22: 'i4',
}
const BITS: Record<OnnxDtype, number> = {
  f32: 32,
  f16: 16,
  bf16: 16,
  u8: 8,
  i8: 8,
  i32: 32,
  i64: 64,
  u4: 4,
  i4: 4,
  other: 0,
}
const MAX_DIMENSIONS = 8
const MAX_VARINT_BYTES = 64

/**
 * Names of the external data files that a graph refers to; read them and hand them to `parseOnnx`.
 *
 * @throws {ModelFileError} if a name would leave the model's folder (CVE-2024-27318)
 */
export function externalFiles(model: Uint8Array, file: string): string[] {
  const names = new Set<string>()
  for (const tensor of protoTensors(model, file)) {
    const location = tensor.external?.get('location')
    if (location !== undefined) names.add(safeName(location, file))
  }
  return [...names]
}

/**
 * Reads an ONNX model.
 *
 * @param model     the file's bytes; tensors of the result are views of them
 * @param file      its name, for error messages
 * @param external  bytes of every file that `externalFiles` names
 * @throws {ModelFileError} if the file is damaged, or a tensor's bytes do not match its shape
 */
export function parseOnnx(model: Uint8Array, file: string, external: ExternalData = new Map()): OnnxGraph {
  const graph: OnnxGraph = { file, nodes: [], initializers: new Map(), producers: new Map() }
  for (const message of graphs(model, file)) {
    for (const field of fields(message, file)) {
      if (field.number === 1) addNode(graph, parseNode(field.bytes, file), external)
      else if (field.number === 5) addTensor(graph, parseTensor(field.bytes, file), external)
    }
  }
  if (graph.nodes.length === 0) throw new ModelFileError(file, 'holds no graph: this is not an ONNX model.')
  return graph
}

interface ProtoTensor extends OnnxTensor {
  external?: Map<string, string>
}

interface ProtoNode extends OnnxNode {
  /** The `value` of a Constant node. */
  constant?: ProtoTensor
}

function* graphs(model: Uint8Array, file: string): Generator<Uint8Array> {
  for (const field of fields(model, file)) if (field.number === 7) yield field.bytes
}

function* protoTensors(model: Uint8Array, file: string): Generator<ProtoTensor> {
  for (const message of graphs(model, file)) {
    for (const field of fields(message, file)) if (field.number === 5) yield parseTensor(field.bytes, file)
  }
}

function addNode(graph: OnnxGraph, node: ProtoNode, external: ExternalData): void {
  if (node.constant && node.outputs.length > 0) {
    addTensor(graph, { ...node.constant, name: node.outputs[0] }, external)
    return
  }
  graph.nodes.push(node)
  for (const output of node.outputs) graph.producers.set(output, node)
}

function addTensor(graph: OnnxGraph, tensor: ProtoTensor, external: ExternalData): void {
  const { name, dtype, dims } = tensor
  const bytes = tensor.external ? externalBytes(tensor, tensor.external, external, graph.file) : tensor.bytes
  const expected = Math.ceil((dims.reduce((size, dim) => size * dim, 1) * BITS[dtype]) / 8)
  // Kinds we never read (strings, booleans, data kept as varints) may stay; asking for them fails in `weights.ts`.
  if (dtype !== 'other' && bytes.length !== expected && bytes.length > 0) {
    throw new ModelFileError(
      graph.file,
      `tensor ${name} has ${bytes.length} bytes; its shape [${dims.join(', ')}] of ${dtype} needs ${expected}. Fetch the file again.`,
    )
  }
  graph.initializers.set(name, { name, dtype: bytes.length === expected ? dtype : 'other', dims, bytes })
}

function parseNode(message: Uint8Array, file: string): ProtoNode {
  const node: ProtoNode = { name: '', operator: '', inputs: [], outputs: [], integers: new Map() }
  for (const field of fields(message, file)) {
    if (field.number === 1) node.inputs.push(text(field.bytes, file))
    else if (field.number === 2) node.outputs.push(text(field.bytes, file))
    else if (field.number === 3) node.name = text(field.bytes, file)
    else if (field.number === 4) node.operator = text(field.bytes, file)
    else if (field.number === 5) parseAttribute(node, field.bytes, file)
  }
  return node
}

function parseAttribute(node: ProtoNode, message: Uint8Array, file: string): void {
  let name = ''
  let integer: number | undefined
  let tensor: Uint8Array | undefined
  for (const field of fields(message, file)) {
    if (field.number === 1) name = text(field.bytes, file)
    else if (field.number === 3) integer = field.value
    else if (field.number === 5) tensor = field.bytes
  }
  if (integer !== undefined) node.integers.set(name, integer)
  if (tensor && name === 'value') node.constant = parseTensor(tensor, file)
}

function parseTensor(message: Uint8Array, file: string): ProtoTensor {
  const tensor: ProtoTensor = { name: '', dtype: 'other', dims: [], bytes: new Uint8Array(0) }
  for (const field of fields(message, file)) {
    switch (field.number) {
      case 1:
        if (field.bytes.length > 10 * MAX_DIMENSIONS) throw badShape(file)
        tensor.dims.push(...(field.bytes.length > 0 ? packedVarints(field.bytes, file) : [field.value]))
        if (tensor.dims.length > MAX_DIMENSIONS) throw badShape(file)
        break
      case 2:
        tensor.dtype = DTYPES[field.value] ?? 'other'
        break
      case 4: // float_data, packed: the same bytes as raw_data
      case 9:
        tensor.bytes = field.bytes
        break
      case 5: // int32_data: only zero points are kept this way
        if (field.bytes.length <= MAX_VARINT_BYTES) tensor.bytes = Uint8Array.from(packedVarints(field.bytes, file))
        break
      case 8:
        tensor.name = text(field.bytes, file)
        break
      case 13:
        addEntry((tensor.external ??= new Map()), field.bytes, file)
        break
    }
  }
  if (!tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) throw badShape(file)
  return tensor
}

function addEntry(entries: Map<string, string>, message: Uint8Array, file: string): void {
  let key = ''
  let value = ''
  for (const field of fields(message, file)) {
    if (field.number === 1) key = text(field.bytes, file)
    else if (field.number === 2) value = text(field.bytes, file)
  }
  entries.set(key, value)
}

function externalBytes(
  tensor: OnnxTensor,
  entries: Map<string, string>,
  external: ExternalData,
  file: string,
): Uint8Array {
  const location = safeName(entries.get('location') ?? '', file)
  const data = external.get(location)
  if (!data)
    throw new ModelFileError(location, `is missing, but ${file} keeps weights in it. Put both in the same folder.`)
  const offset = Number(entries.get('offset') ?? 0)
  const length = Number(entries.get('length') ?? data.length - offset)
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (!inside || offset + length > data.length) {
    throw new ModelFileError(location, `ends before tensor ${tensor.name}. The download was cut off: fetch it again.`)
  }
  return data.subarray(offset, offset + length)
}

function safeName(location: string, file: string): string {
  if (!/^\w[\w.+ -]*$/.test(location) || location.includes('..')) {
    throw new ModelFileError(file, `keeps weights in "${location}", outside its own folder. Do not use this file.`)
  }
  return location
}

function badShape(file: string): ModelFileError {
  return new ModelFileError(file, 'a tensor has an impossible shape. Fetch the file again.')
}
