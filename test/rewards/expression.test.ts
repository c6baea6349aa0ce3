// Formulas: what is read, what is refused and where, and what a missing score does

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callsIn, evaluate, ExpressionError, type Call } from '../../src/rewards/expression'
import { parseExpression } from '../../src/rewards/parser'

/** The value of a formula whose functions have these values. */
function valueOf(text: string, values: Record<string, number | null> = {}): number | null {
  return evaluate(parseExpression(text), (call) => values[call.name])
}

describe('arithmetic', () => {
  test.each<[string, number]>([
    ['a + 0.2*b - 0.001*c', 1 + 0.2 * 2 - 0.001 * 50],
    ['a - b - c', 1 - 2 - 50],
    ['a - (b - c)', 1 - (2 - 50)],
    ['c / b / b', 12.5],
    ['-a * -b', 2],
    ['-(a + b) * 2', -6],
    ['2 * a + b * 3', 8],
    ['1.5e2*a', 150],
    ['.5*a', 0.5],
    ['min(a, b, c)', 1],
    ['max(a, -b, 3)', 3],
    ['clamp(c, 0, 10)', 10],
    ['clamp(-c, 0, 10)', 0],
    ['if(a >= 1, b, c)', 2],
    ['if(a > 1, b, c)', 50],
    ['if(a, b, c)', 2],
    ['(a < b) + (b <= a)', 1],
    ['a_2 + a', 8],
    [' a\n+\tb ', 3],
  ])('%s = %d', (text, expected) => {
    expect(valueOf(text, { a: 1, b: 2, c: 50, a_2: 7 })).toBeCloseTo(expected, 12)
  })

  test('the branch that is not taken is not computed', () => {
    expect(valueOf('if(a > 0, 1/a, 0)', { a: 0 })).toBe(0)
    expect(valueOf('1/a', { a: 0 })).toBe(Infinity)
  })

  test('sums of any size equal JavaScript’s', () => {
    const atom = fc.oneof(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 9 }).map(String))
    const formula = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        atom,
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node'))
          .map(([l, op, r]) => `(${l} ${op} ${r})`),
      ),
    })).node
    fc.assert(
      fc.property(formula, (text) => {
        fc.pre(/[ab]/.test(text))
        // The text holds digits, a, b and operators only.
        const expected = new Function('a', 'b', `return ${text}`) as (a: number, b: number) => number
        expect(valueOf(text, { a: 3, b: 5 })).toBe(expected(3, 5))
      }),
    )
  })
})

describe('a score that is missing', () => {
  test.each<[string, number | null]>([
    ['a + none', 1],
    ['none + a', 1],
    ['0.5*none - a', -1],
    ['none + none', null],
    ['1 - none', null],
    ['1 - none + a', 2],
    ['a + (1 - none)', 1],
    ['-none', null],
    ['a * none', null],
    ['a / none', null],
    ['none > 0', null],
    ['min(a, none)', 1],
    ['min(none, none)', null],
    ['max(0, none)', null],
    ['clamp(none, 0, 1)', null],
    ['if(none, a, a)', null],
    ['if(a, none, a)', null],
    ['if(a, a, none)', 1],
  ])('%s = %j', (text, expected) => {
    expect(valueOf(text, { a: 1, none: null })).toBe(expected)
  })
})

describe('calls', () => {
  const calls = (text: string) => callsIn(parseExpression(text)).map((call) => call.text)

  test('arguments are numbers, texts and formulas; the same call is one, whatever its spelling', () => {
    expect(calls('f(1, two = "2") + f( 1,two=\'2\' )')).toEqual(['f(1, two = "2")'])
    expect(calls('f(b = 2, a = 1) + f(a=1, b=2)')).toEqual(['f(a = 1, b = 2)'])
    expect(calls('f() + f')).toEqual(['f'])
    expect(calls('f(-1) + f(1)')).toEqual(['f(-1)', 'f(1)'])
  })

  test('come after the calls in their arguments', () => {
    expect(calls('noisy(g + 1, p = 0.1) + g')).toEqual(['g', 'noisy((g + 1), p = 0.1)'])
    expect(calls('f(x = g(h))')).toEqual(['h', 'g(h)', 'f(x = g(h))'])
    expect(calls('f(a - b*c/2 < 3)')).toEqual(['a', 'b', 'c', 'f(((a - ((b * c) / 2)) < 3))'])
  })
})

