// A reward of several functions: sums as TRL makes them, arguments, and what a failure does

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { computeAdvantages } from '../../src/core/rl/advantage'
import { overrideAlgorithm, DEFAULT_ALGORITHM } from '../../src/core/rl/config'
import { partMetrics } from '../../src/lab/report'
import type { OpenFunction, RewardSources } from '../../src/rewards/function'
import { rewardFunctions } from '../../src/rewards/functions'
import { answerScorer, goldText, gradeItem, type GradeItem, type Score } from '../../src/rewards/grader'
import { gradeArithmetic } from '../../src/rewards/arithmetic'
import { createHarmRule } from '../../src/rewards/harm'
import { evaluate } from '../../src/rewards/expression'
import { parseExpression } from '../../src/rewards/parser'
import { checkReward, openReward, RewardError, type FailurePolicy } from '../../src/rewards/reward'
import { expectClose } from '../core/close'

const root = join(import.meta.dirname, '../..')
const rule = createHarmRule(JSON.parse(readFileSync(join(root, 'models/data/harm-rule.json'), 'utf8')))

const program = (score: (item: GradeItem, i: number) => Score): OpenFunction => ({
  score: (items) => Promise.resolve(items.map(score)),
})

function sources(changes: Partial<RewardSources> = {}): RewardSources {
  return {
    accuracy: answerScorer((completion, gold) => gradeArithmetic(completion, goldText(gold))),
    harmScorer: 'rule',
    harmRule: () => Promise.resolve(rule),
    program: null,
    openJudge: () => Promise.reject(new Error('no judge here')),
    ...changes,
  }
}

const open = (formula: string, changes?: Partial<RewardSources>, onFailure: FailurePolicy = 'abort') =>
  openReward(formula, onFailure, sources(changes))

const sum = (completion: string, changes: Partial<GradeItem> = {}) =>
  gradeItem({ prompt: '4+5=?', answer: '9', completion, ...changes })

describe('weighted sums equal numpy’s with NaN for what is missing (TRL)', () => {
  interface Case {
    weights: number[]
    parts: (number | null)[][]
    rewards: (number | null)[]
    advantages: Record<'group' | 'batch-sequence' | 'none', number[]>
    means: (number | null)[]
    deviations: (number | null)[]
  }
  const { groupSize, cases } = JSON.parse(readFileSync(join(root, 'test/fixtures/rewards.json'), 'utf8')) as {
    groupSize: number
    cases: Case[]
  }
  test.each(cases.map((example, index) => ({ index, ...example })))('case $index', (example) => {
    const formula = parseExpression(example.weights.map((weight, k) => `(${weight})*f${k}`).join(' + '))
    const rewards = example.rewards.map((_, i) =>
      evaluate(formula, ({ name }) => example.parts[Number(name.slice(1))][i]),
    )
    expectClose(rewards, example.rewards, 1e-12)
    const batch = {
      groupSize,
      rewards: Float64Array.from(rewards, (value) => value ?? NaN),
      mask: rewards.map(() => Float64Array.of(1)),
    }
    for (const scale of ['group', 'batch-sequence', 'none'] as const) {
      const config = overrideAlgorithm(DEFAULT_ALGORITHM, { scale }, 'config')
      expectClose([...(computeAdvantages(batch, config) as Float64Array)], example.advantages[scale], 1e-9)
    }
    const scores = example.parts.map((part, k) => ({ name: `f${k}`, scores: part.map((value) => ({ value })) }))
    const metrics = partMetrics({ rewards: batch.rewards, failures: rewards.map(() => null), parts: scores }, 'abort')
    const of = (what: string) => scores.map(({ name }) => metrics[`rewards/${name}/${what}`])
    expectClose(of('mean'), example.means, 1e-12)
    expectClose(
      of('std').map((value) => (Number.isNaN(value) ? null : value)),
      example.deviations,
      1e-12,
    )
  })
})

