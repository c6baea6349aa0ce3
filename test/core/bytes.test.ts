import { expect, test } from 'vitest'
import { concatenateBytes } from '../../src/core/bytes'

test('chunks keep their order, empty ones too', () => {
  expect([...concatenateBytes([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])]).toEqual([1, 2, 3])
  expect(concatenateBytes([])).toHaveLength(0)
})
