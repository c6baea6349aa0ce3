// randomness.ts: the only random numbers that a reward gets
//
// They are keyed by the seed and by the item itself, so an item's score is the same in every batch, in any order, on
// any machine; and equal items get equal numbers.

import { philox4x32 } from '../../core/random/philox'
import { STREAMS, toUnit } from '../../core/random/stream'

const BLOCKS = 8

/**
 * A source of uniform numbers in (0, 1), some at a time.
 *
 * @param seed unsigned 32-bit
 * @param text what is scored, as JSON
 */
export function uniformsFor(seed: number, text: string): () => number[] {
  let hash: [number, number] | undefined
  let block = 0
  return () => {
    // Most rewards never draw: they should not pay for the hash.
    const [low, high] = (hash ??= textHash(text))
    const numbers: number[] = []
    for (const end = block + BLOCKS; block < end; block++) {
      for (const word of philox4x32([block, low, high, 0], [seed, STREAMS.reward])) numbers.push(toUnit(word))
    }
    return numbers
  }
}

/** Two words that differ for texts that differ: FNV-1a, and the same from another start with another prime. */
function textHash(text: string): [number, number] {
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
  }
  return [low >>> 0, high >>> 0]
}
