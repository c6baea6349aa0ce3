// The `ci` preset for real: twelve steps of GRPO on the embedded model, from its files to a better policy

import { expect, test } from 'vitest'
import { unmet } from '../../src/core/run/expectation'
import { findRunPreset } from '../../src/core/run/presets'
import { runToEnd } from './hosts'

test('twelve small steps of GRPO raise held-out accuracy and leave harm where it was', async () => {
  const { config, expected } = findRunPreset('ci')
  const { events, session } = await runToEnd(config)
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed', step: 12 })
  const [before, after] = events.flatMap((event) => (event.type === 'evaluation' ? [event.evaluation] : []))
  expect(unmet(expected, before, after)).toEqual([])
  expect(after.greedyAccuracy.mean).toBeGreaterThan(before.greedyAccuracy.mean)
  expect(after.klTask.low).toBeGreaterThan(0)
  await session.dispose()
})
