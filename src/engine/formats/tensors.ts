// tensors.ts: one weight from the node that uses it
//
// Follows edges back from a node to the initialisers behind it and describes them as a matrix [out, in].
// Every size is checked against config.json before anything is read.

import { ModelFileError } from '../../core/errors'
import { floatValues, floatAt, type FloatValues } from './floats'
import type { BlockMatrix, Matrix } from './matrix'
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx'

/** A matrix and the name of the initialiser that holds it: two uses of one name are one tied matrix. */
export interface SourcedMatrix {
  matrix: Matrix
  source: string
}

/** The weight of a MatMulNBits, MatMul, MatMulInteger or Gemm, as [out, in]. */
export function linearMatrix(graph: OnnxGraph, node: OnnxNode, out: number, inputs: number): SourcedMatrix {
  if (node.operator === 'MatMulNBits') return matMulNBits(graph, node, out, inputs)
  const { tensor, transposed } = initializerBehind(graph, node, node.inputs[1])
  // x·W with W stored [in, out], unless a transposition (of the node or before it) turns it round.
  const flipped = transposed !== (node.operator === 'Gemm' && node.integers.get('transB') === 1)
  return { matrix: plainMatrix(graph, node, tensor, out, inputs, flipped), source: tensor.name }
}

/** The table of a Gather or GatherBlockQuantized, as [vocabulary, hidden]. */
export function embeddingMatrix(graph: OnnxGraph, node: OnnxNode, rows: number, cols: number): SourcedMatrix {
  const { tensor, transposed } = initializerBehind(graph, node, node.inputs[0])
  if (node.operator === 'Gather') {
    return { matrix: plainMatrix(graph, node, tensor, rows, cols, !transposed), source: tensor.name }
  }
  if ((node.integers.get('gather_axis') ?? 0) !== 0 || transposed)
    throw unreadable(graph, node, 'gathers along another axis than 0')
  const bits = tensor.dtype === 'u8' ? (node.integers.get('bits') ?? 4) : 4
  const signed = tensor.dtype === 'i4'
  const matrix = blockMatrix(graph, node, tensor, {
    rows,
    cols,
    bits,
    signed,
    blockSize: node.integers.get('block_size') ?? 128,
    scales: node.inputs[2],
    zeroPoints: node.inputs[3],
    zeroPoint: tensor.dtype === 'u8' ? 2 ** (bits - 1) : 0,
  })
  return { matrix, source: tensor.name }
}

/** A vector of known length, such as a bias or a norm's weight. */
export function vector(graph: OnnxGraph, name: string, length: number): FloatValues {
  const tensor = graph.initializers.get(name)
  if (!tensor) throw new ModelFileError(graph.file, `has no tensor ${name}. Fetch the file again.`)
  const values = floats(graph, tensor)
  if (values.values.length !== length) throw wrongShape(graph, tensor, [length])
  return values
}

function matMulNBits(graph: OnnxGraph, node: OnnxNode, out: number, inputs: number): SourcedMatrix {
  const { tensor } = initializerBehind(graph, node, node.inputs[1])
  if (node.integers.get('N') !== out || node.integers.get('K') !== inputs) {
    const found = `[${node.integers.get('N')}, ${node.integers.get('K')}]`
    throw unreadable(graph, node, `is a ${found} matrix where config.json says [${out}, ${inputs}]`)
  }
  if (node.inputs[4]) throw unreadable(graph, node, 'reorders its columns (g_idx), which tiltlab does not read')
  const bits = node.integers.get('bits') ?? 4
  const matrix = blockMatrix(graph, node, tensor, {
    rows: out,
    cols: inputs,
    bits,
    signed: false,
    blockSize: node.integers.get('block_size') ?? 32,
    scales: node.inputs[2],
    zeroPoints: node.inputs[3],
    zeroPoint: 2 ** (bits - 1),
  })
  return { matrix, source: tensor.name }
}

interface BlockLayout {
  rows: number
  cols: number
  bits: number
  signed: boolean
  blockSize: number
  scales: string
  zeroPoints: string | undefined
  zeroPoint: number
}

function blockMatrix(graph: OnnxGraph, node: OnnxNode, data: OnnxTensor, layout: BlockLayout): BlockMatrix {
  const { rows, cols, bits, signed, blockSize, zeroPoint } = layout
  if (bits !== 4 && bits !== 8) throw unreadable(graph, node, `uses ${bits} bits a weight; tiltlab reads 4 and 8`)
  if (!(blockSize >= 2 && blockSize <= 65536 && blockSize % 2 === 0))
    throw unreadable(graph, node, `uses blocks of ${blockSize}`)
  if (!['u8', 'u4', 'i4'].includes(data.dtype)) throw unreadable(graph, node, `keeps its integers as ${data.dtype}`)
  const blocks = Math.ceil(cols / blockSize)
  // Rows of MatMulNBits fill their last block with padding; those of an embedding have none, so they must need none.
  if (node.operator === 'GatherBlockQuantized' && cols % blockSize !== 0) {
    throw unreadable(graph, node, `has rows of ${cols}, which is no multiple of its blocks of ${blockSize}`)
  }
  const rowBytes = (blocks * blockSize * bits) / 8
  if (data.bytes.length !== rows * rowBytes) throw wrongShape(graph, data, [rows, rowBytes])
  const scales = vector(graph, layout.scales, rows * blocks)
  const matrix: BlockMatrix = {
    kind: 'blocks',
    rows,
    cols,
    bits,
    blockSize,
    data: data.bytes,
    signed,
    scales,
    zeroPoint,
  }
  if (!layout.zeroPoints) return matrix
  const zeroPoints = initializerBehind(graph, node, layout.zeroPoints).tensor
  if (zeroPoints.dtype !== data.dtype) throw unreadable(graph, node, `keeps zero points as ${zeroPoints.dtype}`)
  const zeroPointWidth = Math.ceil((blocks * bits) / 8)
  if (zeroPoints.bytes.length !== rows * zeroPointWidth) throw wrongShape(graph, zeroPoints, [rows, zeroPointWidth])
  return { ...matrix, zeroPoints: zeroPoints.bytes }
}

