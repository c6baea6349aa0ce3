import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBinary, makePaths, setBar } from '../../../src/app/theory/paths'
import { defaultChoice, scenarioChoice } from '../../../src/app/theory/scenarios'
import { anyChoice } from './arbitrary'

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)
const mean = (p: ArrayLike<number>, f: ArrayLike<number>) => sum(Array.from(p, (mass, r) => mass * f[r]))

/** Pearson's correlation, written out. */
function correlation(p: ArrayLike<number>, f: ArrayLike<number>, g: ArrayLike<number>): number {
  const product = mean(
    p,
    Array.from(f, (value, r) => value * g[r]),
  )
  const deviation = (h: ArrayLike<number>) =>
    Math.sqrt(
      mean(
        p,
        Array.from(h, (value) => value ** 2),
      ) -
        mean(p, h) ** 2,
    )
  return (product - mean(p, f) * mean(p, g)) / (deviation(f) * deviation(g))
}

describe('generated paths', () => {
  test('sum to one, succeed as often as wished, and stay within [0, 1], whatever is chosen', () => {
    fc.assert(
      fc.property(anyChoice, (choice) => {
        const { reference, reward, safety } = makePaths({ ...choice, bars: [] })
        expect(reference).toHaveLength(choice.paths)
        expect(sum(reference)).toBeCloseTo(1, 12)
        expect(mean(reference, reward)).toBeCloseTo(choice.success, 9)
        expect(Math.min(...reward, ...safety)).toBeGreaterThanOrEqual(0)
        expect(Math.max(...reward, ...safety)).toBeLessThanOrEqual(1)
        expect([...reward].sort((a, b) => a - b)).toEqual([...reward])
      }),
    )
  })

  test('have exactly the wished correlation of reward and safety', () => {
    for (const wished of [-1, -0.7, -0.1, 0, 0.33, 1]) {
      for (const grades of [2, 5] as const) {
        const { reference, reward, safety } = makePaths({ ...defaultChoice, grades, correlation: wished })
        expect(correlation(reference, reward, safety)).toBeCloseTo(wished, 9)
      }
    }
  })

  test('without correlation are equally safe on average at every grade: no tilt moves safety', () => {
    const { reference, reward, safety } = makePaths({ ...defaultChoice, grades: 5, paths: 23 })
    const grades = [...new Set(reward)].map((grade) => {
      const inGrade = reference.map((p, r) => (reward[r] === grade ? p : 0))
      return mean(inGrade, safety) / sum(inGrade)
    })
    expect(grades).toHaveLength(5)
    for (const each of grades) expect(each).toBeCloseTo(grades[0], 12)
  })

  test('come from their seed alone', () => {
    expect(makePaths(defaultChoice)).toEqual(makePaths({ ...defaultChoice }))
    expect(makePaths(defaultChoice)).not.toEqual(makePaths({ ...defaultChoice, seed: 2 }))
  })

  test('two paths are one right and one wrong', () => {
    const { reward, safety } = makePaths({ ...defaultChoice, paths: 2, correlation: 0.5, grades: 5 })
    expect([...reward]).toEqual([0, 1])
    expect([...safety]).toEqual([0.25, 0.75])
    expect(isBinary({ reward })).toBe(true)
    expect(isBinary(makePaths(scenarioChoice('unsupported')))).toBe(false)
  })
})

describe('dragging a bar', () => {
  test('gives it the wished probability, and the others keep their proportions', () => {
    const before = makePaths(defaultChoice).reference
    const bars = setBar(defaultChoice, 3, 0.4)
    const after = makePaths({ ...defaultChoice, bars }).reference
    expect(after[3]).toBeCloseTo(0.4, 3)
    expect(sum(after)).toBeCloseTo(1, 12)
    expect(after[5] / after[9]).toBeCloseTo(before[5] / before[9], 12)
  })

  test('again and elsewhere, the last one is where it was put and the first keeps its mass', () => {
    const first = { ...defaultChoice, bars: setBar(defaultChoice, 3, 0.4) }
    const both = { ...first, bars: setBar(first, 7, 0.2) }
    expect(makePaths(both).reference[7]).toBeCloseTo(0.2, 3)
    expect(makePaths(both).reference[3]).toBeCloseTo(0.4 * (0.8 / (1 - makePaths(first).reference[7])), 3)
    expect(setBar(both, 3, 0.1)).toHaveLength(2)
  })

  test('down to nothing leaves the path without support, and it can be brought back', () => {
    const gone = { ...defaultChoice, bars: setBar(defaultChoice, 13, 0) }
    expect(makePaths(gone).reference[13]).toBe(0)
    expect(setBar(defaultChoice, 13, 1e-12)).toEqual([[13, 0]])
    const back = { ...gone, bars: setBar(gone, 13, 0.05) }
    expect(makePaths(back).reference[13]).toBeCloseTo(0.05, 3)
  })

  test('never takes everything, and the last bar that is left cannot be dragged', () => {
    expect(makePaths({ ...defaultChoice, bars: setBar(defaultChoice, 0, 1) }).reference[0]).toBeCloseTo(0.99, 3)
    const alone = { ...defaultChoice, paths: 2, bars: [[0, 0]] as [number, number][] }
    expect(setBar(alone, 1, 0)).toEqual(alone.bars)
  })
})
