// Tests of a reward: what passes, what is said of what does not, and how a report's examples become such tests

import { expect, test } from 'vitest'
import {
  parseRewardTest,
  printRewardTest,
  runCases,
  withCases,
  type RewardTest,
} from '../../../src/lab/workbench/cases'
import { caseOf, counterExamples } from '../../../src/lab/workbench/counter-examples'
import { hostsWith, reportOn } from './support'

function testOf(expression: string, cases: object[]): RewardTest {
  const reward = { expression, accuracy: 'sums' }
  return parseRewardTest(JSON.stringify({ version: 1, reward, cases }), 'mine.reward-test.json')
}

test('scores, bounds and failures are held to what is expected', async () => {
  const item = { completion: '#### 4', answer: '4' }
  const results = await runCases(
    testOf('accuracy / (1 - accuracy + length / 2)', [
      { name: 'exact', ...item, tokens: [1, 2], expected: 1 },
      { name: 'not exact', ...item, tokens: [1, 2], expected: 0.5 },
      { name: 'inside', ...item, tokens: [1, 2, 3], expected: { min: 0.5, max: 0.7 } },
      { name: 'below', ...item, tokens: [1, 2, 3], expected: { min: 0.7 } },
      { name: 'fails as it should', ...item, expected: 'error:non-finite' },
      { name: 'fails', ...item, expected: 0 },
      { name: 'does not fail', completion: '', answer: '4', expected: 'error:timeout' },
      { name: 'has a score', completion: '', answer: '4', expected: null },
    ]),
    '',
    hostsWith(),
  )
  expect(results.map(({ passed, message }) => `${passed}: ${message}`)).toMatchInlineSnapshot(`
    [
      "true: expected 1, got 1",
      "false: expected 0.5, got 1",
      "true: expected at least 0.5 and at most 0.7, got 0.666667",
      "false: expected at least 0.7, got 0.666667",
      "true: expected non-finite, got non-finite (the formula gives Infinity)",
      "false: expected 0, got non-finite (the formula gives Infinity)",
      "false: expected timeout, got 0",
      "false: expected no score, got 0",
    ]
  `)
})

test.each([
  ['{"version":1,"cases":[]}', /^mine\.reward-test\.json\.reward/],
  ['{"version":2,"reward":{"expression":"accuracy"},"cases":[]}', /^mine\.reward-test\.json\.version/],
  ['{"version":1,"reward":{},"cases":[{"name":"a","completion":"","expected":"error:oops"}]}', /cases\[0\]\.expected/],
  ['{"version":1,', /^mine\.reward-test\.json: is not JSON/],
])('a file that is wrong is refused with the field: %s', (text, message) => {
  expect(() => parseRewardTest(text, 'mine.reward-test.json')).toThrow(message)
})

test('an example becomes a test that fails until the reward is mended', async () => {
  const report = await reportOn('format(style="tags")', { prompts: 5 })
  const found = counterExamples(report)
  expect(found.map(({ id }) => id)).toContain('probe/format-only:0')
  const before = { ...testOf('format(style="tags")', []) }
  const kept = withCases(
    before,
    found.map((example) => caseOf(example, report)),
  )
  const again = parseRewardTest(printRewardTest(kept), 'mine.reward-test.json')
  expect(again).toEqual(kept)
  const failing = (await runCases(again, '', hostsWith())).filter(({ passed }) => !passed)
  expect(failing.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^probe\/format-only:0 /))
  const mended = { ...again, reward: { ...again.reward, expression: 'accuracy' } }
  expect((await runCases(mended, '', hostsWith())).filter(({ passed }) => !passed)).toEqual([])
})

test('a case takes the place of one with its name', () => {
  const [one, two] = testOf('accuracy', [
    { name: 'a', completion: 'old', expected: 0 },
    { name: 'a', completion: 'new', expected: 1 },
  ]).cases
  expect(withCases(testOf('accuracy', [one]), [two]).cases).toMatchObject([{ completion: 'new' }])
})
