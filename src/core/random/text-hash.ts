// text-hash.ts: 64 bits of a text, for splits and for naming prompts
//
// Philox mixes the text block by block: the key of each block is the output of the one before. A hash for scattering, the
// same on every machine and where WebCrypto is not allowed; it keeps no secret and withstands no attacker.

import { philox4x32 } from './philox'

const UNITS_PER_BLOCK = 8

/**
 * A hash of a text under a seed, 16 hexadecimal digits: equal texts have equal ones, and sorting by it is a shuffle.
 *
 * @param seed unsigned 32-bit
 */
export function textHash(text: string, seed: number): string {
  let key: [number, number] = [seed, text.length]
  for (let start = 0; start < text.length; start += UNITS_PER_BLOCK) {
    const pair = (i: number) => ((unitAt(text, start + i) << 16) | unitAt(text, start + i + 1)) >>> 0
    const [first, second] = philox4x32([pair(0), pair(2), pair(4), pair(6)], key)
    key = [first, second]
  }
  const [high, low] = philox4x32([0, 0, 0, 0], key)
  return hex(high) + hex(low)
}

function unitAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : 0
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
