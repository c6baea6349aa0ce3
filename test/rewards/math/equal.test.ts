// What is equal, what is not, and what nothing decides

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadProver, type Prover } from '../../../src/rewards/math/algebra'
import { compareAnswers } from '../../../src/rewards/math/equal'

let prover: Prover
beforeAll(async () => {
  prover = await loadProver()
})

describe('by structure and exact arithmetic, without a prover', () => {
  test.each([
    ['\\frac{1}{2}', '0.5'],
    ['\\frac12', '\\dfrac{2}{4}'],
    ['1.5', '1\\frac12'],
    ['1.5', '1 1/2'],
    ['-\\frac{3}{2}', '-1\\frac{1}{2}'],
    ['10080', '10,\\!080'],
    ['14{,}916', '14916'],
    ['1,234,567.5', '1234567.5'],
    ['12\\%', '0.12'],
    ['12\\%', '12'],
    ['90^\\circ', '90'],
    ['\\$18.90', '18.9'],
    ['15\\mbox{ cm}^2', '15'],
    ['x=5', '5'],
    ['5', 'x = 2+3 = 5'],
    ['2\\sqrt{3}', '\\sqrt{12}'],
    ['\\frac{\\sqrt{3}}{3}', '\\frac{1}{\\sqrt{3}}'],
    ['\\sqrt[3]{16}', '2\\sqrt[3]{2}'],
    ['\\sqrt2\\sqrt3', '\\sqrt6'],
    ['\\frac{1}{\\sqrt2+1}', '\\sqrt2-1'],
    ['12\\pi', '\\pi\\cdot 12'],
    ['(1+i)^2', '2i'],
    ['(x+1)^2', 'x^2+2x+1'],
    ['\\frac{x^2-1}{x-1}', 'x+1'],
    ['2^{10}', '1024'],
    ['2^{2008}-2', '2(2^{2007}-1)'],
    ['2^{n+1}', '2\\cdot 2^n'],
    ['\\binom{5}{2}', '10'],
    ['[0,1)', '\\left[0, 1\\right)'],
    ['(-\\infty,0)\\cup(1,\\infty)', '(1,\\infty)\\cup(-\\infty,0)'],
    ['\\{1,2,3\\}', '\\{3,1,2\\}'],
    ['1,2', '2 \\text{ and } 1'],
    ['1\\pm\\sqrt{19}', '1-\\sqrt{19}, 1+\\sqrt{19}'],
    ['\\begin{pmatrix} 1/2 \\\\ 3 \\end{pmatrix}', '\\begin{bmatrix}0.5\\\\3\\end{bmatrix}'],
    ['y=2x+3', '2x+3'],
    ['x+y=1', '2x+2y-2=0'],
    ['x\\le 1', '-x \\ge -1'],
    ['-2\\le x\\le 7', 'x\\in[-2,7]'],
    ['\\text{Evelyn}', 'evelyn'],
    ['\\text{(B)}', 'B'],
    ['2516_8', '2516_{8}'],
    ['2516_8', '2516'],
    ['3:1', '6:2'],
    ['\\emptyset', '\\{\\}'],
    ['\\infty', '+\\infty'],
    ['x\u00b2 \u2212 1', '(x-1)(x+1)'],
    ['1\u200b2', '１２'],
  ])('%s says what %s says', (gold, answer) => {
    expect(compareAnswers(gold, answer)).toEqual({ isEqual: true })
  })

  test.each([
    ['\\frac{1}{3}', '0.333'],
    ['\\pi', '3.14'],
    ['\\sqrt2', '1.414'],
    ['42', '42.00001'],
    ['(1,2)', '(2,1)'],
    ['(0,1)', '[0,1]'],
    ['(1,2)', '\\{1,2\\}'],
    ['1', '1,2'],
    ['\\{1,2\\}', '\\{1,2,2\\}'],
    ['x=5', 'y=5'],
    ['(-\\infty,2)', 'x<2'],
    ['x<2', 'x\\le 2'],
    ['2x+y=0', '0'],
    ['x', '|x|'],
    ['10_2', '10_3'],
    ['2', '10_2'],
    ['12:00', '1:00'],
    ['\\text{even}', 'neve'],
    ['\\infty', '-\\infty'],
    ['12\\%', '1200\\%'],
    ['7', 'seven'],
    ['4', '4\\text{ or }5'],
  ])('%s does not say what %s says', (gold, answer) => {
    expect(compareAnswers(gold, answer).isEqual).toBe(false)
  })

  test('a decimal of ten digits stands for what has no end; a shorter one, or one that ends, does not', () => {
    expect(compareAnswers('\\frac13', '0.3333333333').isEqual).toBe(true)
    expect(compareAnswers('\\pi', '3.14159265359').isEqual).toBe(true)
    expect(compareAnswers('\\pi', '3.14159').isEqual).toBe(false)
    expect(compareAnswers('\\frac12', '0.5000000001').isEqual).toBe(false)
  })

  test('fractions, decimals and mixed numbers of the same value are equal, and of another are not', () => {
    const whole = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(whole, whole, whole, (a, b, times) => {
        expect(compareAnswers(`\\frac{${a}}{${b}}`, `${a * times}/${b * times}`).isEqual).toBe(true)
        expect(compareAnswers(`\\frac{${a}}{${b}}`, `${a * times + 1}/${b * times}`).isEqual).toBe(false)
        expect(compareAnswers(`${a}\\frac{1}{${b + 1}}`, `\\frac{${a * (b + 1) + 1}}{${b + 1}}`).isEqual).toBe(true)
        expect(compareAnswers(`${a / 8}`, `\\frac{${a}}{8}`).isEqual).toBe(true)
        expect(compareAnswers(`\\sqrt{${a * a * b}}`, `${a}\\sqrt{${b}}`).isEqual).toBe(true)
      }),
    )
  })
})

describe('by a prover', () => {
  test.each([
    ['\\tan^2(y)+1', '\\sec^2(y)'],
    ['1', '\\sin^2 x+\\cos^2 x'],
    ['\\cos(x)', '\\sin(90^{\\circ}-x)'],
    ['2 \\sin b \\cos a', '\\sin(a+b)-\\sin(a-b)'],
    ['3', '\\log_2 8'],
    ['\\sqrt{3+2\\sqrt2}', '1+\\sqrt2'],
    ['\\ln 6', '\\ln 2+\\ln 3'],
    ['0', '\\sin \\pi'],
  ])('%s is %s, and without a prover not verified', (gold, answer) => {
    expect(compareAnswers(gold, answer, prover)).toEqual({ isEqual: true })
    expect(compareAnswers(gold, answer)).toEqual({ isEqual: false, undecided: 'could not be compared' })
  })

  test.each([
    ['\\sin x', '\\cos x'],
    ['\\sqrt{3+2\\sqrt2}', '1+\\sqrt3'],
    ['x', '\\sqrt{x^2}'],
    ['\\ln 6', '\\ln 2\\cdot\\ln 3'],
    // Large numbers and poles do not hide a difference.
    ['x+e^{2+e^\\pi}', 'x+e^{2+e^\\pi}+\\sin^2 x+\\cos^2 x'],
    ['\\tan\\frac{\\pi}{2}', '\\tan\\frac{\\pi}{2}+\\sin^2 x+\\cos^2 x'],
    ['\\frac{x}{\\sin\\pi}', '\\frac{x}{\\sin\\pi}+1'],
  ])('%s is not %s', (gold, answer) => {
    expect(compareAnswers(gold, answer, prover).isEqual).toBe(false)
  })
})
