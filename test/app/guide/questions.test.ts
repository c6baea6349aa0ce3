import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { dealt, judge, normalised, type Amount, type Asked } from '../../../src/app/guide/question'
import { findQuestion, questions } from '../../../src/app/guide/questions'
import { mathml } from '../../../src/app/maths/typeset'
import { choiceWords, readChoice } from '../../../src/app/theory/choice'
import { ChoiceSchema } from '../../../src/app/theory/choice-schema'

const deals = Array.from({ length: 40 }, (_, deal) => deal)
const named = (id: string, deal: number): Asked => dealt(findQuestion(id).question, deal)
const amount = (id: string, deal: number) => named(id, deal).answer as Amount

describe.each(questions)('$id', (question) => {
  test('asks, has an answer within reach, and says why, whatever is dealt', () => {
    for (const deal of deals) {
      const { text, answer, why, equation, shows } = dealt(question, deal)
      expect(text).toMatch(/\?$|sum to 1\.$/)
      expect(`${text} ${why}`).not.toMatch(/NaN|undefined|null|–(?!\w)/)
      expect(why).toMatch(/\.$/)
      expect(mathml(equation)).toContain('<math')
      expect(v.is(ChoiceSchema, shows)).toBe(true)
      if (answer.kind === 'choice') {
        expect(answer.options[answer.right]).toBeDefined()
        expect(new Set(answer.options).size).toBe(answer.options.length)
      } else if (answer.kind === 'amount') {
        expect(answer.value).toBeGreaterThanOrEqual(answer.min)
        expect(answer.value).toBeLessThanOrEqual(answer.max)
      } else expect(answer.values.reduce((sum, value) => sum + value)).toBeCloseTo(1, 12)
    }
  })

  test('the same number deals the same question, other numbers deal others', () => {
    expect(dealt(question, 7).text).toBe(dealt(question, 7).text)
    expect(new Set(deals.map((deal) => dealt(question, deal).text)).size).toBeGreaterThan(2)
  })

  test('opens in the Theory view under a link of its own', () => {
    const { shows } = dealt(question, 3)
    expect(readChoice(new URLSearchParams(choiceWords(shows)))).toEqual({ choice: shows, problems: [] })
  })
})

// Oracles of their own: closed forms of docs/theory.md, not the code that the questions read.
describe('the answers are those of the theory', () => {
  const binaryKl = (P: number, q: number) => P * Math.log(P / q) + (1 - P) * Math.log((1 - P) / (1 - q))
  const tilted = (q: number, beta: number) => 1 / (1 + ((1 - q) / q) * Math.exp(-1 / beta))

  test.each(deals)('deal %i', (deal) => {
    const halving = named('halving', deal).shows
    expect(amount('halving', deal).value).toBeCloseTo(
      binaryKl(tilted(halving.success, halving.beta), halving.success),
      9,
    )

    const { success: q, beta } = named('ess', deal).shows
    const P = tilted(q, beta)
    expect(amount('ess', deal).value).toBeCloseTo(128 / (1 + (P - q) ** 2 / (q * (1 - q))), 6)

    expect(amount('saturation', deal).value).toBeCloseTo(-Math.log(named('saturation', deal).shows.success), 9)
    expect(amount('never', deal).value).toBe(0)

    const budget = named('budget', deal)
    const kl = binaryKl(tilted(budget.shows.success, budget.shows.beta), budget.shows.success)
    expect(amount('budget', deal).value).toBeCloseTo(Math.min(Math.sqrt(kl / 2), Math.sqrt(1 - Math.exp(-kl))), 9)
  })

  test('safety goes the way of its correlation with reward', () => {
    for (const deal of deals) {
      const { answer, shows } = named('correlation', deal)
      expect(answer).toMatchObject({ right: 1 + Math.sign(shows.correlation) })
    }
  })

  test('at equal KL best-of-n has as much as the tilt where it is one, and less where rewards are graded', () => {
    for (const deal of deals) {
      const { answer, shows } = named('best', deal)
      expect(answer).toMatchObject({ right: shows.grades === 2 ? 1 : 2 })
    }
  })

  test('the theory-faithful gradient rests at the tilt, GRPO with its own k3 × ratio above it, without KL at 1', () => {
    const rests = new Map<string, Set<number>>()
    for (const deal of deals) {
      const { answer, shows } = named('rest', deal)
      if (answer.kind === 'choice')
        rests.set(shows.algorithm, (rests.get(shows.algorithm) ?? new Set()).add(answer.right))
    }
    expect([...rests.get('theory-faithful')!]).toEqual([1])
    expect([...rests.get('trl-grpo-kl')!]).toEqual([2])
    expect([...rests.get('trl-grpo')!]).toEqual([2])
    expect(rests.size).toBe(5)
  })

  test('a bound is tightest alone: no deal has two right answers', () => {
    for (const deal of deals) {
      const { equation, answer } = named('tightest', deal)
      const [cauchySchwarz, tv] = [...equation.matchAll(/= ([\d.]+)/g)].slice(1).map(([, value]) => Number(value))
      expect(cauchySchwarz).not.toBe(tv)
      expect(answer).toMatchObject({ right: cauchySchwarz < tv ? 0 : 1 })
    }
  })

  test('the drawn tilt is each bar times e to the g/β, over their sum', () => {
    for (const deal of deals) {
      const { answer, shows } = named('shape', deal)
      if (answer.kind !== 'drawing') throw new Error('a drawing is asked for')
      const grades = answer.labels.map((label) => Number(label.replace('g = ', '')))
      const expected = normalised(answer.before.map((p, r) => p * Math.exp(grades[r] / shows.beta)))
      answer.values.forEach((value, r) => expect(value).toBeCloseTo(expected[r], 9))
    }
  })
})

describe('a guess is judged', () => {
  const slider: Amount = { kind: 'amount', min: 0, max: 2, unit: 'nats', value: 1, show: (value) => value.toFixed(2) }

  test('by how far it is, on the length of the slider', () => {
    expect(judge(slider, 1.05)).toEqual({ tone: 'good', text: 'Right: it is 1.00 nats, you said 1.05.' })
    expect(judge(slider, 0.8).tone).toBe('near')
    expect(judge(slider, 2)).toEqual({ tone: 'bad', text: 'Not yet: it is 1.00 nats, you said 2.00.' })
  })

  test('by the option that is right', () => {
    const answer = { kind: 'choice', options: ['It falls', 'TV'], right: 0 } as const
    expect(judge(answer, 0)).toEqual({ tone: 'good', text: 'Right: it falls.' })
    expect(judge(answer, 1)).toEqual({ tone: 'bad', text: 'No: it falls.' })
    expect(judge({ ...answer, right: 1 }, 1).text).toBe('Right: TV.')
  })

  test('by the probability that is elsewhere, whatever the size of the drawing', () => {
    const answer = { kind: 'drawing', labels: ['', ''], before: [0.5, 0.5], values: [0.25, 0.75] } as const
    expect(judge(answer, [0.1, 0.3]).tone).toBe('good')
    expect(judge(answer, [0.5, 0.5])).toEqual({
      tone: 'bad',
      text: 'Not yet: 25 % of the probability is elsewhere than you drew it.',
    })
    expect(judge(answer, [0, 0]).tone).toBe('bad')
  })

  test('a guess of another kind is a fault of the page', () => {
    expect(() => judge(slider, [1])).toThrow(TypeError)
  })
})

test('a question that there is not is the first, and that is said', () => {
  expect(findQuestion('nonsense')).toEqual({ question: questions[0], known: false })
  expect(findQuestion(null)).toEqual({ question: questions[0], known: true })
})
