// Real golds: each is right against itself, and against no other

import { beforeAll, describe, expect, test } from 'vitest'
import { graders, loadGrader, type Compare, type GraderName } from '../../../src/rewards/graders'
import { lastBox } from '../../../src/rewards/math/boxes'
import { hasSharedData, sharedRows } from '../shared'

interface Row {
  problem: string
  solution: string
  answer: string
}

/** One digit of a text raised by one, 9 to 0. */
function nudged(text: string): string {
  return text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
}

describe.skipIf(!hasSharedData)('MATH-500', () => {
  const rows = sharedRows<Row>('math/math500-test.jsonl')
  let math: Compare
  beforeAll(async () => {
    math = await loadGrader('math')
  })

  test('the last box of every solution is its answer', () => {
    expect(rows).toHaveLength(500)
    for (const { solution, answer } of rows) expect(lastBox(solution)).toBe(answer)
  })

  test('every gold is right: boxed, bare, in a sentence, and as the worked solution', () => {
    for (const { answer, solution } of rows) {
      const said = [
        `\\boxed{${answer}}`,
        answer,
        `The answer is $${answer}$.`,
        `So the final answer is ${answer}`,
        solution,
      ]
      for (const completion of said) expect(math(completion, answer).correct, completion).toBe(true)
      expect(math(`\\boxed{${answer}}`, solution).correct, answer).toBe(true)
      expect(graders.math.isGold(answer)).toBe(true)
    }
  })

  test('the gold of another row is wrong, unless it says the same', () => {
    const same = new Set<string>()
    for (const [index, { answer }] of rows.entries()) {
      for (const step of [1, 7, 31, 77, 123, 200]) {
        const other = rows[(index + step) % rows.length].answer
        if (other !== answer && math(`\\boxed{${other}}`, answer).correct) same.add(`${answer} is ${other}`)
      }
    }
    expect([...same]).toEqual(['5 is x=5'])
  })

  test('a gold with another sign, another digit or one more is wrong', () => {
    for (const { answer } of rows) {
      if (answer === '0') continue
      const corrupted = [nudged(answer), `1+${answer}`, ...(answer.includes('\\pm') ? [] : [`-${answer}`])]
      for (const each of corrupted.filter((text) => text !== answer)) {
        expect(math(`\\boxed{${each}}`, answer).correct, `${each} against ${answer}`).toBe(false)
      }
    }
  })

  test('the original format: the gold is the box of a solution', () => {
    for (const { solution } of sharedRows<Row>('math/math-original-format-sample500.jsonl')) {
      expect(math(`\\boxed{${lastBox(solution)}}`, solution).correct, solution.slice(-80)).toBe(true)
    }
    for (const { answer } of sharedRows<Row>('math/math-train-sample500.jsonl')) {
      expect(math(`\\boxed{${answer}}`, answer).correct, answer).toBe(true)
    }
  })
})

describe.skipIf(!hasSharedData).each<[GraderName, string, number]>([
  ['gsm8k', 'gsm8k/test.jsonl', 1319],
  ['aime', 'aime/aime24-test.jsonl', 30],
  ['aime', 'aime/aime25-test.jsonl', 30],
])('%s on %s', (name, file, count) => {
  const rows = sharedRows<{ answer: string }>(file)

  test('every gold is right against itself, wrong by one, and wrong for its neighbour', async () => {
    expect(rows).toHaveLength(count)
    const grade = await loadGrader(name)
    for (const [index, { answer }] of rows.entries()) {
      const number = Number(answer.replace(/^[^]*####/, '').replaceAll(',', ''))
      const said = name === 'gsm8k' ? (n: number) => `So it is ${n}.\n#### ${n}` : (n: number) => `\\boxed{${n}}`
      expect(graders[name].isGold(answer)).toBe(true)
      expect(grade(answer, answer).correct, answer).toBe(true)
      expect(grade(said(number), answer).correct).toBe(true)
      for (const wrong of [number + 1, number - 1, -number || 7]) expect(grade(said(wrong), answer).correct).toBe(false)
      const neighbour = rows[(index + 1) % rows.length].answer
      if (!neighbour.endsWith(` ${number}`)) expect(grade(neighbour, answer).correct).toBe(Number(neighbour) === number)
    }
  })
})
