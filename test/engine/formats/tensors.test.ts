// tensors.test.ts: one weight from the node that uses it, in every way that exporters write it

import { describe, expect, test } from 'vitest'
import { dequantise } from '../../../src/engine/formats/matrix'
import { parseOnnx, type OnnxGraph, type OnnxNode } from '../../../src/engine/formats/onnx'
import { embeddingMatrix, linearMatrix } from '../../../src/engine/formats/tensors'
import { floats, initializer, model, node } from './onnx-builder'

const F32 = 1
const U8 = 2
const I8 = 3
const INT4 = 22
const SIXTEEN = Array.from({ length: 16 }, (_, i) => i)

/** Parses a graph of these parts; the node of interest comes first. */
function graphOf(...parts: number[][]): [OnnxGraph, OnnxNode] {
  const graph = parseOnnx(model(...parts), 'onnx/model.onnx')
  return [graph, graph.nodes[0]]
}

/** Two nibbles a byte, the first one low. */
function nibbles(values: number[]): number[] {
  return values.flatMap((value, i) => (i % 2 === 0 ? [(value & 15) | ((values[i + 1] & 15) << 4)] : []))
}

describe('MatMulNBits', () => {
  const head = (integers: Record<string, number>, ...more: string[]) =>
    node('MatMulNBits', '/lm_head/MatMul', ['x', 'w', 's', ...more], ['y'], {
      N: 1,
      K: 16,
      block_size: 16,
      ...integers,
    })

  test('4 bit without zero points is centred at 8', () => {
    const parts = [
      head({ bits: 4 }),
      initializer('w', U8, [1, 1, 8], nibbles(SIXTEEN)),
      initializer('s', F32, [1, 1], floats(0.5)),
    ]
    const { matrix, source } = linearMatrix(...graphOf(...parts), 1, 16)
    expect(source).toBe('w')
    expect([...dequantise(matrix)]).toEqual(SIXTEEN.map((q) => (q - 8) / 2))
  })

  test('8 bit with zero points', () => {
    const parts = [
      head({ bits: 8 }, 'z'),
      initializer('w', U8, [1, 1, 16], SIXTEEN),
      initializer('s', F32, [1], floats(2)),
      initializer('z', U8, [1], [3]),
    ]
    expect([...dequantise(linearMatrix(...graphOf(...parts), 1, 16).matrix)]).toEqual(SIXTEEN.map((q) => 2 * (q - 3)))
  })

  const data = initializer('w', U8, [1, 1, 8], nibbles(SIXTEEN))
  const scale = initializer('s', F32, [1, 1], floats(1))
  test.each([
    [
      'another shape than config.json says',
      head({ bits: 4, N: 2 }),
      /is a \[2, 16\] matrix where config\.json says \[1, 16\]/,
    ],
    ['2 bits', head({ bits: 2 }), /uses 2 bits a weight/],
    ['reordered columns', head({ bits: 4 }, '', 'g_idx'), /g_idx/],
    ['8 bits in the bytes of 4', head({ bits: 8 }), /tensor w is \[1, 1, 8\] where config\.json asks for \[1, 16\]/],
    ['blocks of no size', head({ bits: 4, block_size: 0 }), /blocks of 0/],
  ])('%s is refused', (_, first, message) => {
    expect(() => linearMatrix(...graphOf(first, data, scale), 1, 16)).toThrow(message)
  })

  test('missing scales are refused by name', () => {
    expect(() => linearMatrix(...graphOf(head({ bits: 4 }), data), 1, 16)).toThrow(/has no tensor s/)
  })
})

