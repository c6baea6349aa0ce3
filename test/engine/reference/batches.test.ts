// batches.test.ts: how sequences are grouped

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { activationBudget, batches } from '../../../src/engine/reference/batches'

const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 80 })
const sequencesOf = (sizes: number[]) => sizes.map((size, i) => ({ tokens: new Array<number>(size).fill(i) }))

test('every sequence is in exactly one batch, under its own index', () => {
  fc.assert(
    fc.property(lengths, (sizes) => {
      const sequences = sequencesOf(sizes)
      const placed = batches(sequences, 1e5).flatMap(({ indices, tokens }) => {
        tokens.forEach((row, i) => expect(row).toBe(sequences[indices[i]].tokens))
        return indices
      })
      expect(placed.sort((a, b) => a - b)).toEqual(sizes.map((_, i) => i))
    }),
  )
})

test('a batch stays within its memory, unless one sequence alone does not', () => {
  fc.assert(
    fc.property(lengths, (sizes) => {
      const bytesPerToken = 2 ** 20
      for (const { tokens, length } of batches(sequencesOf(sizes), bytesPerToken)) {
        expect(length).toBe(Math.max(...tokens.map((row) => row.length)))
        expect(tokens.length === 1 || tokens.length * length * bytesPerToken <= activationBudget).toBe(true)
      }
    }),
  )
})

test('large batches are padded by at most an eighth', () => {
  fc.assert(
    fc.property(lengths, (sizes) => {
      for (const { tokens, length } of batches(sequencesOf(sizes), 1)) {
        const real = tokens.reduce((sum, row) => sum + row.length, 0)
        const last = tokens[tokens.length - 1].length
        if (real - last >= 256) expect(1 - real / (tokens.length * length)).toBeLessThanOrEqual(1 / 8)
      }
    }),
  )
})
