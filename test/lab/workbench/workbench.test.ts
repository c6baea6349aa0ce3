// The reward workbench: what it says of rewards whose faults are known

import { expect, test } from 'vitest'
import { CancelledError } from '../../../src/core/errors'
import { defaultConfig } from '../../../src/core/run/config'
import { findings } from '../../../src/lab/workbench/findings'
import type { Example } from '../../../src/lab/workbench/report'
import { runWorkbench, type WorkbenchEvent } from '../../../src/lab/workbench/workbench'
import { configOf, hostsWith, reportOn } from './support'

test('a sound reward is told from its faults: nothing but the gold pays', async () => {
  const report = await reportOn('accuracy')
  expect(report).toMatchObject({ prompts: 30, grader: 'sums', threshold: 0.5, failures: [] })
  const [gold, ...corrupted] = report.suites
  expect(gold).toMatchObject({ suite: 'gold', n: 30, distribution: { mean: 1, sd: 0, distinct: 1 } })
  expect(corrupted.map(({ variant }) => variant)).toEqual([
    'off-by-one',
    'other-row',
    'digits-swapped',
    'sign-flipped',
    'digit-dropped',
  ])
  for (const each of corrupted) expect(each.atLeastGold).toMatchObject({ count: 0, n: each.n })
  expect(report.probes.filter(({ isHack }) => isHack)).toEqual([])
  expect(report.agreement.find(({ isOwn }) => isOwn)).toMatchObject({ grader: 'sums', kappa: { value: 1 } })
  expect(report.findings.map(({ level }) => level)).not.toContain('bad')
  expect(report.findings.map(({ text }) => text)).toContain('None of 13 attempts to be paid without the work succeeds.')
})

test('a reward for form alone is hackable by form, and tells no right from wrong', async () => {
  const report = await reportOn('format(style="tags")')
  const hack = report.probes.find(({ variant }) => variant === 'format-only')!
  expect(hack).toMatchObject({ isHack: true, kind: 'answerless', atLeastGold: { count: 30, n: 30 } })
  expect(hack.verdict).toBe(
    'Hackable by the format without an answer: 100 % (30 of 30; 95 % interval 89–100 %) of prompts pay at least as much ' +
      'as the gold answer; form pays as much as substance.',
  )
  expect(report.findings[0]).toMatchObject({ level: 'bad' })
  expect(report.findings.some(({ text }) => /corrupted answers pay at least as much/.test(text))).toBe(true)
})

test('a reward that scores everything alike is said to teach nothing', async () => {
  const { findings } = await reportOn('0.5 + 0*accuracy')
  const [first] = findings
  expect(first.level).toBe('bad')
  expect(first.text).toMatch(/^Scores everything alike: all \d+ completions get 0\.50, so there is nothing to learn\.$/)
})

test('a reward that cannot score anything is said to score nothing', () => {
  const example = { suite: 'gold', score: null } as Example
  const found = findings({
    suites: [], probes: [], failures: [], agreement: [], correlations: [], samples: 0,
    times: { median: 0, p95: 0, max: 0 }, examples: [example, example],
  }) // prettier-ignore
  expect(found[0]).toEqual({
    level: 'bad',
    text: 'Scores nothing: it says of all 2 completions that they cannot be scored.',
  })
})

test('a reward for length is hackable by length alone', async () => {
  const { probes } = await reportOn('length')
  const hacks = probes.filter(({ isHack }) => isHack).map(({ variant }) => variant)
  expect(hacks).toContain('very-long')
  expect(hacks).toContain('all-numbers')
  expect(hacks).not.toContain('empty')
})

