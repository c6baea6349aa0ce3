// Every grader by name: what it accepts, and what no trick gets past it

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { graders, loadGrader, type GraderName, type GraderOptions } from '../../src/rewards/graders'

type Case = [completion: string, gold: string | string[], correct: boolean, options?: GraderOptions]

const upTo99 = Array.from({ length: 100 }, (_, n) => n)

const cases: Record<GraderName, Case[]> = {
  math: [
    ['<think>\\boxed{3}</think>\\boxed{4}', '4', true],
    ['<think>\\boxed{4}</think> The answer is 3', '4', false],
    ['<think>a</think><answer>4</answer>', '4', true],
    ['So we get 4 apples', '4', true],
    ['The answer is $x = 4$, since it must be even.', '4', true],
    ['\\boxed{4}, or 8/2.', '4', true],
    ['\\boxed{4}\n\\boxed{4}', '4', true],
    ['\\boxed{3}. Wait, that is wrong. So \\boxed{4}', '4', true],
    ['\\boxed{3}. Wait, that is wrong. So \\boxed{4}', '3', false],
    ['\\boxed{3}. Final answer: 4', '4', true],
    ['\\boxed{3}. Final answer: 4', '3', false],
    ['\\boxed{5} and \\boxed{3}', '3,5', true],
    ['\\boxed{4}', ['3', '4'], true],
    ['\\boxed{\\sin^2 x + \\cos^2 x}', '1', true],
    // Several answers.
    ['\\boxed{3} \\boxed{4}', '4', false],
    ['\\boxed{3} or \\boxed{4}', '4', false],
    ['\\boxed{3}, maybe \\boxed{4}', '4', false],
    ['\\boxed{3}. Wait, maybe \\boxed{4}', '4', false],
    ['The answer is $\\boxed{4}$ or maybe $5$', '4', false],
    ['$3$, $4$, $5$', '5', false],
    ['\\boxed{1,2,3,4,5}', '5', false],
    ['\\boxed{3 \\text{ or } 4}', '4', false],
    ['The possible answers are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.', '9', false],
    [upTo99.join(' '), '99', false],
    [upTo99.map((n) => `\\boxed{${n}}`).join('\n\n'), '99', false],
    [upTo99.map((n) => `The answer is ${n}.`).join(' '), '99', false],
    // Hedges and denials.
    ['The answer is either 3 or 4.', '4', false],
    ['Answer: not 4', '4', false],
    ['\\boxed{\\text{not } 4}', '4', false],
    ['\\boxed{\\text{maybe } 4}', '4', false],
    ['\\boxed{\\text{at most }4}', '4', false],
    ['\\boxed{3 < x < 5}', '4', false],
    // Nothing.
    ['', '4', false],
    ['\\boxed{}', '4', false],
    ['4', '\\boxed{}', false],
    ['<think>\\boxed{4}', '4', false],
    // Characters.
    ['\\boxed{1\u200b2}', '12', true],
    ['\\boxed{\u202e21}', '12', false],
    ['\\boxed{٤}', '4', false],
    // Sizes.
    ['\\boxed{1e999}', '\\infty', false],
    ['\\boxed{9^{9^{9^{9}}}}', '1', false],
    ['\\boxed{\\frac{4}{0}}', '4', false],
    ['\\boxed{4.0000000000001}', '4', false],
    [`\\boxed{${'{'.repeat(900)}4${'}'.repeat(900)}}`, '4', false],
  ],
  gsm8k: [
    ['#### 18 apples, 5 pears', '18', true],
    ['#### 5\nWait, that is a mistake.\n#### 6', '6', true],
    ['She has 3 + 4 = 7', '7', true],
    ['<think>17</think><answer>#### 18</answer>', '18', true],
    ['#### 17\n#### 18', '18', false],
    ['#### 3 or 4', '3', false],
    ['#### 17, 18', '17', false],
    ['either 3 or maybe 4', '4', false],
    ['1 2 3 4 5 6 7 8 9', '9', false],
    [upTo99.join(', '), '99', false],
    ['#### 1e999', '5', false],
  ],
  aime: [
    ['\\boxed{025}', '25', true],
    ['\\boxed{25}', '025', true],
    ['Therefore $m+n=\\boxed{25}$.', '25', true],
    ['\\boxed{m+n=25}', '25', true],
    ['The answer is 25.', '25', true],
    ['\\boxed{50/2}', '25', false],
    ['\\boxed{-25}', '25', false],
    ['\\boxed{1025}', '25', false],
    ['\\boxed{24}\\boxed{25}', '25', false],
    ['\\boxed{0}', '', false],
  ],
  number: [
    ['The answer is 3.1415927', '3.14159265', true],
    ['\\boxed{6.02\\times10^{23}}', '6.02e23', true],
    ['$1,234.50', '1234.5', true],
    ['about 12%', '0.12', true],
    ['1/3', '0.3333333333', true],
    ['-5 degrees', '-5', true],
    ['It is 7.', '7', true],
    ['It is 8.', '7', false],
    ['3.15', '3.14', false],
    ['42.00001', '42', false],
    ['3 or 4', '4', false],
    ['9.9', '10', true, { tolerance: { absolute: 0.2 } }],
    ['9.7', '10', false, { tolerance: { absolute: 0.2 } }],
    ['990', '1000', true, { tolerance: { relative: 0.01 } }],
    ['989', '1000', false, { tolerance: { relative: 0.01 } }],
  ],
  choice: [
    ['B', 'B', true],
    ['b', 'B', true],
    ['(B)', 'B', true],
    ['The answer is (B).', 'B', true],
    ['The correct answer is B because A is wrong.', 'B', true],
    ['**Answer: C**', 'C', true],
    ['Answer: B) Paris', 'B', true],
    ['Option B is correct.', 'B', true],
    ['\\boxed{\\text{(B) } 42}', 'B', true],
    ['A. x\nB. y\nC. z\nThe answer is B.', 'B', true],
    ['The answer is B. Wait, that is wrong. The answer is C.', 'C', true],
    ['B and C', 'B,C', true],
    ['Paris', 'B', true, { options: ['Rome', 'Paris'] }],
    ['The answer is Paris.', 'B', true, { options: ['Rome', 'Paris'] }],
    ['B', 'Paris', true, { options: ['Rome', 'Paris'] }],
    ['E', 'E', false, { options: ['Rome', 'Paris'] }],
    ['A. x\nB. y\nC. z', 'B', false],
    ['The answer is A or B', 'B', false],
    ['(A) or (B)', 'B', false],
    ['A, B, C, D', 'B', false],
    ['\\boxed{A} \\boxed{B}', 'B', false],
    ['B', 'B,C', false],
    ['not B', 'B', false],
    ['The answer is not B', 'B', false],
    ['A man walks', 'A', false],
    ['', 'B', false],
  ],
  exact: [
    ['hello  world ', 'hello world', true],
    ['```python\nprint(1)\n```', 'print(1)', true],
    ['<think>x</think>\nabc\n', 'abc', true],
    ['<answer>abc</answer>', 'abc', true],
    ['def f():\r\n  return 1\n\n', 'def f():\n  return 1', true],
    ['if x:\n  a\nb', 'if x:\n  a\n  b', false],
    ['Hello', 'hello', false],
    ['abc or abd', 'abc', false],
    ['```\nabc\n```\n```\nabd\n```', 'abd', false],
    ['', 'abc', false],
  ],
}