/** A matrix of floats, or of 8-bit integers with one scale for all (`model_quantized.onnx`). */
function plainMatrix(
  graph: OnnxGraph,
  node: OnnxNode,
  tensor: OnnxTensor,
  rows: number,
  cols: number,
  rowMajor: boolean,
): Matrix {
  const expected = rowMajor ? [rows, cols] : [cols, rows]
  if (tensor.dims.length !== 2 || tensor.dims.some((dim, i) => dim !== expected[i]))
    throw wrongShape(graph, tensor, expected)
  if (tensor.dtype === 'u8' || tensor.dtype === 'i8') return scaledIntegers(graph, node, tensor, rows, cols, rowMajor)
  return {
    kind: 'float',
    rows,
    cols,
    values: floats(graph, tensor),
    offset: 0,
    rowStride: rowMajor ? cols : 1,
    colStride: rowMajor ? 1 : rows,
  }
}

/** onnxruntime's dynamic quantiser names what belongs together: W_quantized, W_scale, W_zero_point. */
function scaledIntegers(
  graph: OnnxGraph,
  node: OnnxNode,
  tensor: OnnxTensor,
  rows: number,
  cols: number,
  rowMajor: boolean,
): BlockMatrix {
  const base = tensor.name.replace(/_quantized$/, '')
  const scale = graph.initializers.get(`${base}_scale`)
  const zeroPoint = graph.initializers.get(`${base}_zero_point`)
  if (scale?.bytes.length !== 4 || zeroPoint?.bytes.length !== 1 || zeroPoint.dtype !== tensor.dtype) {
    throw unreadable(graph, node, `needs one ${base}_scale and ${base}_zero_point for the whole matrix`)
  }
  const signed = tensor.dtype === 'i8'
  return {
    kind: 'blocks',
    rows,
    cols,
    bits: 8,
    // One block a row, all with the same scale.
    blockSize: cols,
    data: rowMajor ? tensor.bytes : transposed(tensor.bytes, cols, rows),
    signed,
    scales: { dtype: 'f32', values: new Float32Array(rows).fill(floatAt(floats(graph, scale), 0)) },
    zeroPoint: signed ? (zeroPoint.bytes[0] << 24) >> 24 : zeroPoint.bytes[0],
  }
}

/** The bytes of a [rows, cols] matrix as [cols, rows]. */
function transposed(bytes: Uint8Array, rows: number, cols: number): Uint8Array {
  const out = new Uint8Array(bytes.length)
  for (let row = 0, from = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) out[col * rows + row] = bytes[from++]
  }
  return out
}

function floats(graph: OnnxGraph, tensor: OnnxTensor): FloatValues {
  const { dtype } = tensor
  if (dtype !== 'f32' && dtype !== 'f16' && dtype !== 'bf16') {
    throw new ModelFileError(
      graph.file,
      `tensor ${tensor.name} is ${dtype} where floats were expected. Use another file of this model.`,
    )
  }
  return floatValues(tensor.bytes, dtype)
}

/** Operators between an initialiser and its use that change its shape or type, but not its values. */
const TRANSPARENT = ['Transpose', 'Reshape', 'Identity', 'Cast', 'DequantizeLinear']
const MAX_STEPS = 8

function initializerBehind(
  graph: OnnxGraph,
  node: OnnxNode,
  input: string,
): { tensor: OnnxTensor; transposed: boolean } {
  let name = input
  let transposed = false
  for (let step = 0; step < MAX_STEPS; step++) {
    const tensor = graph.initializers.get(name)
    if (tensor) return { tensor, transposed }
    const producer = graph.producers.get(name)
    if (!producer || !TRANSPARENT.includes(producer.operator) || producer.inputs.length === 0) break
    if (producer.operator === 'Transpose') transposed = !transposed
    name = producer.inputs[0]
  }
  throw unreadable(graph, node, `computes its weight "${input}" instead of storing it`)
}

function wrongShape(graph: OnnxGraph, tensor: OnnxTensor, expected: number[]): ModelFileError {
  return new ModelFileError(
    graph.file,
    `tensor ${tensor.name} is [${tensor.dims.join(', ')}] where config.json asks for [${expected.join(', ')}]. The two files belong to different models.`,
  )
}

function unreadable(graph: OnnxGraph, node: OnnxNode, problem: string): ModelFileError {
  return new ModelFileError(
    graph.file,
    `node ${node.name} ${problem}. Use another file of this model (dtype q4 or fp32).`,
  )
}