describe('float linears', () => {
  const inOut = initializer('w', F32, [3, 2], floats(1, 4, 2, 5, 3, 6))
  const outIn = initializer('w', F32, [2, 3], floats(1, 2, 3, 4, 5, 6))
  const [transposed, gemm] = [{ perm: 0 }, { transB: 1 }]
  test.each([
    ['MatMul, stored [in, out]', [node('MatMul', '/l/M', ['x', 'w'], ['y']), inOut]],
    [
      'MatMul after a Transpose of [out, in]',
      [node('MatMul', '/l/M', ['x', 't'], ['y']), node('Transpose', 'T', ['w'], ['t'], transposed), outIn],
    ],
    ['Gemm with transB', [node('Gemm', '/l/M', ['x', 'w'], ['y'], gemm), outIn]],
  ])('%s', (_, parts) => {
    expect([...dequantise(linearMatrix(...graphOf(...parts), 2, 3).matrix)]).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('8-bit integers with one scale, stored [in, out], as onnxruntime’s dynamic quantiser writes them', () => {
    const parts = [
      node('MatMulInteger', '/l/M', ['x', 'w_quantized', 'xz', 'w_zero_point'], ['y']),
      initializer('w_quantized', I8, [3, 2], [1, 4, 2, 5, 253, 6]),
      initializer('w_scale', F32, [], floats(0.5)),
      initializer('w_zero_point', I8, [], [255]),
    ]
    expect([...dequantise(linearMatrix(...graphOf(...parts), 2, 3).matrix)]).toEqual([1, 1.5, -1, 2.5, 3, 3.5])
  })

  test('a weight that the graph computes is refused', () => {
    const parts = [node('MatMul', '/l/M', ['x', 't'], ['y']), node('Add', 'A', ['w', 'w'], ['t']), inOut]
    expect(() => linearMatrix(...graphOf(...parts), 2, 3)).toThrow(/computes its weight "t" instead of storing it/)
  })

  test('a circle of nodes is refused, not followed for ever', () => {
    const parts = [node('MatMul', '/l/M', ['x', 't'], ['y']), node('Cast', 'C', ['t'], ['t'])]
    expect(() => linearMatrix(...graphOf(...parts), 2, 3)).toThrow(/computes its weight/)
  })

  test('the transpose of the shape that config.json asks for is refused', () => {
    expect(() => linearMatrix(...graphOf(node('MatMul', '/l/M', ['x', 'w'], ['y']), outIn), 2, 3)).toThrow(
      /is \[2, 3\] where .* \[3, 2\]/,
    )
  })
})

describe('embeddings', () => {
  const gather = (integers: Record<string, number>) =>
    node('GatherBlockQuantized', '/model/embed_tokens/Gather', ['w', 'ids', 's'], ['y'], {
      block_size: 16,
      ...integers,
    })
  const scales = initializer('s', F32, [2, 1], floats(1, 10))
  const rows = [...SIXTEEN, ...SIXTEEN]

  test('ONNX INT4 is signed and centred at 0', () => {
    const parts = [gather({}), initializer('w', INT4, [2, 16], nibbles(rows)), scales]
    const signed = SIXTEEN.map((q) => (q > 7 ? q - 16 : q))
    expect([...dequantise(embeddingMatrix(...graphOf(...parts), 2, 16).matrix)]).toEqual([
      ...signed,
      ...signed.map((q) => 10 * q),
    ])
  })

  test('UINT8 nibbles are centred at 8, bytes at 128', () => {
    const four = [gather({ bits: 4 }), initializer('w', U8, [2, 8], nibbles(rows)), scales]
    expect([...dequantise(embeddingMatrix(...graphOf(...four), 2, 16).matrix)].slice(0, 16)).toEqual(
      SIXTEEN.map((q) => q - 8),
    )
    const eight = [gather({ bits: 8 }), initializer('w', U8, [2, 16], rows), scales]
    expect([...dequantise(embeddingMatrix(...graphOf(...eight), 2, 16).matrix)].slice(0, 16)).toEqual(
      SIXTEEN.map((q) => q - 128),
    )
  })

  test('a float table may be stored [hidden, vocabulary] behind a Transpose', () => {
    const parts = [
      node('Gather', '/model/embed_tokens/Gather', ['t', 'ids'], ['y']),
      node('Transpose', 'T', ['w'], ['t']),
      initializer('w', F32, [3, 2], floats(1, 4, 2, 5, 3, 6)),
    ]
    expect([...dequantise(embeddingMatrix(...graphOf(...parts), 2, 3).matrix)]).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('rows that end within a block are refused', () => {
    const parts = [gather({ block_size: 32 }), initializer('w', U8, [2, 8], nibbles(rows)), scales]
    expect(() => embeddingMatrix(...graphOf(...parts), 2, 16)).toThrow(
      /rows of 16, which is no multiple of its blocks of 32/,
    )
  })
})
