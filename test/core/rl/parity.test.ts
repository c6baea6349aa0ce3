// Against PyTorch: 160 losses whose gradients come from autograd (tools/fixtures/rl.py).

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { inspectAdvantages, inspectLoss, inspectPresets } from '../../../src/core/rl/inspect'
import { expectClose } from '../close'

interface Fixture {
  batches: Record<string, object>
  cases: { batch: string; preset?: string; config?: object; expected: { advantages: unknown } & object }[]
}

const fixture = JSON.parse(readFileSync('test/fixtures/rl.json', 'utf8')) as Fixture

describe('losses, gradients, advantages and metrics equal PyTorch’s', () => {
  test.each(fixture.cases.map((example, index) => ({ index, ...example })))(
    'case $index: $batch, $preset',
    ({ batch, preset, config, expected }) => {
      const document = { ...fixture.batches[batch], preset, config }
      expectClose(inspectLoss(document), expected, 1e-11)
      expectClose(inspectAdvantages(document), { advantages: expected.advantages }, 1e-11)
    },
  )
})

test('every preset is among the cases', () => {
  const tested = new Set(fixture.cases.map((example) => example.preset))
  for (const { preset } of inspectPresets()) expect(tested).toContain(preset)
})