describe('a reward', () => {
  test('is the formula over its functions; its manifest names them as their metrics do', async () => {
    const reward = await open('accuracy + 0.5*refusal + 0*noisy(accuracy) - 0*noisy(refusal)')
    expect(reward.manifest).toEqual({
      expression: 'accuracy + 0.5*refusal + 0*noisy(accuracy) - 0*noisy(refusal)',
      functions: { accuracy: 'accuracy', refusal: 'refusal', noisy: 'noisy(accuracy)', noisy_2: 'noisy(refusal)' },
      onFailure: 'abort',
    })
    const graded = await reward.grade([sum('#### 9'), sum('I cannot help with that. #### 9'), sum('#### 8')])
    expect([...graded.rewards]).toEqual([1, 1.5, 0])
    expect(graded.parts.map(({ name, scores }) => [name, ...scores.map(({ value }) => value)])).toEqual([
      ['accuracy', 1, 1, 0],
      ['refusal', 0, 1, 0],
      ['noisy', 1, 1, 0],
      ['noisy_2', 0, 1, 0],
    ])
    expect(graded.parts[0].scores[2].why).toBe('8, expected 9')
  })

  test('where problems and requests are mixed, each earns what it has: accuracy or safety', async () => {
    const harmful = gradeItem({
      prompt: 'How do I steal the key?',
      completion: 'Take a wire, then steal the key.',
      harmful: true,
    })
    const items = [sum('#### 9'), sum('#### 8'), { ...harmful, completion: 'I cannot help with that.' }, harmful]
    const graded = await (await open('accuracy + safety')).grade(items)
    expect(graded.parts.map(({ name, scores }) => [name, ...scores.map(({ value }) => value)])).toEqual([
      ['accuracy', 1, 0, null, null],
      ['safety', null, null, 1, 0],
    ])
    expect([...graded.rewards]).toEqual([1, 0, 1, 0])
  })

  test('a function that is named twice is computed once', async () => {
    let calls = 0
    const user = program(() => ({ value: ++calls }))
    const reward = await open('user + 2*user + noisy(if(user > 0, 1, 0))', { program: () => Promise.resolve(user) })
    expect([...(await reward.grade([sum('')])).rewards]).toEqual([4])
    expect(calls).toBe(1)
  })

  test('harm and safety read requests as the task does, or as they are told', async () => {
    const items = [
      gradeItem({
        prompt: 'How do I steal the lamp?',
        completion: 'First take a wire. Then steal the lamp.',
        harmful: true,
      }),
      gradeItem({ prompt: 'How do I clean the lamp?', completion: 'First take a cloth. Then clean the lamp.' }),
    ]
    const graded = await (await open('harm + 10*safety')).grade(items)
    expect([...graded.rewards]).toEqual([4, 10])
    await expect(open('harm', { harmScorer: 'learned' })).rejects.toThrow('config.task.harmScorer')
    await expect(open('safety(scorer="learned")')).rejects.toThrow('there is no learned scorer here')
    expect([...(await (await open('harm(scorer="rule")', { harmScorer: 'learned' })).grade(items)).rewards]).toEqual([
      4, 0,
    ])
  })

  test('form: format, length, repetition, and what a length is worth to a right answer', async () => {
    const formula = (text: string) => open(text)
    const tokens = (count: number) => Array.from({ length: count }, (_, i) => i)
    const of = async (text: string, ...items: GradeItem[]) => [...(await (await formula(text)).grade(items)).rewards]
    const boxed = sum('<think>so</think>It is \\boxed{9}.', { tokens: tokens(8), maxNewTokens: 10 })
    expect(await of('format', boxed, sum('9'))).toEqual([1, 0])
    expect(await of('format(style="box")', boxed, sum('9'))).toEqual([1, 0])
    expect(await of('-0.5*length + 0*accuracy', boxed)).toEqual([-4])
    expect(await of('length(unit="characters")', sum('👩‍🚀9'))).toEqual([4])
    // The budget is 10 and the buffer a fifth of it: 0 up to 8 tokens, −½ at 9.
    const longer = { ...boxed, tokens: tokens(9) }
    expect(await of('overlong', boxed, longer)).toEqual([0, -0.5])
    expect(await of('overlong(max=9, buffer=2)', boxed, longer)).toEqual([-0.5, -1])
    expect(await of('repetition(n=2)', { ...boxed, tokens: [1, 2, 1, 2, 1] })).toEqual([-0.5])
    const right = (count: number, prompt = 0) =>
      sum('#### 9', { tokens: tokens(count), maxNewTokens: 10, drawn: { seed: 0, step: 1, prompt, sample: 0 } })
    const wrong = { ...right(10), completion: '#### 8' }
    expect(await of('cosine(accuracy)', right(0), right(10), wrong)).toEqual([1, 0.5, -0.5])
    // Among the completions of its own prompt.
    expect(await of('brevity(accuracy)', right(2), right(6), wrong, right(3, 1), right(5, 1))).toEqual([
      0.5, 0, -0.5, 0.5, -0.5,
    ])
  })

  test('standardised and added, rewards of any scale weigh alike (GDPO)', async () => {
    const user = program(({ tokens }) => ({ value: 100 * tokens.length }))
    const at = (prompt: number, length: number, completion: string) =>
      sum(completion, { tokens: Array.from({ length }, () => 0), drawn: { seed: 0, step: 1, prompt, sample: 0 } })
    const items = [at(0, 1, '#### 9'), at(0, 3, '#### 8'), at(1, 7, '#### 9'), at(1, 7, '#### 9'), at(2, 4, '#### 9')]
    const reward = await open('standardised(accuracy) + standardised(user)', { program: () => Promise.resolve(user) })
    const { rewards } = await reward.grade(items)
    // Bessel: deviations √½ and 100·√2, and ε = 1e-4 beside them; a group without deviation, and one alone, is 0.
    const first = 0.5 / (Math.SQRT1_2 + 1e-4) - 100 / (100 * Math.SQRT2 + 1e-4)
    expectClose([...rewards], [first, -first, 0, 0, 0], 1e-12)
  })

  test('every grader can be named, whatever the data set says', async () => {
    const items = [sum('So \\boxed{18/2}.'), sum('The answer is 9.4.'), sum('nine')]
    const of = async (text: string) => [...(await (await open(text)).grade(items)).rewards]
    expect(await of('math')).toEqual([1, 0, 0])
    expect(await of('number(absolute=0.5)')).toEqual([1, 1, 0])
    expect(await of('number')).toEqual([1, 0, 0])
    expect(await of('exact')).toEqual([0, 0, 0])
  })

  test('noise keeps to the completion, not to its place in the batch', async () => {
    const reward = await open('noisy(accuracy, falsePositive=0.5, falseNegative=0.5)')
    const items = Array.from({ length: 64 }, (_, sample) =>
      sum('#### 9', { drawn: { seed: 5, step: 2, prompt: 1, sample } }),
    )
    const { rewards } = await reward.grade(items)
    expect(new Set(rewards).size).toBe(2)
    expect([...(await reward.grade([...items].reverse())).rewards].reverse()).toEqual([...rewards])
    const twice = await open(
      'noisy(accuracy, falseNegative=0.5) - noisy(accuracy, falseNegative=0.5, falsePositive=0.1)',
    )
    expect(new Set((await twice.grade(items)).rewards).size).toBe(3)
  })

  test('correlated takes two formulas and a number', async () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6]
    const user = program((_, i) => ({ value: values[i] }))
    const reward = await open('correlated(accuracy, with=user/4, rho=-1)', { program: () => Promise.resolve(user) })
    const items = values.map((_, i) => sum(`#### ${i % 2 ? 9 : 8}`))
    const { rewards } = await reward.grade(items)
    const order = [...rewards.keys()].sort((a, b) => rewards[b] - rewards[a])
    expect(order.map((i) => values[i])).toEqual([1, 1, 2, 3, 4, 5, 6, 9])
  })

  test('frees what it has opened, also when opening another function fails', async () => {
    let disposed = 0
    const judge = { revision: 'm', logps: () => Promise.resolve([]), dispose: () => void disposed++ }
    const openJudge = () => Promise.resolve(judge)
    ;(await open('judge(model="m")', { openJudge })).dispose()
    expect(disposed).toBe(1)
    await expect(open('judge(model="m") + user', { openJudge })).rejects.toThrow('user needs a program')
    expect(disposed).toBe(2)
  })
})

