import { describe, expect, test } from 'vitest'
import { curveBetas, curves } from '../../../src/app/theory/curves'
import { makePaths } from '../../../src/app/theory/paths'
import { drawSamples, driftBands } from '../../../src/app/theory/samples'
import { scenarioChoice } from '../../../src/app/theory/scenarios'
import { estimateFromReference } from '../../../src/core/theory/estimate'

const choice = scenarioChoice('against')
const paths = makePaths(choice)

describe('draws from the reference', () => {
  test('come as often as their paths are likely, and never where there is no mass', () => {
    const { reference } = makePaths(scenarioChoice('unsupported'))
    const { counts, rewards } = drawSamples(makePaths(scenarioChoice('unsupported')), 20_000, 3)
    expect(rewards).toHaveLength(20_000)
    counts.forEach((count, r) => {
      const deviation = Math.sqrt(20_000 * reference[r] * (1 - reference[r]))
      expect(Math.abs(count - 20_000 * reference[r])).toBeLessThanOrEqual(4 * deviation)
    })
  })

  test('more of them begin with the fewer', () => {
    expect(drawSamples(paths, 64, 5).rewards.slice(0, 16)).toEqual(drawSamples(paths, 16, 5).rewards)
    expect(drawSamples(paths, 64, 5)).not.toEqual(drawSamples(paths, 64, 6))
  })
})

describe('bands of the drift', () => {
  const draws = 256
  const bands = driftBands(curves(paths), draws)

  test('hold about 95 of 100 sets of draws', () => {
    const index = curveBetas.findIndex((beta) => beta < 0.5)
    const { low, high, beta, saturated } = bands[index]
    const inside = Array.from({ length: 400 }, (_, seed) => {
      const { rewards, safety } = drawSamples(paths, draws, seed)
      const { drift } = estimateFromReference(rewards, safety, beta, 0, 0)
      return drift >= low && drift <= high
    }).filter(Boolean).length
    expect(saturated).toBe(false)
    expect(inside / 400).toBeGreaterThan(0.92)
    expect(inside / 400).toBeLessThan(0.98)
  })

  test('are nothing where nothing is tilted, and not to be trusted where few draws count', () => {
    expect(bands[0].high - bands[0].low).toBeLessThan(0.02)
    expect(driftBands(curves(paths), 16).at(-1)!.saturated).toBe(true)
  })
})
