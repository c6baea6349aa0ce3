// inspect.ts: `tiltlab inspect random`

import * as v from 'valibot'
import { validate } from '../run/validate'
import { philox4x32 } from './philox'

const word = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
const RandomDocument = v.strictObject({
  key: v.strictTuple([word, word]),
  counter: v.strictTuple([word, word, word, word]),
})

/**
 * Philox4x32-10's four words for a key and a counter.
 *
 * @param document `{ "key": [k0, k1], "counter": [c0, c1, c2, c3] }`, unsigned 32-bit words
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectRandom(document: unknown): number[] {
  const { key, counter } = readRandomDocument(document)
  return philox4x32(counter, key)
}

/** The document, checked. @throws {ConfigError} naming the field that is wrong */
export function readRandomDocument(document: unknown): v.InferOutput<typeof RandomDocument> {
  return validate(RandomDocument, document, '')
}