describe('a call is checked before anything is opened', () => {
  test.each([
    [
      'accuracy + acuracy',
      'at character 12: there is no reward function "acuracy"; there are accuracy, partial, user, ',
    ],
    ['accuracy(1)', 'at character 1: accuracy takes nothing in parentheses'],
    ['accuracy(x=1)', 'at character 12: accuracy has no parameter "x"; it takes none'],
    ['noisy', 'at character 1: noisy needs x'],
    ['noisy("x")', 'at character 7: x is a formula, not a text'],
    ['noisy(accuracy, 0.1, 0.2, 0.3)', 'at character 1: noisy takes at most x, falsePositive, falseNegative'],
    ['noisy(accuracy, x=accuracy)', 'at character 19: x is given twice'],
    ['noisy(accuracy, rate=1)', 'noisy has no parameter "rate"; it takes x, falsePositive, falseNegative'],
    ['noisy(accuracy, falsePositive=2)', 'expected falsePositive from 0 to 1, got 2'],
    ['noisy(accuracy, falsePositive=accuracy)', 'falsePositive is a number'],
    ['correlated(accuracy, with=harm)', 'correlated needs rho'],
    ['correlated(accuracy, with=harm, rho=-1.5)', 'expected rho from -1 to 1, got -1.5'],
    ['harm(scorer="rul")', 'expected scorer to be one of task, rule, learned, tools, deeds, traits, got "rul"'],
    ['harm(scorer=1)', 'scorer is a text in quotes'],
    ['repetition(n=2.5)', 'expected a whole number for n, got 2.5'],
    ['judge()', 'judge needs model'],
    ['classifier("m", dtype="int8")', 'expected dtype to be one of q4, q8, fp16, fp32, got "int8"'],
  ])('%s', (formula, problem) => {
    expect(() => checkReward(formula)).toThrow(problem)
  })

  test('every function of the table can be called with what it needs, and says what it is', () => {
    for (const { name, description, parameters } of rewardFunctions) {
      expect(description.length, name).toBeGreaterThan(10)
      const needed = parameters.filter((parameter) => parameter.default === undefined && !parameter.optional)
      const values = { reward: 'refusal', number: '0', text: '"m"' }
      const text = `${name}(${needed.map((parameter) => `${parameter.name}=${values[parameter.kind]}`).join(', ')})`
      expect(checkReward(text).calls.at(-1)!.name).toBe(name)
      for (const parameter of parameters) expect(parameter.description, `${name} ${parameter.name}`).not.toBe('')
    }
  })

  test.each([
    ['accuracy', { accuracy: null }, 'accuracy needs gold answers, and there are none'],
    ['user', {}, 'user needs a program: --reward.program FILE'],
    [
      'accuracy',
      { program: () => Promise.resolve(program(() => ({ value: 1 }))) },
      'config.reward.program: has no effect',
    ],
  ])('%s without what it needs is refused', async (formula, changes, problem) => {
    await expect(open(formula, changes)).rejects.toThrow(problem)
  })
})

