import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson, printJson } from '../../../src/core/inspect/json'

test('doubles survive printing and reading to the last bit', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)), (numbers) => {
      expect(parseJson(printJson({ numbers }), 'text')).toEqual({ numbers })
    }),
  )
})

test('what JSON cannot write becomes a string', () => {
  expect(printJson([NaN, Infinity, -Infinity])).toBe('["NaN", "Infinity", "-Infinity"]')
})

test('rows of numbers stay on one line, typed arrays are arrays, absent members are left out', () => {
  const value = { rows: [Float64Array.of(1, 2), Float64Array.of(3)], none: undefined, empty: {}, text: 'a"b' }
  expect(printJson(value)).toBe(`{
  "rows": [
    [1, 2],
    [3]
  ],
  "empty": {},
  "text": "a\\"b"
}`)
  expect(printJson(undefined)).toBe('null')
})

test('text that is not JSON is refused by its name', () => {
  expect(() => parseJson('{"a": }', 'loss.json')).toThrow(
    /^loss\.json: is not JSON \(.+\)\. Check the commas and quotes there\.$/,
  )
})
