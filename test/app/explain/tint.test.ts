// The colour of a token stands for a number of the run.

import { expect, test } from 'vitest'
import { availableTints, tintsOf, tokenFacts, visibleText } from '../../../src/app/explain/tint'
import { tints } from '../../../src/app/train/choice'
import { keptGroups } from './kept'

const trace = (options = {}) => keptGroups(options)[0].completions[0].trace!
const source = (options = {}) => ({ trace: trace(options), advantages: [0.7, 0.7, 0.7], gradient: [-0.2, 0, 0.1] })

test('the strongest token has the full colour, and signs are kept', () => {
  expect(tintsOf([source()], 'push')).toEqual([[1, expect.closeTo(0), expect.closeTo(-Math.SQRT1_2)]])
  expect(tintsOf([source()], 'log-ratio')[0].map((tint) => Number(tint.toFixed(6)))).toEqual([0.57735, 0.816497, 1])
  expect(tintsOf([source()], 'plain')).toEqual([[0, 0, 0]])
})

test('completions of a group share one scale', () => {
  const [a, b] = tintsOf([source(), { ...source(), gradient: [-0.4, 0, 0] }], 'push')
  expect(a[0]).toBeCloseTo(Math.SQRT1_2)
  expect(b[0]).toBe(1)
})

test('only what the run measured is offered', () => {
  expect(availableTints(source())).toEqual([...tints])
  expect(availableTints(source({ reference: false }))).toEqual(['plain', 'entropy', 'probability', 'advantage', 'push'])
})

test('KL is k3 of the sampled token, or exact where the run has it', () => {
  const kl = (from: ReturnType<typeof source>) =>
    tokenFacts(from, 2).find(({ name }) => name === 'KL to the reference')?.value
  const logRatio = 0.6
  expect(kl(source())).toBe(`${(Math.exp(-logRatio) - 1 + logRatio).toPrecision(3)} nats`)
  expect(kl({ ...source(), trace: { ...trace(), kl: [0, 0, 0.25] } })).toBe('0.25 nats')
})

test('spaces and ends of lines can be seen', () => {
  expect(visibleText('\n')).toBe('↵\n')
  expect(visibleText('')).toBe('·')
  expect(visibleText(' a')).toBe(' a')
})
