// packing.test.ts: packed tokens see exactly what they would see in sequences of their own

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TokenSequence } from '../../../src/engine/policy'
import { packSequences, TOKEN_WORDS, type Pack } from '../../../src/engine/webgpu/packing'

/** Ids of the keys that a row sees, in order, and its position. */
function context(pack: Pack, row: number): { seen: number[]; position: number } {
  const [, position, slot, , prefixStart, prefixEnd, ownStart] = pack.tokens.subarray(row * TOKEN_WORDS)
  const slots = [...range(prefixStart, prefixEnd), ...range(ownStart, slot + 1)]
  return { seen: slots.map((at) => pack.tokens[at * TOKEN_WORDS]), position }
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}

const sequence = fc
  .record({ prompt: fc.integer({ min: 0, max: 3 }), length: fc.integer({ min: 1, max: 12 }) })
  .map(({ prompt, length }): TokenSequence => {
    const tokens = [...range(0, 9 + prompt).map((i) => 100 * prompt + i), ...range(0, length).map((i) => 1000 + i)]
    return { tokens, from: 9 + prompt }
  })

describe('packed sequences', () => {
  test('every scored token is predicted from exactly the tokens before it', () => {
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 12 }), fc.integer({ min: 24, max: 200 }), (sequences, capacity) => {
        const packs = packSequences(sequences, capacity)
        const scored = packs.flatMap((pack) => pack.entries.map((entry) => ({ pack, ...entry })))
        expect(scored).toHaveLength(sequences.reduce((sum, { tokens, from }) => sum + tokens.length - from, 0))
        for (const { pack, hiddenRow, token, sequence: index, place } of scored) {
          const { tokens, from } = sequences[index]
          const { seen, position } = context(pack, hiddenRow)
          expect(token).toBe(tokens[from + place])
          expect(seen).toEqual(tokens.slice(0, from + place))
          expect(position).toBe(from + place - 1)
        }
      }),
    )
  })

  test('a key is seen by the slots up to query_end and by no other', () => {
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 12 }), (sequences) => {
        for (const { tokens, count } of packSequences(sequences, 64)) {
          for (let key = 0; key < count; key++) {
            const seenBy = range(0, count).filter((query) => {
              const [, , slot, , prefixStart, prefixEnd, ownStart] = tokens.subarray(query * TOKEN_WORDS)
              return (key >= prefixStart && key < prefixEnd) || (key >= ownStart && key <= slot)
            })
            expect(seenBy).toEqual(range(key, tokens[key * TOKEN_WORDS + 3]))
          }
        }
      }),
    )
  })

  test('no pack holds more tokens or scored tokens than it may', () => {
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 20 }), fc.integer({ min: 24, max: 100 }), (sequences, capacity) => {
        for (const { count, entries } of packSequences(sequences, capacity)) {
          expect(count).toBeLessThanOrEqual(capacity)
          expect(entries.length).toBeLessThanOrEqual(capacity)
        }
      }),
    )
  })

  test('a shared prompt is packed once', () => {
    const tokens = range(0, 20)
    const group = range(0, 4).map((i) => ({ tokens: [...tokens, 50 + i, 51, 52], from: 20 }))
    expect(packSequences(group, 1000)[0].count).toBe(20 + 4 * 2)
    expect(packSequences(group, 1000, false)[0].count).toBe(4 * 22)
  })
})
