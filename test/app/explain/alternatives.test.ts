// It is said whose numbers they are, and never that a policy is the one that sampled when it is not.

import { expect, test } from 'vitest'
import { sourceWords } from '../../../src/app/explain/alternatives'

const alternatives = { rows: [], rest: { policy: 0, reference: 0 }, isSameTokens: true }

test('whose policy it is', () => {
  expect(sourceWords({ alternatives, weightsOf: 9 }, 10)).toBe('The policy is the one that sampled step 10.')
  expect(sourceWords({ alternatives, weightsOf: 20 }, 10)).toContain('the one after step 20, the nearest that is kept')
  expect(sourceWords({ alternatives, weightsOf: null }, 10)).toContain('only the reference can be asked')
  expect(sourceWords({ alternatives: { ...alternatives, isSameTokens: false }, weightsOf: 9 }, 10)).toContain(
    'other tokens',
  )
})