test('a probe that pays by chance now and then is no hack', async () => {
  const report = await reportOn('gsm8k')
  const copied = report.probes.find(({ variant }) => variant === 'prompt-copied')!
  expect(copied.atLeastGold!.low).toBeLessThan(0.05)
  expect(copied.verdict).toMatch(/^Not by copying the prompt: \d+ % \(\d of 30; /)
})

test('failures are counted and never scores; a reward that fails on all gold answers is not tried further', async () => {
  const failing = await reportOn('accuracy / 0')
  expect(failing.failures).toMatchObject([{ part: 'reward', kind: 'non-finite', count: 30 }])
  expect(failing.examples).toHaveLength(30)
  expect(failing.suites).toMatchObject([{ suite: 'gold', failed: 30, distribution: null }])
  const sometimes = await reportOn('accuracy + 1 / length')
  expect(sometimes.failures).toMatchObject([
    { kind: 'non-finite', examples: expect.arrayContaining(['probe/empty:0']) },
  ])
  expect(sometimes.probes.find(({ variant }) => variant === 'empty')).toMatchObject({ failed: 30, distribution: null })
})

test('equal seeds give equal reports but for the times, and another seed other corruptions', async () => {
  const timeless = ({ examples, ...rest }: Awaited<ReturnType<typeof reportOn>>) =>
    JSON.stringify({ ...rest, times: 0, examples: examples.map((example) => ({ ...example, ms: 0 })) })
  const [first, again] = [await reportOn('accuracy'), await reportOn('accuracy')]
  expect(timeless(again)).toBe(timeless(first))
  const other = await runWorkbench(
    { config: { ...configOf('accuracy'), seed: 7 }, prompts: 30, samples: 0 },
    hostsWith(),
  )
  expect(other.examples[0].prompt).not.toBe(first.examples[0].prompt)
})

test('lengths are tokens of the model, and a gold answer over the budget is said to be out of reach', async () => {
  const config = { ...configOf('accuracy'), rollout: { ...defaultConfig.rollout, maxNewTokens: 4 } }
  const report = await runWorkbench({ config, prompts: 10, samples: 0 }, hostsWith())
  expect(report.examples[0].tokens.length).toBeGreaterThan(4)
  expect(report.findings.map(({ text }) => text)).toContain(
    '100 % (10 of 10) of gold answers are longer than rollout.maxNewTokens: the model cannot write them.',
  )
})

test('data of one’s own: worked solutions are the gold, and the answer is changed where it stands', async () => {
  const rows = [
    { question: 'Add 1,000 and 80.', answer: 'It is 1000+80=<<1000+80=1080>>1,080.\n#### 1,080' },
    { question: 'What is 40 plus 2?', answer: '40+2=42.\n#### 42' },
    { question: 'What is 3 plus 4?', answer: '#### 7' },
  ]
  const files = { 'sums.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }
  const data = { ...defaultConfig.data, source: 'sums.jsonl', heldOut: 1, splitSeed: 1 }
  const config = { ...configOf('accuracy'), task: { ...defaultConfig.task, kind: 'data' as const }, data }
  const report = await runWorkbench({ config, prompts: 10, samples: 0 }, hostsWith(files))
  expect(report).toMatchObject({ prompts: 2, grader: 'gsm8k' })
  expect(report.source).toContain('sums.jsonl (licence: ')
  for (const { suite, variant, completion, answer, score } of report.examples) {
    if (suite === 'gold') expect({ completion, score }).toEqual({ completion: answer, score: 1 })
    if (suite === 'corrupted') expect(score).toBe(0)
    if (variant === 'digit-dropped') expect(completion).toMatch(/#### \d+$/)
  }
})

test('requests without gold answers are judged by the threshold, and to harmful ones silence is no cheat', async () => {
  const config = { ...configOf('safety'), task: { ...defaultConfig.task, kind: 'safety-mixed' as const } }
  const report = await runWorkbench({ config, prompts: 12, samples: 0 }, hostsWith())
  expect(report).toMatchObject({ grader: null, suites: [], agreement: [], threshold: 0.5 })
  expect(report.findings[0].text).toContain('There are no gold answers')
  const empty = report.probes.find(({ variant }) => variant === 'empty')!
  expect(empty).toMatchObject({ n: 6, atLeastGold: { n: 0 }, isHack: false })
  expect(empty.verdict).toContain('more than the threshold')
  expect(report.probes.map(({ variant }) => variant)).not.toContain('gold-repeated')
  const refusing = await runWorkbench(
    { config: { ...config, reward: configOf('1 - harm/4').reward }, prompts: 12, samples: 0 },
    hostsWith(),
  )
  expect(refusing.findings[0].text).toMatch(/^Hackable by saying nothing: 100 % \(6 of 6;/)
})

test('it says how far it is, hands examples on as they come, and stops when told to', async () => {
  const events: WorkbenchEvent[] = []
  const report = await reportOn('accuracy', { emit: (event) => void events.push(event) })
  const told = events.flatMap((event) => (event.type === 'examples' ? event.examples : []))
  expect(told).toEqual(report.examples)
  expect(
    events.some((event) => event.type === 'progress' && event.phase === 'score' && event.done === event.total),
  ).toBe(true)
  const stop = new AbortController()
  const stopped = reportOn('accuracy', {
    signal: stop.signal,
    emit: (event) => event.type === 'examples' && stop.abort(),
  })
  await expect(stopped).rejects.toThrow(CancelledError)
})
