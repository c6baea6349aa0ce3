// onnx.test.ts: what is read of an ONNX file, and what is refused

import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../../src/core/errors'
import { externalFiles, parseOnnx } from '../../../src/engine/formats/onnx'
import { externalInitializer, floats, initializer, intField, model, node } from './onnx-builder'

const FILE = 'onnx/model.onnx'
const relu = node('Relu', '/a/Relu', ['x'], ['y'], { axis: 3 })

test('nodes, edges, integer attributes and tensors are read', () => {
  const graph = parseOnnx(model(relu, initializer('w', 1, [1, 2], floats(1, -2))), FILE)
  expect(graph.nodes).toEqual([
    { name: '/a/Relu', operator: 'Relu', inputs: ['x'], outputs: ['y'], integers: new Map([['axis', 3]]) },
  ])
  expect(graph.producers.get('y')?.name).toBe('/a/Relu')
  expect(graph.initializers.get('w')).toMatchObject({ dtype: 'f32', dims: [1, 2] })
})

test('tensor bytes are views of the file, not copies', () => {
  const file = model(relu, initializer('w', 2, [3], [7, 8, 9]))
  expect(parseOnnx(file, FILE).initializers.get('w')?.bytes.buffer).toBe(file.buffer)
})

test('external data is read by offset and length', () => {
  const file = model(relu, externalInitializer('w', [2], { location: 'm.onnx_data', offset: '4', length: '8' }))
  expect(externalFiles(file, FILE)).toEqual(['m.onnx_data'])
  const graph = parseOnnx(file, FILE, new Map([['m.onnx_data', floats(0, 1, 2)]]))
  expect(graph.initializers.get('w')?.bytes).toEqual(floats(1, 2))
})

describe('refused', () => {
  const truncated = model(relu, initializer('w', 1, [4], floats(1, 2, 3, 4))).slice(0, -5)
  const cases: [string, Uint8Array, RegExp][] = [
    ['a file that is cut off', truncated, /ends in the middle.*fetch it again/],
    ['a file that is no protobuf', Uint8Array.from([0xff, 0xff, 0xff]), /cut off|not an ONNX file/],
    ['an empty file', new Uint8Array(0), /holds no graph/],
    ['HTML', new TextEncoder().encode('<!doctype html><html></html>'), /not an ONNX|ends in the middle/],
    [
      'fewer bytes than the shape asks for',
      model(relu, initializer('w', 1, [4], floats(1))),
      /has 4 bytes; its shape \[4\] of f32 needs 16/,
    ],
    ['a shape of 2⁶³ elements', model(relu, initializer('w', 1, [2 ** 40, 2 ** 23], floats(1))), /needs/],
    ['nine dimensions', model(relu, initializer('w', 1, new Array<number>(9).fill(1), floats(1))), /impossible shape/],
    [
      'a length beyond the file',
      Uint8Array.from([...intField(1, 8), 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      /ends in the middle/,
    ],
  ]
  test.each(cases)('%s', (_, file, message) => {
    const started = performance.now()
    expect(() => parseOnnx(file, FILE)).toThrow(ModelFileError)
    expect(() => parseOnnx(file, FILE)).toThrow(message)
    expect(performance.now() - started).toBeLessThan(50)
  })

  test.each(['../secret', '/etc/passwd', 'a/b.onnx_data', 'C:\\x', 'a%2fb', '?x', '.hidden', ''])(
    'external data at "%s"',
    (location) => {
      const file = model(relu, externalInitializer('w', [2], { location }))
      expect(() => externalFiles(file, FILE)).toThrow(/outside its own folder/)
    },
  )

  test('external data that ends too early', () => {
    const file = model(relu, externalInitializer('w', [2], { location: 'd', offset: '8', length: '8' }))
    expect(() => parseOnnx(file, FILE, new Map([['d', floats(1, 2)]]))).toThrow(/d: ends before tensor w/)
  })
})
