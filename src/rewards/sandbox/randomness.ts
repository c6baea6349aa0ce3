// randomness.ts: the only random numbers that a reward gets
//
// They are keyed by the seed and by the item itself, so an item's score is the same in every batch, in any order, on
// any machine; and equal items get equal numbers.

import { philox4x32 } from '../../core/random/philox'
import { STREAMS, toUnit } from '../../core/random/stream'
import { textHash } from '../../core/random/text-hash'

/** Blocks of four numbers that are made at once. */
const BLOCKS = 8

/**
 * A source of uniform numbers in (0, 1), some at a time.
 *
 * @param seed unsigned 32-bit
 * @param text what is scored, as JSON
 */
export function uniformsFor(seed: number, text: string): () => number[] {
  let words: [number, number] | undefined
  let block = 0
  return () => {
    // Most rewards never draw: they should not pay for the hash.
    words ??= hashWords(textHash(text, seed))
    const numbers: number[] = []
    for (const end = block + BLOCKS; block < end; block++) {
      for (const word of philox4x32([block, ...words, 0], [seed, STREAMS.reward])) numbers.push(toUnit(word))
    }
    return numbers
  }
}

function hashWords(hexadecimal: string): [number, number] {
  return [Number(`0x${hexadecimal.slice(0, 8)}`), Number(`0x${hexadecimal.slice(8)}`)]
}
