// What the workbench is made of: gold answers with a slot, corruptions, probes, and the findings' numbers

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uniformStream } from '../../../src/core/random/stream'
import { corruptions } from '../../../src/lab/workbench/corruptions'
import { goldForm, type OwnGrader } from '../../../src/lab/workbench/gold'
import { probes } from '../../../src/lab/workbench/probes'
import { distributionOf, failuresOf, shareOf } from '../../../src/lab/workbench/summary'
import type { Example } from '../../../src/lab/workbench/report'
import { loadGrader, type GraderName } from '../../../src/rewards/graders'
import { hasSharedData, sharedRows } from '../../rewards/shared'

const form = async (gold: string, grader: GraderName, worked: unknown[] = []) =>
  goldForm(gold, grader as OwnGrader, await loadGrader(grader), worked)

test('a bare answer is stated as the instruction of its data set asks', async () => {
  expect((await form('\\frac{1}{2}', 'math')).write('\\frac{1}{3}')).toBe('The answer is \\boxed{\\frac{1}{3}}.')
  expect((await form('42', 'number')).write('42')).toBe('#### 42')
  expect((await form('B', 'choice')).write('C')).toBe('The answer is C.')
})

test('a worked solution is used where the grader accepts it, with a slot where its answer stands', async () => {
  const solution = 'Since $6\\cdot 7=42$, the answer is $\\boxed{42}$, and 42 it is.'
  const { write, state } = await form('42', 'math', [solution, 17])
  expect(write('42')).toBe(solution)
  expect(write('43')).toBe('Since $6\\cdot 7=42$, the answer is $\\boxed{43}$, and 42 it is.')
  expect(state('43')).toBe('The answer is \\boxed{43}.')
  expect((await form('42', 'math', ['It is \\boxed{41}.'])).write('42')).toBe('The answer is \\boxed{42}.')
})

test.skipIf(!hasSharedData)(
  'every gold answer of real data is right by its own grader, and no corruption of it is',
  async () => {
    const next = uniformStream(1, 'data')
    const sets: [GraderName, { gold: string; worked: unknown }[]][] = [
      [
        'gsm8k',
        sharedRows<{ answer: string }>('gsm8k/test.jsonl').map(({ answer }) => ({ gold: answer, worked: null })),
      ],
      [
        'math',
        sharedRows<{ answer: string; solution: string }>('math/math500-test.jsonl').map(({ answer, solution }) => ({
          gold: answer,
          worked: solution,
        })),
      ],
    ]
    for (const [grader, rows] of sets) {
      const compare = await loadGrader(grader)
      const some = rows.slice(0, 150)
      const forms = some.map(({ gold, worked }) => goldForm(gold, grader, compare, [worked]))
      const right = forms.filter(({ write, answer }, i) => compare(write(answer), some[i].gold).correct)
      expect(right.length / some.length).toBeGreaterThan(0.99)
      const answers = forms.map(({ answer }) => answer)
      for (const { name, change } of corruptions) {
        const changed = forms.flatMap((each, i) => {
          const answer = change(each.answer, answers, next)
          return answer === null ? [] : [compare(each.write(answer), some[i].gold).correct]
        })
        // Another row may have the same number, and 1/2 with swapped digits may be equal to something right.
        expect(changed.filter(Boolean).length / changed.length, `${grader}, ${name}`).toBeLessThan(0.03)
        expect(changed.length, `${grader}, ${name}`).toBeGreaterThan(some.length / 4)
      }
    }
  },
)

test.each([
  ['off-by-one', '42', /^4[13]$/],
  ['off-by-one', '0', /^1$/],
  ['off-by-one', 'B', /^[ACD]$/],
  ['off-by-one', '\\frac{3}{10}', /^\\frac\{3\}\{(09|11)\}$/],
  ['digits-swapped', '1,080', /^1008$/],
  ['sign-flipped', '-7', /^7$/],
  ['sign-flipped', '7', /^-7$/],
  ['digit-dropped', '123', /^12$/],
])('%s of %s', (name, answer, expected) => {
  const { change } = corruptions.find((each) => each.name === name)!
  expect(change(answer, [], uniformStream(3, 'data'))).toMatch(expected)
})

test('what cannot be corrupted is left alone, and a corruption never gives the gold back', () => {
  const never = (name: string, answer: string, others: string[] = []) =>
    corruptions.find((each) => each.name === name)!.change(answer, others, uniformStream(1, 'data'))
  expect(never('digits-swapped', '77')).toBeNull()
  expect(never('digit-dropped', '7')).toBeNull()
  expect(never('sign-flipped', '0')).toBeNull()
  expect(never('sign-flipped', '\\text{even}')).toBeNull()
  expect(never('other-row', '7', ['7', '7'])).toBeNull()
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.nat(), (answer, seed) =>
      corruptions.every(({ change }) => change(answer, ['1', '2'], uniformStream(seed, 'data')) !== answer),
    ),
  )
})

test('the gold hides among guesses, and is not the last of them', () => {
  const { make } = probes.find(({ name }) => name === 'gold-among-guesses')!
  const state = (answer: string) => answer
  for (let seed = 0; seed < 50; seed++) {
    const row = { prompt: '', gold: { answer: '42', write: state, state }, others: ['7', '8', '9'] }
    const text = make({ ...row, next: uniformStream(seed, 'data') })!
    expect(text).toMatch(/\b42\b/)
    expect(text).not.toMatch(/ 42\.$/)
  }
})

test('a histogram counts every score once, the largest in the last bin', () => {
  expect(distributionOf([0, 0.05, 0.5, 1])).toMatchObject({
    histogram: [2, 0, 0, 0, 0, 1, 0, 0, 0, 1],
    distinct: 4,
    min: 0,
  })
  expect(distributionOf([3, 3])).toMatchObject({ histogram: [2], sd: 0 })
  expect(distributionOf([])).toBeNull()
  expect(shareOf(0, 20)).toMatchObject({ low: 0, high: expect.closeTo(0.1611, 4) })
})

test('failures are one where their place is one', () => {
  const failing = (id: string, line: number) =>
    ({ id, failure: { part: 'user', kind: 'exception', message: id, line } }) as unknown as Example
  expect(failuresOf([failing('a', 3), failing('b', 4), failing('c', 3)])).toMatchObject([
    { line: 3, count: 2, message: 'a', examples: ['a', 'c'] },
    { line: 4, count: 1 },
  ])
})
