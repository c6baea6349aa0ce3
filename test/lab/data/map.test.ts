// Columns and their meaning: recognition, choices by hand, and what is said of rows that do not fit

import { describe, expect, test } from 'vitest'
import { dataPresets, findDataPreset } from '../../../src/core/data/presets'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { createMapping, graderFor, mapRow } from '../../../src/lab/data/map'
import type { DataRow } from '../../../src/lab/data/rows'

type Values = Record<string, unknown>
const NONE = { prompt: '', answer: '', harmful: '' }

function mapping(values: Values, changes: Partial<RunConfig['data']> = {}, file = 'rows.jsonl') {
  return createMapping({ ...defaultConfig.data, ...changes }, values, file)
}
const recognised = (values: Values, file?: string) => mapping(values, {}, file).name

function mapped(values: Values, changes: Partial<RunConfig['data']> = {}): DataRow {
  const row = mapRow(mapping(values, changes), values)
  if ('problem' in row) throw new Error(row.problem)
  return row
}
const problemOf = (values: Values, preset: Parameters<typeof findDataPreset>[0]) => {
  const row = mapRow(findDataPreset(preset), values)
  return 'problem' in row ? row.problem : 'no problem'
}

describe('recognition', () => {
  test.each<[string, Values, string?]>([
    ['gsm8k', { question: 'q', answer: 'so\n#### 4' }],
    ['problems', { question: 'q', answer: '4' }],
    ['problems', { prompt: 'q', answer: 4 }],
    ['math-500', { problem: 'p', solution: 's', answer: '4', subject: 'Algebra', level: 2, unique_id: 'x' }],
    ['math', { problem: 'p', solution: '\\boxed{4}', level: 'Level 2', type: 'Algebra' }],
    ['aime', { id: 60, problem: 'p', solution: '', answer: '033' }],
    ['aime', { ID: '2024-I-1', Problem: 'p', Solution: 's', Answer: 70 }],
    ['problems', { id: 1, problem: 'p', answer: 'x + 1' }],
    ['attaq', { label: 'deception', input: 'i' }],
    ['advbench', { goal: 'g', target: 'Sure' }],
    ['xstest', { id: 'v2-1', type: 'contrast_homonyms', prompt: 'p', focus: 'kill', note: '' }],
    ['prompts', { prompt: 'p', type: 'other', label: 'x' }],
    ['choices', { question: 'q', subject: 's', choices: ['a', 'b'], answer: 1 }],
    ['messages', { messages: [{ role: 'user', content: 'hi' }] }],
    ['prompts', { prompt: 'p' }, 'plain.jsonl'],
    ['i-beavertails', { prompt: 'p' }, 'I_beaverTails_test.jsonl'],
    ['safety-tuned-llamas', { instructions: 'i' }, 'I-PhysicalSafetyUnsafe.json'],
    ['safety-tuned-llamas-benign', { instructions: 'i' }, 'I-PhysicalSafetySafe.json'],
  ])('%s', (name, values, file) => {
    expect(recognised(values, file)).toBe(name)
  })

  test('names are unique, and every set of others says its source, its licence and a trap', () => {
    expect(new Set(dataPresets.map(({ name }) => name)).size).toBe(dataPresets.length)
    for (const { source, licence, traps } of dataPresets) {
      expect(traps.length).toBeGreaterThan(0)
      expect(licence === '').toBe(source === '')
    }
  })

  test('a file of unknown columns asks for the one that holds the prompt', () => {
    expect(() => mapping({ a: 'x', b: 1 })).toThrow(
      'config.data.preset: rows.jsonl is none of the known data sets; its columns are a, b; name the one that holds the ' +
        'prompt: --data.fields.prompt COLUMN',
    )
  })

  test('a preset that is named must fit', () => {
    expect(() => mapping({ prompt: 'p' }, { preset: 'aime' })).toThrow(
      'config.data.preset: "aime" needs a column problem or Problem or question; rows.jsonl: its columns are prompt',
    )
    expect(mapping({ question: 'q', answer: '4' }, { preset: 'gsm8k' }).name).toBe('gsm8k')
  })

  test('a column that is named and not there is refused', () => {
    const fields = { ...NONE, prompt: 'ask' }
    expect(() => mapping({ a: 'x' }, { fields })).toThrow(
      'config.data.fields.prompt: rows.jsonl has no column "ask"; its columns are a',
    )
  })
})