describe('what is refused, and where', () => {
  test.each<[string, number, string]>([
    ['', 0, 'expected a number, a name or "(", got the end'],
    ['1 + 2', 0, 'expected the name of a reward function, got a constant'],
    ['a +', 3, 'expected a number, a name or "(", got the end'],
    ['a b', 2, 'expected an operator or the end, got "b"'],
    ['a + * b', 4, 'expected a number, a name or "(", got "*"'],
    ['(a', 2, 'expected ")", got the end'],
    ['a)', 1, 'expected an operator or the end, got ")"'],
    ['a ++ b', 3, 'expected a number, a name or "(", got "+"'],
    ['a < b < c', 6, 'expected an operator or the end, got "<"'],
    ['a ; b', 2, '";" does not belong in a formula'],
    ['a + "text', 4, '""" does not belong in a formula'],
    ['a + 🙂', 4, '"🙂" does not belong in a formula'],
    ['"text"', 0, 'expected a number, a name or "(", got ""text""'],
    ['f(a=1, a=2)', 7, 'a is given twice'],
    ['f(a=1, 2)', 7, 'arguments without a name come before those with one'],
    ['f(1 2)', 4, 'expected ",", got "2"'],
    ['min()', 0, 'min takes at least 1 operands, got 0'],
    ['clamp(a)', 0, 'clamp takes 3 operands, got 1'],
    ['if(a, b)', 0, 'if takes 3 operands, got 2'],
    ['min("a")', 0, 'min takes formulas without names'],
    ['min(x=a)', 0, 'min takes formulas without names'],
    ['1e999*a', 0, '1e999 is too large'],
    ['constructor.prototype', 11, '"." does not belong in a formula'],
    ['a'.repeat(2001), 2000, 'expected at most 2000 characters, got 2001'],
    ['('.repeat(40) + 'a' + ')'.repeat(40), 33, 'expected at most 32 levels of parentheses'],
    [Array.from({ length: 40 }, (_, i) => `f${i}`).join('+'), 118, 'expected at most 32 reward functions'],
  ])('%.40s', (text, position, problem) => {
    const error = refusalOf(text)
    expect(error.message).toBe(`config.reward.expression: at character ${position + 1}: ${problem}`)
    expect(error.position).toBe(position)
  })

  test('any text is read or refused in milliseconds, and nothing else happens', () => {
    const piece = fc.constantFrom(
      'a',
      '(',
      ')',
      '+',
      '-',
      '*',
      '/',
      ',',
      '=',
      '<',
      '"',
      "'",
      ' ',
      '1',
      '.',
      'e',
      'if',
      'min',
    )
    const text = fc.string({ unit: fc.oneof(piece, fc.string({ minLength: 1, maxLength: 1 })), maxLength: 300 })
    const startedMs = performance.now()
    fc.assert(
      fc.property(text, (formula) => {
        try {
          const value = evaluate(parseExpression(formula), () => 1)
          expect(value === null || typeof value === 'number').toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError)
        }
      }),
      { numRuns: 3000 },
    )
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  test('the names of an object’s own machinery are names like any other', () => {
    const names: Call[] = callsIn(parseExpression('constructor + __proto__ + toString + hasOwnProperty'))
    expect(names.map(({ name }) => name)).toEqual(['constructor', '__proto__', 'toString', 'hasOwnProperty'])
  })
})

function refusalOf(text: string): ExpressionError {
  try {
    parseExpression(text)
  } catch (error) {
    if (error instanceof ExpressionError) return error
  }
  throw new Error(`${text} is not refused`)
}