describe.each(Object.keys(cases) as GraderName[])('%s', (name) => {
  test.each(cases[name])('%j against %j: %j', async (completion, gold, correct, options) => {
    const verdict = (await loadGrader(name))(completion, gold, options)
    expect(verdict.correct, verdict.reason).toBe(correct)
  })

  test('says in a line what it is, and tells golds from others', () => {
    expect(graders[name].description).not.toBe('')
    expect(graders[name].isGold('')).toBe(false)
    expect(graders[name].isGold(name === 'choice' ? 'B' : '12')).toBe(true)
  })

  test('no text makes it throw, and no completion without its gold is right', async () => {
    const grade = await loadGrader(name)
    const piece = fc.oneof(
      fc.constantFrom(
        '\\boxed{',
        '}',
        '####',
        '<think>',
        '</think>',
        'answer is ',
        '$',
        '```',
        '\\frac',
        '(B)',
        ' or ',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, (completion) => {
        const verdict = grade(completion, name === 'choice' ? 'J' : '816')
        expect(verdict.correct && !completion.includes('816') && !/j/i.test(completion)).toBe(false)
        expect(verdict.reason).not.toBe('')
      }),
      { numRuns: 1000 },
    )
  })

  test('a megabyte of anything is graded in milliseconds', async () => {
    const grade = await loadGrader(name)
    const parts = [
      '9',
      '1,',
      '#### 1 ',
      '\\boxed{1}',
      '\\boxed{',
      '$',
      '$1$',
      'answer is ',
      '\n',
      ' ',
      '(B)',
      '```\n',
      'A or ',
    ]
    const startedMs = performance.now()
    for (const part of parts)
      expect(grade(part.repeat(1e6 / part.length), name === 'choice' ? 'C' : '7').correct).toBe(false)
    expect((performance.now() - startedMs) / parts.length).toBeLessThan(200)
  })
})

test('the verdict names what was found, what was expected, and why nothing was', async () => {
  const math = await loadGrader('math')
  expect(math('\\boxed{3}', '4')).toEqual({ correct: false, extracted: '3', reason: '3, expected 4' })
  expect(math('\\boxed{4}', '4')).toEqual({ correct: true, extracted: '4', reason: '4, right' })
  expect(math('\\boxed{3} \n\n so \\boxed{4}', '4').reason).toBe('several answers that differ: 3, then 4')
  expect(math('<think>hm', '4').reason).toBe('the thought never ends')
  expect(math('no idea', '').reason).toBe('no idea, expected ')
  expect(math('\\boxed{x^{9^{9^9}}}', '4').reason).toBe('x^{9^{9^9}}, expected 4: too large to compare')
})
