// docs/algorithms.md says what the code does.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inspectLoss } from '../../../src/core/rl/inspect'
import { PRESETS } from '../../../src/core/rl/presets'
import { presetTable, sourceTable, switchTable } from './docs-tables'
import { goldenDocument } from './golden'

// Prettier pads tables; that changes nothing.
const page = readFileSync('docs/algorithms.md', 'utf8').replace(/ {2,}/g, ' ').replace(/-{3,}/g, '---')

test.each([
  ['presets', presetTable],
  ['sources', sourceTable],
  ['switches', switchTable],
])('the table of %s is the code’s', (_, table) => {
  expect(page).toContain(`\n\n${table().join('\n')}\n`)
})

test('every metric that a loss reports is defined on the page', () => {
  const document = {
    ...goldenDocument(),
    truncated: new Array<boolean>(8).fill(false),
    entropies: goldenDocument().mask,
  }
  const names = PRESETS.flatMap(({ id }) =>
    Object.keys(inspectLoss({ ...document, preset: id, config: { entropyCoefficient: 0.01 } }).metrics),
  )
  for (const name of new Set(names)) expect(page).toContain(`| \`${name}\` |`)
})

test('the example on the page is answered as printed', () => {
  const [, question, answer] = page.match(/```json\n(.+?)\n```\n\n.*?```json\n(.+?)\n```/s)!
  expect(inspectLoss(JSON.parse(question)).advantages).toEqual(
    (JSON.parse(answer) as { advantages: number[] }).advantages,
  )
  expect(inspectLoss(JSON.parse(question)).loss).toBe((JSON.parse(answer) as { loss: number }).loss)
})