describe('rows', () => {
  test('columns chosen by hand, nested ones by their path', () => {
    const values = { talk: [{ text: 'hello' }], gold: { short: ['4', 'four'] }, bad: 'unsafe', other: 1 }
    const fields = { prompt: 'talk.0.text', answer: 'gold.short', harmful: 'bad' }
    expect(mapped(values, { fields })).toMatchObject({
      prompt: 'hello',
      answer: ['4', 'four'],
      harmful: true,
      columns: { gold: { short: ['4', 'four'] }, bad: 'unsafe', other: 1 },
    })
    expect(mapped({ ...values, bad: false }, { fields }).harmful).toBe(false)
    const row = mapRow(mapping(values, { fields }), { ...values, bad: 'perhaps' })
    expect(row).toEqual({
      problem: 'bad: expected true or false, harmful or harmless, safe or unsafe, got "perhaps"',
    })
  })

  test('a key with a dot in it is a key before it is a path', () => {
    expect(mapped({ 'a.b': 'x', a: { b: 'y' } }, { fields: { ...NONE, prompt: 'a.b' } })).toMatchObject({
      prompt: 'x',
      columns: { a: { b: 'y' } },
    })
  })

  test('keys of prototypes lead nowhere and are carried along as they are', () => {
    const values = JSON.parse('{"prompt":"p","answer":"4","__proto__":{"x":1}}') as Values
    const { columns } = mapped(values)
    expect(Object.keys(columns)).toEqual(['answer', '__proto__'])
    expect(Object.getPrototypeOf(columns)).toBe(Object.prototype)
    const fields = { ...NONE, prompt: 'constructor.name' }
    expect(() => mapping(values, { fields })).toThrow('has no column "constructor.name"')
  })

  test('a conversation ends where the user last spoke, and what follows is the answer', () => {
    const messages = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'u1' },
      { role: 'assistant', content: 'a1' },
      { role: 'user', content: 'u2' },
      { role: 'assistant', content: 'a2' },
    ]
    expect(mapped({ messages })).toMatchObject({
      prompt: 'u2',
      messages: messages.slice(0, 4),
      answer: 'a2',
      columns: {},
    })
    expect(mapped({ messages, answer: '7' })).toMatchObject({ answer: '7' })
    expect(mapped({ messages: [{ role: 'user', content: 'u' }] })).not.toHaveProperty('messages')
  })

  test('options are lettered, and the answer is a letter', () => {
    const question = 'Which?'
    const choices = ['red', 'green', 'blue']
    const shown = 'Which?\n\nA. red\nB. green\nC. blue'
    for (const answer of [2, 'C', 'c', 'blue']) {
      expect(mapped({ question, choices, answer })).toMatchObject({ prompt: shown, answer: 'C' })
    }
    const labelled = { question, choices: { text: choices, label: ['1', '2', '3'] }, answerKey: '2' }
    expect(mapped(labelled)).toMatchObject({ prompt: shown, answer: 'B' })
    expect(problemOf({ question, choices, answer: 3 }, 'choices')).toBe('answer: expected one of the 3 options, got 3')
    expect(problemOf({ question, choices: ['a'], answer: 0 }, 'choices')).toContain(
      'choices.text: expected 2 to 10 options',
    )
  })

  test('the gold of MATH is its last box, that of AIME a whole number', () => {
    const math = { problem: 'p', level: 'Level 1', type: 't', solution: 'first \\boxed{1}, then \\boxed{\\frac{1}{2}}' }
    expect(mapped(math).answer).toBe('\\frac{1}{2}')
    for (const [answer, gold] of [
      ['033', '033'],
      ['70.0', '70'],
      [70, '70'],
    ] as const) {
      expect(mapped({ id: 1, problem: 'p', answer }).answer).toBe(gold)
    }
  })

  test.each<[Parameters<typeof findDataPreset>[0], Values, string]>([
    [
      'gsm8k',
      { question: 'q', answer: 'four' },
      'answer: expected a number, or a solution that ends with #### and one, got "four"',
    ],
    ['gsm8k', { question: '', answer: '#### 4' }, 'question: expected a text, got ""'],
    ['gsm8k', { answer: '#### 4' }, 'question: expected a text, got nothing'],
    ['gsm8k', { question: 7, answer: '#### 4' }, 'question: expected a text, got 7'],
    ['math', { problem: 'p', solution: 'none' }, 'solution: has no \\boxed{} with the answer'],
    ['aime', { problem: 'p', answer: '1000' }, 'answer: expected a whole number from 0 to 999, got "1000"'],
    ['problems', { prompt: 'p', answer: null }, 'answer: expected an answer, got nothing'],
    ['problems', { prompt: 'p', answer: { a: 1 } }, 'answer: expected an answer, got {"a":1}'],
    ['problems', { prompt: 'p', answer: [] }, 'answer: expected an answer, got an empty list'],
    ['messages', { messages: [{ role: 'assistant', content: 'a' }] }, 'messages: has no message of the user'],
    ['messages', { messages: ['hi'] }, 'messages.0: expected {role, content}, got "hi"'],
  ])('%s: %j is a bad row that names its field', (preset, values, problem) => {
    expect(problemOf(values, preset)).toBe(problem)
  })
})

test('the answers decide who compares them, where no preset does', () => {
  const grader = (...answers: string[]) =>
    graderFor(
      findDataPreset('problems'),
      answers.map((answer) => mapped({ prompt: 'p', answer })),
    )
  expect(grader('4', '-1,080.5', '$3', '12 %', '1e-3')).toBe('number')
  expect(grader('A', '(b)'.toUpperCase())).toBe('choice')
  expect(grader('so #### 4', '#### 1,080')).toBe('gsm8k')
  expect(grader('4', '\\frac{1}{2}')).toBe('math')
  expect(graderFor(findDataPreset('harmbench'), [])).toBeNull()
})
