import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gradients } from '../../../../src/lab/experiments/measures/gradients'
import { hashOf } from '../../hosts'
import { nudge, tinyContext } from './context'

const setting = { size: 'quick', seeds: null, own: null } as const
const SIZE = { count: 4, samples: 4, maxNewTokens: 6 }
const requests = { kind: 'requests', sets: 'embedded' } as const

let tiny: Awaited<ReturnType<typeof tinyContext>>
beforeAll(async () => {
  tiny = await tinyContext()
  await nudge(tiny.model)
})
afterAll(() => tiny.dispose())

/** Both gradients on the same requests; a reward that has a gradient on a model that knows nothing. */
const onRequests = (reward: string, scorer: string) =>
  gradients(setting, { ...SIZE, task: requests, safety: requests, reward, scorer })

describe('the gradients of task and safety', () => {
  test('leave weights, optimiser and later updates as they are', async () => {
    const { model, context } = tiny
    const before = hashOf(await model.policy.save())
    const result = await onRequests('length(unit="characters")', '0.05*length(unit="characters")').take(context)
    expect(result.taskNorm).toBeGreaterThan(0)
    expect(hashOf(await model.policy.save())).toBe(before)
    for (const { data } of (await model.policy.gradient()).values())
      expect(data.every((value) => value === 0)).toBe(true)
  })

  test('sum over kinds of layers to the whole', async () => {
    const { kinds, dot, taskNorm, cosine } = await onRequests(
      'length(unit="characters")',
      '0.05*length(unit="characters")',
    ).take(tiny.context)
    const total = (of: (kind: (typeof kinds)[string]) => number) =>
      Object.values(kinds).reduce((sum, kind) => sum + of(kind), 0)
    expect(Object.keys(kinds).sort()).toEqual(
      ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'].sort(),
    )
    expect(total((kind) => kind.dot)).toBeCloseTo(dot, 8)
    expect(total((kind) => kind.taskNorm ** 2)).toBeCloseTo(taskNorm ** 2, 8)
    expect(Math.abs(cosine!)).toBeLessThanOrEqual(1)
  })

  test('what makes safe raises safety: harm turned around turns the cosine around', async () => {
    const length = 'length(unit="characters")'
    const same = await onRequests(`0.01*${length}`, `-0.04*${length}`).take(tiny.context)
    const opposite = await onRequests(`0.01*${length}`, `0.04*${length}`).take(tiny.context)
    expect(opposite.cosine).toBeCloseTo(-same.cosine!, 6)
    expect(same.safety - 1).toBeGreaterThan(0)
    expect(opposite.halves).toEqual({
      task: same.halves.task,
      safety: expect.closeTo(same.halves.safety!, 6) as number,
    })
  })

  test('is nothing where every answer earns the same', async () => {
    const result = await gradients(setting, { ...SIZE, reward: '0*accuracy', scorer: '0*harm' }).take(tiny.context)
    expect(result).toMatchObject({ taskNorm: 0, safetyNorm: 0, cosine: null, halves: { task: null, safety: null } })
  })
})
