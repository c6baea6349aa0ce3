// Answers written to break a grader: it never throws, and the work for each is bounded

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadProver, type Prover } from '../../../src/rewards/math/algebra'
import { Budget, Undecidable } from '../../../src/rewards/math/budget'
import { compareAnswers } from '../../../src/rewards/math/equal'
import { Exact } from '../../../src/rewards/math/exact'
import { gradeMath } from '../../../src/rewards/math/grade'
import { readAnswer } from '../../../src/rewards/math/structure'

const MAX_MS = 50

let prover: Prover
beforeAll(async () => {
  prover = await loadProver()
})

/** Processor time of the fastest of some runs: other programs on the machine slow a run down, and nothing speeds one up. */
function fastestMs(run: () => unknown): number {
  let best = Infinity
  for (let attempt = 0; attempt < 5 && best > MAX_MS / 2; attempt++) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

const bombs: [name: string, answer: string][] = [
  ['a power of a sum', '(x+y+z+1)^{32}'],
  ['powers of sums of powers', '((((x+1)^9+1)^9+1)^9+1)^9'],
  ['a tower', '9^{9^{9^{9}}}'],
  ['a symbolic tower', 'x^'.repeat(100) + '2'],
  ['fractions of large powers', '\\frac{1}{3^{2500}}+\\frac{1}{2^{3900}}+\\frac{1}{7^{1400}}'],
  ['the root of a factorial', '\\sqrt{170!}'],
  ['factorials of factorials', '((((4!)!)!)!)!'],
  ['a binomial', '\\binom{300}{150}^{99}'],
  ['powers of sums of roots', '(\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13})^{12}'],
  ['a continued fraction', '1/(1+'.repeat(60) + 'x' + ')'.repeat(60)],
  ['an exponent of 20 digits', '(-1)^{99999999999999999999}'],
  ['exponents of ten', '1e400+1e-400'],
  ['a thousand digits', '1'.repeat(999)],
  ['commands without arguments', '\\frac'.repeat(150)],
  ['half the arguments', '\\frac{1}'.repeat(100) + '{2}'],
  ['roots of roots', '\\sqrt'.repeat(160) + '2'],
  ['functions of functions', '\\sin'.repeat(200) + 'x'],
  ['braces', '{'.repeat(450) + '1' + '}'.repeat(450)],
  ['brackets', '('.repeat(450) + '1' + ')'.repeat(450)],
  ['braces that never close', '{'.repeat(900)],
  ['bars', '|'.repeat(900)],
  ['signs', '-'.repeat(900) + '1'],
  ['a list', '1,'.repeat(450)],
  ['points', '(1,2),'.repeat(140)],
  ['signs of both kinds', '\\pm1,'.repeat(150)],
  ['signs of both kinds in one', '\\pm'.repeat(200) + '1'],
  ['intervals', '[1,2)\\cup'.repeat(80) + '[1,2)'],
  ['indices', 'a_'.repeat(400) + '1'],
  ['matrices in matrices', '\\begin{pmatrix}'.repeat(30) + '1' + '\\end{pmatrix}'.repeat(30)],
  ['texts in texts', '\\text{'.repeat(150)],
  ['decimal points', '1.'.repeat(400)],
  ['thousands', '1,234'.repeat(150)],
  ['spaces', `1${' '.repeat(900)}2`],
  ['backslashes', '\\'.repeat(900)],
  ['equations', 'x='.repeat(400) + '1'],
  ['hedges', 'or '.repeat(300) + '4'],
  ['an identity too large to prove', `${'\\sin^2 x+\\cos^2 x+'.repeat(30)}1`],
]

describe.each(bombs)('%s', (_, answer) => {
  test('is judged within 50 ms, in a box, bare, stated, and as the gold', () => {
    const completions = [
      `\\boxed{${answer}}`,
      answer,
      `The answer is $${answer}$.`,
      `\\boxed{${answer}} or \\boxed{(${answer})+0}`,
    ]
    for (const completion of completions) {
      expect(
        fastestMs(() => gradeMath(completion, '4', prover)),
        completion.slice(0, 40),
      ).toBeLessThan(MAX_MS)
      expect(gradeMath(completion, '816', prover).correct).toBe(false)
    }
    expect(fastestMs(() => compareAnswers(answer, `(${answer})+0`, prover))).toBeLessThan(MAX_MS)
    expect(fastestMs(() => compareAnswers(answer, answer.replaceAll('1', '2'), prover))).toBeLessThan(MAX_MS)
  })
})

test('work is counted: the same comparison stops at the same place everywhere', () => {
  const node = readAnswer('(x+y+z+1)^{32}')
  const spent = (work: number) => {
    try {
      new Exact(new Budget(work)).of(node)
      return 'done'
    } catch (error) {
      expect(error).toBeInstanceOf(Undecidable)
      return (error as Error).message
    }
  }
  expect(spent(1e9)).toBe('too large to compare')
  expect(spent(10)).toBe('too large to compare')
  expect(() => new Exact(new Budget(25)).of(readAnswer('x+1'))).not.toThrow()
})

test('ten thousand answers of every piece that means something: none throws, none takes 50 ms', () => {
  const pieces =
    '\\frac { } 1 2 x \\sqrt ^ _ ( ) [ ] \\{ \\} + - * / = < \\le \\cup , ; \\pi \\sin \\log i e ! % \\text{ \\begin{pmatrix} \\end{pmatrix} & \\\\ | \\pm ^\\circ \\infty $ or and 9999999 0.123456789012 \\binom \\in \\boxed{ #### answer <think> </think> 1/3 x^2 (1,2) [0,1) \\frac{1}{2} \u200b \u202e ٤'.split(
      ' ',
    )
  const text = fc.array(fc.constantFrom(...pieces, ' '), { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, fc.boolean(), (answer, isBoxed) => {
      const completion = isBoxed ? `\\boxed{${answer}}` : answer
      expect(fastestMs(() => gradeMath(completion, '\\frac{1}{2}', prover))).toBeLessThan(MAX_MS)
      expect(fastestMs(() => compareAnswers(answer, `(${answer})+0`, prover))).toBeLessThan(MAX_MS)
    }),
    { numRuns: 10_000 },
  )
})

test('expressions with functions, and an identity beside them: proofs are bounded too', () => {
  const { expression } = fc.letrec<{ expression: string }>((tie) => {
    const inner = tie('expression')
    const unary = ['\\sqrt{@}', '\\sin(@)', '\\ln(@)', '(@)^{3}', 'e^{@}', '|@|', '\\tan(@)', '\\sqrt[3]{@}']
    const binary = ['(@+#)', '(@)(#)', '\\frac{@}{#}']
    return {
      expression: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.constantFrom('x', 'y', '2', '3', '\\pi', '\\frac{1}{2}', '\\sqrt{5}'),
        fc.tuple(fc.constantFrom(...unary), inner).map(([shape, a]) => shape.replace('@', () => a)),
        fc
          .tuple(fc.constantFrom(...binary), inner, inner)
          .map(([shape, a, b]) => shape.replace('@', () => a).replace('#', () => b)),
      ),
    }
  })
  const identities = [
    (a: string) => `${a}+\\sin^2(x)+\\cos^2(x)-1`,
    (a: string) => `\\frac{${a}}{\\sec^2(y)-\\tan^2(y)}`,
    (a: string) => `e^{\\ln(${a})}`,
  ]
  let proven = 0
  fc.assert(
    fc.property(expression, fc.constantFrom(...identities), (a, identity) => {
      expect(
        fastestMs(() => compareAnswers(a, identity(a), prover)),
        a,
      ).toBeLessThan(MAX_MS)
      if (compareAnswers(a, identity(a), prover).isEqual) proven++
      // A thousandth off is wrong, whatever the size; sin π is 0 and stays it.
      if (compareAnswers('0', a, prover).isEqual) return
      expect(compareAnswers(a, `\\frac{1001}{1000}(${identity(a)})`, prover).isEqual, a).toBe(false)
    }),
    { numRuns: 500 },
  )
  expect(proven).toBeGreaterThan(100)
})
