// safetensors.test.ts: every rule of the format's validator, and files from and for Python

import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../../src/core/errors'
import { readSafetensors, writeSafetensors } from '../../../src/engine/formats/safetensors'
import type { TensorMap } from '../../../src/engine/policy'
import { repositoryPath } from '../support'

const FILE = 'adapter_model.safetensors'

/** A file with this header text and this many bytes of tensors. */
function withHeader(header: string, bodyBytes: number, claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + bodyBytes)
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

const entry = (start: number, end: number, shape = [(end - start) / 4]) =>
  `{"dtype":"F32","shape":[${shape.join()}],"data_offsets":[${start},${end}]}`

test('what is written is read back bit for bit', () => {
  const tensors: TensorMap = new Map([
    ['b', { shape: [2, 2], data: Float32Array.of(1, -0, NaN, 3e38) }],
    ['a', { shape: [1], data: Float32Array.of(1e-45) }],
    ['empty', { shape: [0, 3], data: new Float32Array(0) }],
  ])
  const read = readSafetensors(writeSafetensors(tensors), FILE)
  expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort())
  for (const [name, tensor] of tensors) expect(read.get(name)).toEqual(tensor)
})

test('a file that Python wrote is read', () => {
  const bytes = new Uint8Array(readFileSync(repositoryPath(`test/fixtures/engine/peft-adapter/${FILE}`)))
  const tensors = readSafetensors(bytes, FILE)
  const [name] = [...tensors.keys()]
  expect(tensors.size).toBe(28)
  expect(name).toMatch(/^base_model\.model\.model\.layers\.0\./)
})

test('halves become float32', () => {
  const header =
    '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}'
  const bytes = withHeader(header, 6)
  bytes.set([0x00, 0x3c, 0x00, 0xc0, 0x80, 0x3f], bytes.length - 6)
  const read = readSafetensors(bytes, FILE)
  expect([...read.get('a')!.data]).toEqual([1, -2])
  expect([...read.get('b')!.data]).toEqual([1])
})

describe('refused', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['less than 8 bytes', new Uint8Array(7), /shorter than 8 bytes/],
    ['a header over 100 MB', withHeader('{}', 0, 100_000_001n), /claims 100000001 bytes/],
    ['a header beyond the file', withHeader('{}', 0, 99n), /ends inside its header/],
    ['a header that does not start with {', withHeader(' {}', 0), /does not start with {/],
    ['a header that is not JSON', withHeader('{"a":', 0), /not JSON/],
    ['a header that is not UTF-8', withHeader('{}', 0).with(9, 0xff), /not UTF-8/],
    ['a name twice', withHeader(`{"a":${entry(0, 4)},"a":${entry(4, 8)}}`, 8), /names something twice/],
    [
      'a name twice, once escaped',
      withHeader(`{"a":${entry(0, 4)},"\\u0061":${entry(4, 8)}}`, 8),
      /names something twice/,
    ],
    [
      'a key of an entry twice',
      withHeader(`{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}`, 4),
      /twice/,
    ],
    ['metadata that is not strings', withHeader('{"__metadata__":{"a":1}}', 0), /__metadata__/],
    ['a gap before the first tensor', withHeader(`{"a":${entry(4, 8)}}`, 8), /gap or overlaps/],
    ['a gap between tensors', withHeader(`{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, 12), /gap or overlaps/],
    ['tensors that overlap', withHeader(`{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, 12), /gap or overlaps/],
    ['bytes after the last tensor', withHeader(`{"a":${entry(0, 4)}}`, 8), /bytes after its last tensor/],
    ['a file that ends too early', withHeader(`{"a":${entry(0, 8)}}`, 4), /ends before its last tensor/],
    ['a shape that does not fit', withHeader(`{"a":${entry(0, 8, [3])}}`, 8), /do not match its shape/],
    ['a shape that overflows', withHeader(`{"a":${entry(0, 0, [2 ** 52, 2 ** 52])}}`, 0), /do not match its shape/],
    [
      'offsets beyond 2⁵³',
      withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9007199254740993]}}', 4),
      /malformed/,
    ],
    [
      'offsets that run backwards',
      withHeader('{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,0]}}', 4),
      /malformed/,
    ],
    ['a negative size', withHeader('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4), /malformed/],
    ['integers', withHeader('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 8), /type I64/],
    ['an entry that is a list', withHeader('{"__proto__":[]}', 0), /__proto__ is malformed/],
  ]
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, FILE)).toThrow(ModelFileError)
    expect(() => readSafetensors(bytes, FILE)).toThrow(message)
  })

  test('the sentence names the file, the fault and the remedy', () => {
    expect(() => readSafetensors(new Uint8Array(3), FILE)).toThrowErrorMatchingInlineSnapshot(
      `[ModelFileError: adapter_model.safetensors: is not a valid safetensors file: it is shorter than 8 bytes. Save or fetch it again.]`,
    )
  })
})

test('whatever is changed in a file, it is read or refused by name, in under 50 ms', () => {
  const whole = writeSafetensors(
    new Map([
      ['w', { shape: [2, 3], data: new Float32Array(6) }],
      ['v', { shape: [4], data: new Float32Array(4) }],
    ]),
  )
  const edit = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), cut: fc.nat(whole.length) })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), fc.boolean(), (edits, cutting) => {
      const bytes = whole.slice(0, cutting ? edits[0].cut : undefined)
      for (const { at, byte } of edits) if (at < bytes.length) bytes[at] = byte
      const read = () => {
        const started = performance.now()
        try {
          readSafetensors(bytes, FILE)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
        return performance.now() - started
      }
      // Twice, for a pause of a busy machine is not the reader's.
      expect(Math.min(read(), read())).toBeLessThan(50)
    }),
    { numRuns: 3000 },
  )
})
