import { describe, expect, test } from 'vitest'
import { dequantise, type FloatMatrix } from '../../../src/engine/formats/matrix'
import { exactBlocks, quantise } from '../../../src/engine/formats/quantise'

function matrix(rows: number, cols: number): FloatMatrix {
  const values = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(1.7 * i) * (1 + (i % 7)))
  return { kind: 'float', rows, cols, values: { dtype: 'f32', values }, offset: 0, rowStride: cols, colStride: 1 }
}

describe.each([4, 8] as const)('quantising to %d bits', (bits) => {
  test('moves no value by more than half a step, or a whole one at the far end of its block', () => {
    const source = matrix(5, 72)
    const quantised = quantise(source, bits)
    const [before, after] = [dequantise(source), dequantise(quantised)]
    const blocks = Math.ceil(72 / 32)
    before.forEach((value, i) => {
      const step = Math.abs(quantised.scales.values[Math.floor(i / 72) * blocks + Math.floor((i % 72) / 32)])
      const end = Math.abs(value) > step * (2 ** (bits - 1) - 1)
      expect(Math.abs(after[i] - value)).toBeLessThanOrEqual(step * (end ? 1 : 0.5) * (1 + 1e-6))
    })
  })

  test('leaves what is already on the grid as it is, and zeros zero', () => {
    const once = quantise(matrix(3, 64), bits)
    const values = dequantise(once)
    expect([...dequantise(quantise(once, bits))]).toEqual([...values])
    const zeros = { ...matrix(2, 32), values: { dtype: 'f32', values: new Float32Array(64) } } as const
    expect(dequantise(quantise(zeros, bits)).every((value) => value === 0)).toBe(true)
  })
})

describe('a float matrix that was made from 8-bit blocks', () => {
  /** Values q·scale as GGUF's Q8_0 has them: the largest of a block is ±127. */
  function fromBlocks(): FloatMatrix {
    const source = matrix(6, 64)
    const values = Float32Array.from({ length: 6 * 64 }, (_, i) => {
      const scale = Math.fround((1 + (Math.floor(i / 32) % 5)) / 1024)
      return Math.fround((i % 32 === 7 ? -127 : (i * 37) % 127) * scale)
    })
    values.fill(0, 64, 96)
    return { ...source, values: { dtype: 'f32', values } }
  }

  test('is stored as those blocks without a change', () => {
    const source = fromBlocks()
    const blocks = exactBlocks(source)
    expect(blocks?.bits).toBe(8)
    expect([...dequantise(blocks!)]).toEqual([...dequantise(source)])
  })

  test('is told from any other', () => {
    expect(exactBlocks(matrix(5, 64))).toBeUndefined()
    const almost = fromBlocks()
    almost.values.values[200] *= 1 + 2 ** -20
    expect(exactBlocks(almost)).toBeUndefined()
  })
})