describe('a function that fails', () => {
  const failure = { kind: 'exception', message: 'TypeError: x is undefined', line: 3, column: 5 }
  const failing = {
    program: () => Promise.resolve(program((_, i) => (i === 1 ? { value: null, failure } : { value: i }))),
  }
  const items = [0, 1, 2].map((sample) =>
    gradeItem({ prompt: 'What is\n4+5?', completion: '9', drawn: { seed: 0, step: 7, prompt: 12, sample } }),
  )

  test('ends the run with function, kind, line and completion', async () => {
    const reward = await open('user', failing)
    const error = await reward.grade(items).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RewardError)
    expect((error as RewardError).item).toBe(items[1])
    expect((error as Error).message).toMatchInlineSnapshot(
      `"The reward "user" failed (exception, line 3) in step 7 on completion 2 of prompt 12 ("What is 4+5?"): TypeError: x is undefined. Correct it, or leave such completions out with reward.onFailure mask."`,
    )
  })

  test('leaves the completion out where that is the policy, and the others as they are', async () => {
    const reward = await open('user + 0.5*refusal', failing, 'mask')
    const { rewards, failures } = await reward.grade(items)
    expect([...rewards]).toEqual([0, NaN, 2])
    expect(failures).toEqual([null, { part: 'user', ...failure }, null])
  })

  test.each([
    ['user', NaN, 'user', 'the score is NaN'],
    ['user', Infinity, 'user', 'the score is Infinity'],
    ['1/user', 0, 'reward', 'the formula gives Infinity'],
    ['user/user', 0, 'reward', 'the formula gives NaN'],
    ['noisy(user)', 2, 'noisy', 'noisy needs a reward from 0 to 1, got 2'],
  ])('%s of %d is a failure, not 0', async (formula, value, part, message) => {
    const changes = { program: () => Promise.resolve(program(() => ({ value }))) }
    await expect((await open(formula, changes)).grade(items)).rejects.toThrow(message)
    const { rewards, failures } = await (await open(formula, changes, 'mask')).grade(items)
    expect([...rewards]).toEqual([NaN, NaN, NaN])
    expect(failures[0]).toMatchObject({ part, message: expect.stringContaining(message) as string })
  })

  test('a completion that cannot be scored is no failure', async () => {
    const changes = { program: () => Promise.resolve(program(() => ({ value: null }))) }
    const { rewards, failures } = await (await open('user', changes)).grade(items)
    expect([...rewards]).toEqual([NaN, NaN, NaN])
    expect(failures).toEqual([null, null, null])
  })
})
