// The pieces of a run that are functions: data order, learning rate, gold answers, estimates

import { join } from 'node:path'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { computeAdvantages } from '../../src/core/rl/advantage'
import { defaultConfig } from '../../src/core/run/config'
import type { GradientRow } from '../../src/engine/policy'
import { loadProblems, parseLines } from '../../src/lab/data/embedded'
import { batchIndices } from '../../src/lab/data/order'
import { meanEstimate, pairedEstimate, shareEstimate } from '../../src/lab/estimates'
import type { Rollout } from '../../src/lab/rollout'
import { learningRate } from '../../src/lab/schedule'
import { loadExamples, writeAnswer } from '../../src/lab/sft'
import { loadTask } from '../../src/lab/tasks'
import type { Training } from '../../src/lab/training'
import { descend } from '../../src/lab/update'
import { gradeArithmetic } from '../../src/rewards/arithmetic'
import { folderSource } from '../../src/runner/files'

const data = folderSource('models/data', join(import.meta.dirname, '../../models/data'))

test('an epoch meets every item once, whatever the batch', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(1000),
      (items, batch, seed) => {
        const steps = Array.from({ length: Math.ceil((2 * items) / batch) }, (_, i) =>
          batchIndices(items, batch, seed, i + 1),
        )
        const order = steps.flat()
        expect(order.slice(0, items).sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, i) => i))
        expect(order.slice(items, 2 * items).sort((a, b) => a - b)).toEqual(Array.from({ length: items }, (_, i) => i))
      },
    ),
  )
  expect(batchIndices(1000, 8, 0, 1)).not.toEqual(batchIndices(1000, 8, 1, 1))
})

test('mixed safety batches are half harmful', async () => {
  const task = await loadTask({ kind: 'safety-mixed' }, { data })
  for (const step of [1, 2, 50]) {
    const batch = task.batch(16, 0, step)
    expect(batch.filter((prompt) => prompt.harmful)).toHaveLength(8)
  }
  expect(task.batch(5, 0, 1)).toHaveLength(5)
})

test('every gold answer of every style earns the reward', async () => {
  const problems = await loadProblems(data, 'train')
  for (const style of ['own', 'sure', 'prose', 'result', 'terse'] as const) {
    const examples = await loadExamples(
      { task: { kind: 'arithmetic' }, sft: { style, problems: 500, batch: 32 } },
      data,
    )
    expect(examples).toHaveLength(500)
    examples.forEach(({ completion }, i) => expect(gradeArithmetic(completion, problems[i].answer).correct).toBe(true))
  }
})

test('a gold answer shows its steps', () => {
  const problem = { prompt: '', answer: '9', problem: [7, '+', 5, '-', 3] as [number, '+', number, '-', number] }
  expect(writeAnswer('Sure. First {step1}. Then {step2}. #### {answer}', problem)).toBe(
    'Sure. First 7+5=12. Then 12-3=9. #### 9',
  )
})

test('no step of a run has a learning rate of 0, and warm-up ends at the peak', () => {
  for (const schedule of ['constant', 'linear', 'cosine'] as const) {
    const optimizer = { ...defaultConfig.optimizer, learningRate: 1, warmupSteps: 5, schedule }
    const rates = Array.from({ length: 40 }, (_, i) => learningRate(optimizer, i + 1, 40))
    expect(rates.slice(0, 6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1])
    expect(Math.min(...rates)).toBeGreaterThan(0)
    expect(Math.max(...rates)).toBe(1)
  }
})

test('lines that are no JSON, too long or of another shape are named', () => {
  const schema = v.strictObject({ a: v.number() })
  const parse = (text: string) => parseLines(new TextEncoder().encode(text), 'file.jsonl', schema)
  expect(parse('{"a":1}\n\n{"a":2}')).toEqual([{ a: 1 }, { a: 2 }])
  expect(() => parse('{"a":1}\nnope')).toThrow('file.jsonl: line 2 is not JSON.')
  expect(() => parse('{"a":"x"}')).toThrow('file.jsonl line 1.a: expected a number, got "x"')
  expect(() => parse(`{"a":${' '.repeat(1 << 20)}1}`)).toThrow('file.jsonl: line 1 is longer than 1 MiB.')
})

test('estimates carry their intervals', () => {
  // Wilson's interval of 8 in 10 and Student's of 1…5, by R's binom and t.test.
  expect(shareEstimate(8, 10)).toMatchObject({
    mean: 0.8,
    low: expect.closeTo(0.4902, 3),
    high: expect.closeTo(0.9433, 3),
  })
  expect(meanEstimate([1, 2, 3, 4, 5])).toMatchObject({ mean: 3, low: expect.closeTo(1.0368, 3), n: 5 })
  expect(pairedEstimate([1, 2, 3], [2, 3, 5])).toMatchObject({
    mean: expect.closeTo(4 / 3),
    p: expect.closeTo(0.0572, 3),
  })
})

test('rows whose group has one reward cost no gradient, and the others are all computed', async () => {
  const computed: number[][] = []
  const policy = {
    accumulate: (rows: readonly GradientRow[]) => Promise.resolve(void computed.push(rows.map(({ from }) => from))),
    step: () => Promise.resolve({ gradNorm: 0, applied: true }),
  }
  const config = { ...defaultConfig, rollout: { ...defaultConfig.rollout, groupSize: 2 } }
  const training = { config, model: { policy }, call: () => ({}) } as unknown as Training
  const rows = [1, 2, 3, 4].map((from) => ({ tokens: [...Array<number>(from).fill(0), 9], from }))
  const ones = rows.map(() => Float64Array.of(1))
  const batch = {
    groupSize: 2,
    rewards: Float64Array.of(0, 1, 1, 1),
    mask: ones,
    logps: ones,
    oldLogps: ones,
    entropies: ones,
    truncated: [false, false, false, false],
  }
  const { tokens } = await descend(training, {
    rollout: { groupSize: 2, rows } as unknown as Rollout,
    batch,
    advantages: computeAdvantages(batch, config.algorithm),
    algorithm: config.algorithm,
    learningRate: 1e-3,
  })
  expect(computed).toEqual([[1, 2]])
  expect(tokens).toBe(5)
})
