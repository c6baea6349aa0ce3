import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/core/errors'
import { joinPath, validate } from '../../../src/core/run/validate'

const number = v.pipe(v.number(), v.minValue(0))
const Document = v.strictObject({
  config: v.optional(
    v.strictObject({
      low: v.optional(number),
      cap: v.optional(v.nullable(v.pipe(v.number(), v.gtValue(1), v.ltValue(5)))),
      mode: v.optional(v.picklist(['add', 'clamp'])),
      bound: v.optional(v.union([number, v.strictTuple([v.number(), v.number()])])),
    }),
  ),
  rewards: v.optional(v.array(v.nullable(v.union([v.number(), v.nan()])))),
  name: v.optional(v.pipe(v.string(), v.nonEmpty())),
  flag: v.optional(v.boolean()),
  steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  finite: v.optional(v.pipe(v.number(), v.finite())),
  version: v.optional(v.literal(1)),
  only: v.optional(v.picklist([2])),
  nothing: v.optional(v.nan()),
  weights: v.optional(v.record(v.string(), number)),
  words: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  pairs: v.optional(v.pipe(v.array(number), v.minLength(2))),
  control: v.optional(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('fixed') }),
      v.strictObject({ kind: v.literal('adaptive'), target: v.pipe(v.number(), v.gtValue(0)) }),
    ]),
  ),
  even: v.optional(
    v.pipe(
      v.number(),
      v.check((n) => n % 2 === 0, 'expected an even number'),
    ),
  ),
  date: v.optional(v.date()),
  span: v.optional(v.strictTuple([number, number])),
})

/** The sentence with which a document is refused. */
function problem(value: unknown, root = ''): string {
  try {
    validate(Document, value, root)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  return 'accepted'
}

describe('an error names the field and says what was expected there', () => {
  test.each<[unknown, string]>([
    [{ config: { low: 'a' } }, 'config.low: expected a number ≥ 0, got "a"'],
    [{ config: { low: -1 } }, 'config.low: expected a number ≥ 0, got -1'],
    [{ config: { low: null } }, 'config.low: expected a number ≥ 0, got null'],
    [{ config: { cap: 7 } }, 'config.cap: expected a number > 1 and < 5 or null, got 7'],
    [{ config: { mode: 'sub' } }, 'config.mode: expected one of "add", "clamp", got "sub"'],
    [{ config: { bound: 'x' } }, 'config.bound: expected a number ≥ 0 or an array of 2 entries, got "x"'],
    [{ config: { bound: [1] } }, 'config.bound: expected a number ≥ 0 or an array of 2 entries, got [1]'],
    [{ config: 3 }, 'config: expected an object, got 3'],
    [{ config: [] }, 'config: expected an object, got []'],
    [[], 'document: expected an object, got []'],
    [{ config: { hight: 1 } }, 'config.hight: unknown key; the keys here are low, cap, mode, bound'],
    [{ rewards: [1, 'no'] }, 'rewards[1]: expected a number or NaN or null, got "no"'],
    [{ rewards: 1 }, 'rewards: expected an array, got 1'],
    [{ name: '' }, 'name: expected a string of at least 1 character, got ""'],
    [{ flag: 'yes' }, 'flag: expected true or false, got "yes"'],
    [{ steps: 1.5 }, 'steps: expected an integer ≥ 1, got 1.5'],
    [{ finite: 'Infinity' }, 'finite: expected a finite number, got Infinity'],
    [{ version: 2 }, 'version: expected 1, got 2'],
    [{ only: 3 }, 'only: expected 2, got 3'],
    [{ nothing: 3 }, 'nothing: expected NaN, got 3'],
    [{ weights: { a: -1 } }, 'weights.a: expected a number ≥ 0, got -1'],
    [{ words: [] }, 'words: expected an array of at least 1 entry, got []'],
    [{ pairs: [1] }, 'pairs: expected an array of at least 2 entries, got [1]'],
    [{ control: { kind: 'wild' } }, 'control.kind: expected one of "fixed", "adaptive", got "wild"'],
    [{ control: { kind: 'adaptive', target: 0 } }, 'control.target: expected a number > 0, got 0'],
    [{ control: { kind: 'fixed', target: 0 } }, 'control.target: unknown key; the keys here are kind'],
    [{ control: 1 }, 'control: expected an object with kind "fixed" or an object with kind "adaptive", got 1'],
    [{ even: 3 }, 'even: expected an even number'],
    [{ date: 3 }, 'date: expected a date, got 3'],
    [{ config: { bound: [1, 2, 3] } }, 'config.bound: expected a number ≥ 0 or an array of 2 entries, got [1,2,3]'],
    [{ span: [1, 2, 3] }, 'span[2]: one entry too many: expected an array of 2 entries'],
    [3, 'document: expected an object, got 3'],
    [{ pairs: [3, -1] }, 'pairs[1]: expected a number ≥ 0, got -1'],
    [{ name: ['x'.repeat(100)] }, `name: expected a string of at least 1 character, got ["${'x'.repeat(55)}…`],
  ])('%j', (value, message) => {
    expect(problem(value)).toBe(message)
  })

  test('under the root it is told', () => {
    expect(problem({ steps: 0 }, 'run.json')).toBe('run.json.steps: expected an integer ≥ 1, got 0')
    expect(joinPath('logps', 3)).toBe('logps[3]')
  })
})

test('special numbers are read where a number is expected, and only there', () => {
  const special = {
    config: { low: 'Infinity', bound: ['-Infinity', 'Infinity'], cap: 2 },
    rewards: ['NaN', null, '-Infinity'],
    name: 'NaN',
    weights: { a: 'Infinity' },
    nothing: 'NaN',
  }
  expect(validate(Document, special, '')).toEqual({
    config: { low: Infinity, bound: [-Infinity, Infinity], cap: 2 },
    rewards: [NaN, null, -Infinity],
    name: 'NaN',
    weights: { a: Infinity },
    nothing: NaN,
  })
  expect(problem({ config: { low: '-Infinity' } })).toBe('config.low: expected a number ≥ 0, got -Infinity')
})
