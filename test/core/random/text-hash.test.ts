// Hashes of texts: the same on every machine, scattered, and sensitive to every character

import { expect, test } from 'vitest'
import { textHash } from '../../../src/core/random/text-hash'

test('a hash is a function of text and seed', () => {
  expect(textHash('', 0)).toMatch(/^[0-9a-f]{16}$/)
  expect(textHash('What is 2 + 2?', 3)).toBe(textHash('What is 2 + 2?', 3))
  expect(textHash('What is 2 + 2?', 3)).not.toBe(textHash('What is 2 + 2?', 4))
})

test('it does not change between versions: splits of saved runs depend on it', () => {
  expect([textHash('', 0), textHash('a', 0), textHash('What is 2 + 2?', 7)]).toMatchInlineSnapshot(`
    [
      "6627e8d5e169c58d",
      "e6687d1b00cf01f2",
      "02b0091cdb39fb08",
    ]
  `)
})

test('100,000 texts have 100,000 hashes, and every bit is 1 in half of them', () => {
  const hashes = Array.from({ length: 100_000 }, (_, i) => textHash(`What is ${i} + ${i}?`, 0))
  expect(new Set(hashes).size).toBe(hashes.length)
  const words = hashes.map((hash) => BigInt(`0x${hash}`))
  for (let bit = 0n; bit < 64n; bit++) {
    const ones = words.filter((word) => (word >> bit) & 1n).length
    // Six standard deviations of a fair coin.
    expect(Math.abs(ones - 50_000)).toBeLessThan(950)
  }
})

test('zeros at the end and one character more or less count', () => {
  const texts = ['', '\0', '\0\0', 'a', 'a\0', 'aaaaaaaa', 'aaaaaaaa\0', 'aaaaaaaaa']
  expect(new Set(texts.map((text) => textHash(text, 0))).size).toBe(texts.length)
})
