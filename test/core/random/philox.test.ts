import { expect, test } from 'vitest'
import { philox4x32 } from '../../../src/core/random/philox'
import { inspectRandom } from '../../../src/core/random/inspect'

// kat_vectors of Random123 for philox4x32 with 10 rounds: counter, key, answer.
const KNOWN_ANSWERS = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const

test('Philox4x32-10 gives the known answers of Random123', () => {
  for (const [counter, key, answer] of KNOWN_ANSWERS) expect(philox4x32([...counter], key)).toEqual(answer)
})

test('inspect random gives the same words and names a bad field', () => {
  const [counter, key, answer] = KNOWN_ANSWERS[2]
  expect(inspectRandom({ key, counter })).toEqual(answer)
  expect(() => inspectRandom({ key: [0, -1], counter })).toThrow(
    'key[1]: expected an integer ≥ 0 and ≤ 4294967295, got -1',
  )
  expect(() => inspectRandom({ key: [0, 1] })).toThrow('counter: expected an array of 4 entries, got nothing')
  expect(() => inspectRandom({ key, counter, seed: 1 })).toThrow('seed: unknown key; the keys here are key, counter')
})
