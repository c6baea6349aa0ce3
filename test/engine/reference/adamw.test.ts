// adamw.test.ts: five clipped, decayed updates as torch.optim.AdamW makes them (tools/fixtures/engine.py)

import { expect, test } from 'vitest'
import type { TensorMap, UpdateSettings } from '../../../src/engine/policy'
import { MOMENTS, zerosLike } from '../../../src/engine/adapter'
import { adamw } from '../../../src/engine/reference/adamw'
import { engineFixture, largestDifference } from '../support'

interface Fixture {
  shapes: number[][]
  settings: UpdateSettings
  start: number[][]
  steps: { gradients: number[][]; gradNorm: number; parameters: number[][] }[]
}

const { shapes, settings, start, steps } = engineFixture<Fixture>('adamw')

function tensors(values: number[][]): TensorMap {
  return new Map(values.map((data, i) => [`p${i}`, { shape: shapes[i], data: Float32Array.from(data) }]))
}

function emptyMoments(parameters: TensorMap): TensorMap {
  return new Map(
    MOMENTS.flatMap((moment) =>
      [...zerosLike(parameters)].map(([name, tensor]) => [`${moment}.${name}`, tensor] as const),
    ),
  )
}

test('updates equal PyTorch’s', () => {
  const parameters = tensors(start)
  const moments = emptyMoments(parameters)
  steps.forEach((step, i) => {
    const { gradNorm, applied } = adamw(parameters, tensors(step.gradients), moments, settings, i + 1)
    expect(applied).toBe(true)
    expect(gradNorm).toBeCloseTo(step.gradNorm, 6)
    step.parameters.forEach((expected, k) =>
      expect(largestDifference(parameters.get(`p${k}`)!.data, expected)).toBeLessThan(1e-6),
    )
  })
})

test.each([NaN, Infinity])('a gradient with %d changes nothing', (bad) => {
  const parameters = tensors(start)
  const moments = emptyMoments(parameters)
  const gradient = tensors(steps[0].gradients)
  gradient.get('p0')!.data[2] = bad
  expect(adamw(parameters, gradient, moments, settings, 1).applied).toBe(false)
  expect(parameters).toEqual(tensors(start))
  expect(moments).toEqual(emptyMoments(parameters))
})

test('an infinite clip norm leaves the gradient as it is', () => {
  const run = (clipNorm: number) => {
    const parameters = tensors(start)
    adamw(parameters, tensors(steps[0].gradients), emptyMoments(parameters), { ...settings, clipNorm }, 1)
    return parameters
  }
  expect(run(Infinity)).toEqual(run(1e9))
})
