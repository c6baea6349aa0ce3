// Boxes in a text

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boxes, lastBox } from '../../../src/rewards/math/boxes'
import { hasSharedData, sharedRows } from '../shared'

test.each([
  ['\\boxed 5', '5'],
  ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
  ['\\\\boxed{7}', '7'],
  ['\\boxed{\\left\\{1, 2\\right\\}}', '\\left\\{1, 2\\right\\}'],
  ['\\boxed{\\boxed{3}}', '3'],
  ['\\fbox{4}', '4'],
  ['\\boxed{3} and \\fbox{4}', '3'],
  ['\\boxed{1 then \\boxed{2}', '2'],
  ['\\boxed{unbalanced', undefined],
  ['\\framebox{204}', undefined],
  ['\\boxedx{5}', undefined],
])('the last box of %j holds %j', (text, content) => {
  expect(lastBox(text)).toBe(content)
})

test('whatever is balanced comes back whole', () => {
  const balanced = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('x', '1', '\\frac', '\\{', '\\}', ' ', '\\\\'),
      fc.array(tie('text'), { maxLength: 4 }).map((parts) => `{${parts.join('')}}`),
    ),
  })).text
  fc.assert(
    fc.property(balanced, fc.string(), (content, before) => {
      expect(boxes(`${before} \\boxed{${content}} end`).at(-1)?.content).toBe(content)
    }),
  )
})

test('a bomb of braces that never close is looked at once', () => {
  const bomb = '\\boxed{'.repeat(100_000)
  const startedMs = performance.now()
  expect(boxes(bomb)).toEqual([])
  expect(performance.now() - startedMs).toBeLessThan(500)
})

describe.skipIf(!hasSharedData)('published cases (extraction-cases.jsonl)', () => {
  test('the last box is where hendrycks/math finds it, 20 of 20; TeX’s \\boxed 5 is read beyond that', () => {
    const cases = sharedRows<{ text: string; last_boxed: string | null }>('extraction-cases.jsonl')
    expect(cases).toHaveLength(20)
    for (const { text, last_boxed } of cases) {
      const last = boxes(text).findLast(({ end }) => text[end - 1] === '}')
      expect(last ? text.slice(last.start, last.end) : null, text).toBe(last_boxed)
    }
  })
})
