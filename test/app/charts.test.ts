import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, decimate, extent, pointsOf, smooth, spread, valueAt, type ChartPoint } from '../../src/app/charts/geometry'
import { tiltScatter, tiltSentence } from '../../src/app/charts/tilt'
import type { Evaluation } from '../../src/core/run/events'

const points = (values: number[]): ChartPoint[] => values.map((y, x) => ({ x, y }))

describe('lines', () => {
  test('decimation keeps ends, order, lowest and highest value, and stays within its limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 400 }),
        (values) => {
          const all = points(values)
          const kept = decimate(all, 40)
          expect(kept.length).toBeLessThanOrEqual(Math.max(40, Math.min(all.length, 40)))
          expect(kept[0]).toEqual(all[0])
          expect(kept.at(-1)).toEqual(all.at(-1))
          expect(kept.every((point, i) => i === 0 || point.x > kept[i - 1].x)).toBe(true)
          const heights = kept.map((point) => point.y)
          expect(Math.min(...heights)).toBe(Math.min(...values))
          expect(Math.max(...heights)).toBe(Math.max(...values))
        },
      ),
    )
  })

  test('a chart that is hidden, and so 0 wide, has its points all the same', () => {
    for (const values of [[1], [1, 2], [3, 1, 2]]) expect(decimate(points(values), 0)).toEqual(points(values))
  })

  test('ten thousand steps are drawn with a few hundred points', () => {
    expect(decimate(points(Array.from({ length: 10_000 }, (_, i) => Math.sin(i))), 600).length).toBeLessThanOrEqual(600)
  })

  test('smoothing starts at the first value and leaves a constant alone', () => {
    expect(smooth(points([5, 0, 0]), 2)[0].y).toBeCloseTo(5, 12)
    expect(smooth(points([0.3, 0.3, 0.3]), 2).map((point) => point.y)).toEqual([
      expect.closeTo(0.3, 12),
      expect.closeTo(0.3, 12),
      expect.closeTo(0.3, 12),
    ])
  })

  test('what grows is smoothed on from where it was, as if it were smoothed at once', () => {
    const all = points([0.3, 0.9, 0.1, 0.4, 0.8, 0.2]).map(({ x, y }) => ({ x: x * x, y }))
    const growing: ChartPoint[] = []
    expect(smooth(growing, 5)).toEqual([])
    for (const point of all) {
      growing.push(point)
      smooth(growing, 2)
      expect(smooth(growing, 5)).toEqual(smooth([...growing], 5))
    }
    expect(smooth(growing, 2)).toEqual(smooth([...all], 2))
  })

  test('smoothing halves an old value’s weight after its half-life', () => {
    // Weights of 1, 0: w = 2^(−1/1) each step, so (½·½·1 + ½·0) / (½·½ + ½) = 1/3.
    expect(smooth(points([1, 0]), 1)[1].y).toBeCloseTo(1 / 3, 12)
  })

  test('a value is read at its step or the last one before', () => {
    const some = [{ x: 0 }, { x: 10 }, { x: 20 }]
    expect([at(some, 15)?.x, at(some, 20)?.x, at(some, -1)?.x]).toEqual([10, 20, undefined])
  })

  test('an axis covers intervals, and a constant run has one too', () => {
    expect(extent([{ x: 0, y: 0.5, low: 0.2, high: 0.9 }], [1])).toEqual([0.2, 1])
    expect(extent(points([2, 2]))).toEqual([1.5, 2.5])
    expect(extent([])).toEqual([0, 1])
  })

  test('labels are moved apart and keep their order', () => {
    const placed = spread([50, 52, 10], 14, 100)
    expect(placed[1] - placed[0]).toBeGreaterThanOrEqual(14)
    expect(placed[2]).toBe(10)
    expect(Math.max(...spread([98, 99], 14, 100))).toBeLessThanOrEqual(100)
  })
})

describe('the tilt scatter', () => {
  // A policy that is exactly the tilt at β: log π/π_ref = g/β − log Z, with another Z for each prompt.
  const beta = 0.5
  const exact = (logZ: number, prompt: string) =>
    [0, 1, 1, 0].map((reward) => ({ prompt, reward, logRatio: reward / beta - logZ }))
  const tilt: Evaluation['tilt'] = {
    points: [...exact(0.3, 'a'), ...exact(1.7, 'b')],
    slope: { mean: 2, low: 1.9, high: 2.1, n: 8 },
    betaEffective: 0.5,
    ess: 6,
    essOf: 8,
  }

  test('the exact tilt lies on the line of slope 1, whatever the prompts’ normalisers', () => {
    const data = tiltScatter(tilt, beta)
    for (const { predicted, measured } of data.points) expect(measured).toBeCloseTo(predicted, 12)
    expect(data.slope).toBe(1)
    expect(data.theory).toBe(1)
  })

  test('without a KL weight the axis is the reward, and the theory has no line', () => {
    const data = tiltScatter(tilt, 0)
    expect(data.theory).toBeNull()
    expect(data.slope).toBe(2)
    expect(tiltSentence(tilt, 0)).toBe(
      'It has tilted as far as β = 0.50 would (95 % 0.48 … 0.53); the run itself has no KL weight.',
    )
  })

  test('the sentence claims no more than the interval of the slope', () => {
    const sloped = (mean: number, half: number) => ({
      ...tilt,
      slope: { mean, low: mean - half, high: mean + half, n: 8 },
      betaEffective: 1 / mean,
    })
    expect(tiltSentence(sloped(1, 0.1), beta)).toContain('The fitted slope is 0.50 (95 % 0.45 … 0.55)')
    expect(tiltSentence(sloped(0.1, 0.2), beta)).toBe(
      'Among these samples log π/π_ref does not rise measurably with the reward: 95 % of the slope −0.050 … 0.15, where the theory says 1.',
    )
    expect(tiltSentence(sloped(-1, 0.2), 0)).toContain('log π/π_ref falls with the reward')
    expect(tiltSentence({ ...tilt, slope: null, betaEffective: null }, beta)).toContain('nothing can be fitted')
  })

  test('too few effective samples grey the picture', () => {
    expect(tiltScatter(tilt, beta).saturated).toBe(true)
    expect(tiltScatter({ ...tilt, ess: 30, essOf: 64 }, beta).saturated).toBe(false)
    expect(tiltScatter({ ...tilt, ess: 30, essOf: 6400 }, beta).saturated).toBe(true)
  })
})

describe('a metric that grows', () => {
  test('its points grow with it, and the last value up to a step is found', () => {
    const series = { steps: [1, 3], values: [0.1, 0.3] }
    expect(pointsOf(series)).toEqual([
      { x: 1, y: 0.1 },
      { x: 3, y: 0.3 },
    ])
    series.steps.push(4)
    series.values.push(0.4)
    expect(pointsOf(series).at(-1)).toEqual({ x: 4, y: 0.4 })
    expect([0, 1, 2, 3, 9].map((step) => valueAt(series, step))).toEqual([undefined, 0.1, 0.1, 0.3, 0.4])
    expect(pointsOf(undefined)).toEqual([])
  })

  test('gaps between steps are smoothed by their length', () => {
    const [, later] = smooth(
      [
        { x: 0, y: 1 },
        { x: 4, y: 0 },
      ],
      2,
    )
    // Four steps at a half-life of two: the old value keeps a quarter of its weight.
    expect(later.y).toBeCloseTo((0.25 * (1 - Math.SQRT1_2)) / (0.25 * (1 - Math.SQRT1_2) + 0.75), 12)
  })
})
