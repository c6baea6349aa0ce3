// stream.ts: which random number belongs to what
//
// Every draw has an address, and the address is Philox's input:
//
//   key     = (seed, stream)
//   counter = (position, sample, prompt, step)
//
// so a draw depends on what it is for and on nothing else: not on the batch it was computed in, not on how many draws
// came before, not on the machine. Sequential streams count in the first counter word and keep their number in the last.

import { philox4x32 } from './philox'
import type { Words4 } from './philox'

/** The second key word: what the numbers are for. Two purposes never share a number, whatever the rest of the address. */
export const STREAMS = {
  sampling: 0,
  dataOrder: 1,
  initialisation: 2,
  resampling: 3,
  data: 4,
  reward: 5,
  noise: 6,
} as const

export type Stream = keyof typeof STREAMS

/** Where in a run a token is drawn; each an unsigned 32-bit word. */
export interface DrawAddress {
  seed: number
  step: number
  /** Index of the prompt in the data set. */
  prompt: number
  /** Index of the completion within its group. */
  sample: number
  /** Index of the token within the completion. */
  position: number
}

/** A number in (0, 1) with 32 random bits: never 0 and never 1, so its logarithms are finite. */
export function toUnit(word: number): number {
  return (word + 0.5) / 0x1_0000_0000
}

/** The uniform number in (0, 1) with which the token at this address is drawn. */
export function uniform(address: DrawAddress): number {
  return uniformFor('sampling', address)
}

/** The uniform number in (0, 1) that an address has for another purpose. */
export function uniformFor(stream: Stream, { seed, step, prompt, sample, position }: DrawAddress): number {
  return toUnit(philox4x32([position, sample, prompt, step], [seed, STREAMS[stream]])[0])
}

/**
 * Uniform numbers in (0, 1), one after the other.
 *
 * @param seed  unsigned 32-bit
 * @param index tells apart several sequences of one purpose (the epoch of a shuffle), unsigned 32-bit
 */
export function uniformStream(seed: number, stream: Stream, index = 0): () => number {
  const key = [seed, STREAMS[stream]] as const
  let drawn = 0
  let block: Words4 = [0, 0, 0, 0]
  return () => {
    const word = drawn % 4
    if (word === 0) block = philox4x32([drawn / 4, 0, 0, index], key)
    drawn++
    return toUnit(block[word])
  }
}

/** A standard normal number from two uniform ones (Box–Muller). */
export function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

/** An integer in 0 … n − 1. */
export function integer(n: number, next: () => number): number {
  return Math.floor(n * next())
}

/** The numbers 0 … n − 1 in random order (Fisher–Yates). */
export function permutation(n: number, next: () => number): number[] {
  const order = Array.from({ length: n }, (_, index) => index)
  for (let last = n - 1; last > 0; last--) {
    const other = integer(last + 1, next)
    ;[order[last], order[other]] = [order[other], order[last]]
  }
  return order
}
