// policy.test.ts: the promises of src/engine/policy.ts, kept by the reference engine on wasm

import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CancelledError, ModelFileError } from '../../../src/core/errors'
import type { GradientRow, Policy, Progress, ScoreRequest, UpdateSettings } from '../../../src/engine/policy'
import { fixturePolicy, largestDifference, relativeError, sampling, setKnownAdapter } from '../support'

const SCORE: ScoreRequest = { adapter: true, temperature: 1, entropy: true, klToReference: true }
const UPDATE: UpdateSettings = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 1,
}
const ROWS: GradientRow[] = [
  { tokens: [5, 17, 100, 33, 200, 7, 8], from: 3, coefficients: Float64Array.of(1, -0.5, 0.25, 2) },
  { tokens: [9, 260, 41, 41, 3], from: 1, coefficients: Float64Array.of(-1, 0.5, 1, 0.125) },
  { tokens: [250, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], from: 9, coefficients: Float64Array.of(0.7, -0.3) },
]

let policy: Policy
beforeAll(async () => {
  policy = await fixturePolicy('genai-qwen3')
})
beforeEach(async () => {
  await policy.reset()
  await setKnownAdapter(policy)
})
afterAll(() => policy.dispose())

test('the whole next distribution sums to 1 and holds what scoring gives, with the adapter and without', async () => {
  const [{ tokens, from }] = ROWS
  for (const adapter of [true, false]) {
    const logps = await policy.nextLogps!(tokens.slice(0, from), { adapter, temperature: 0.7 })
    expect(logps).toHaveLength(policy.spec.vocabSize)
    expect(logps.reduce((sum, logp) => sum + Math.exp(logp), 0)).toBeCloseTo(1, 6)
    const [scored] = await policy.score([{ tokens, from }], {
      ...SCORE,
      adapter,
      temperature: 0.7,
      klToReference: false,
    })
    expect(logps[tokens[from]]).toBeCloseTo(scored.logps[0], 5)
  }
})

describe('sampling', () => {
  test('each completion’s log-probabilities are those that scoring gives', async () => {
    const request = sampling({ temperature: 0.7 })
    const completions = await policy.sample(request)
    const sequences = completions.map(({ tokens }, i) => {
      const prompt = request.prompts[Math.floor(i / request.samples)]
      return { tokens: [...prompt, ...tokens], from: prompt.length }
    })
    const scored = await policy.score(sequences, { ...SCORE, temperature: 0.7 })
    completions.forEach(({ logps }, i) => expect(largestDifference(logps, scored[i].logps)).toBeLessThan(1e-5))
  })

  test('tokens do not depend on the batch: alone, among others, in another order', async () => {
    const together = await policy.sample(sampling({ samples: 8 }))
    const alone = await policy.sample(sampling({ prompts: [[33, 200, 7, 8, 9, 260]], promptIds: [1], samples: 8 }))
    const turned = await policy.sample(
      sampling({
        prompts: [
          [33, 200, 7, 8, 9, 260],
          [5, 17, 100],
        ],
        promptIds: [1, 0],
        samples: 8,
      }),
    )
    const tokens = (completions: typeof together) => completions.map((completion) => completion.tokens)
    expect(tokens(alone)).toEqual(tokens(together).slice(8))
    expect(tokens(turned)).toEqual([...tokens(together).slice(8), ...tokens(together).slice(0, 8)])
    const few = await policy.sample(sampling({ samples: 1 }))
    expect(tokens(few)).toEqual([together[0].tokens, together[8].tokens])
  })

  test('rows that stop early leave the others as they are', async () => {
    const free = await policy.sample(sampling({ samples: 6 }))
    const stop = free[0].tokens[4]
    const stopped = await policy.sample(sampling({ samples: 6, stopTokenIds: [stop] }))
    stopped.forEach(({ tokens, finishReason }, i) => {
      const at = free[i].tokens.indexOf(stop)
      expect(tokens).toEqual(at < 0 ? free[i].tokens : free[i].tokens.slice(0, at + 1))
      expect(finishReason).toBe(at < 0 ? 'length' : 'stop')
    })
    expect(stopped.some(({ finishReason }) => finishReason === 'stop')).toBe(true)
  })

  test('seed and step change the draws; the same address repeats them', async () => {
    const draw = async (change: object) => (await policy.sample(sampling(change))).map(({ tokens }) => tokens)
    const first = await draw({})
    expect(await draw({})).toEqual(first)
    expect(await draw({ seed: 8 })).not.toEqual(first)
    expect(await draw({ step: 1 })).not.toEqual(first)
  })

  test('temperature 0 takes the most likely token, and equals a chain of arg-maxes by scoring', async () => {
    const [{ tokens, logps }] = await policy.sample(sampling({ temperature: 0, samples: 1, maxNewTokens: 4 }))
    for (let i = 0; i < tokens.length; i++) {
      const prefix = [5, 17, 100, ...tokens.slice(0, i)]
      const candidates = Array.from({ length: policy.spec.vocabSize }, (_, token) => ({
        tokens: [...prefix, token],
        from: prefix.length,
      }))
      const scores = (await policy.score(candidates, { ...SCORE, entropy: false, klToReference: false })).map(
        (scored) => scored.logps[0],
      )
      expect(tokens[i]).toBe(scores.indexOf(Math.max(...scores)))
      expect(logps[i]).toBeCloseTo(Math.max(...scores), 4)
    }
  })

  test('with the adapter off it samples from the reference', async () => {
    const off = await policy.sample(sampling({ adapter: false }))
    await policy.reset()
    expect(await policy.sample(sampling())).toEqual(off)
  })
})

describe('scoring', () => {
  test('a row’s score does not depend on the batch', async () => {
    const sequences = Array.from({ length: 8 }, (_, i) => ({
      tokens: Array.from({ length: 5 + i }, (_, j) => (i * 31 + j * 17) % 300),
      from: 1 + (i % 3),
    }))
    const together = await policy.score(sequences, SCORE)
    for (const [i, sequence] of sequences.entries()) {
      const [alone] = await policy.score([sequence], SCORE)
      expect(largestDifference(alone.logps, together[i].logps)).toBeLessThan(1e-5)
      expect(largestDifference(alone.entropies!, together[i].entropies!)).toBeLessThan(1e-5)
      expect(largestDifference(alone.klToReference!, together[i].klToReference!)).toBeLessThan(1e-5)
    }
  })

  test('a fresh adapter is the reference: KL is 0 everywhere', async () => {
    await policy.reset()
    const scored = await policy.score(ROWS, SCORE)
    for (const { klToReference } of scored) expect(klToReference!.every((kl) => Math.abs(kl) < 1e-12)).toBe(true)
  })

  test('KL to the reference is positive once B is not zero', async () => {
    const scored = await policy.score(ROWS, SCORE)
    for (const { klToReference } of scored) expect(Math.min(...klToReference!)).toBeGreaterThan(0)
  })
})

describe('gradient', () => {
  test('is the slope of the scores along any direction (finite differences)', async () => {
    const objective = async () => {
      const scored = await policy.score(ROWS, { ...SCORE, temperature: 0.9, klToReference: false })
      return scored.reduce((sum, { logps, entropies }, i) => {
        const c = ROWS[i].coefficients
        return sum + logps.reduce((part, logp, t) => part + c[t] * logp + 0.3 * c[t] * entropies![t], 0)
      }, 0)
    }
    await policy.accumulate(
      ROWS.map((row) => ({ ...row, entropyCoefficients: row.coefficients.map((c) => 0.3 * c) })),
      0.9,
    )
    const gradient = await policy.gradient()
    const state = await policy.save()
    const direction = new Map(
      [...state.adapter].map(([name, { data }]) => [name, data.map((_, i) => Math.sin(3 * i + name.length))]),
    )
    const slope = [...gradient].reduce(
      (sum, [name, { data }]) => sum + data.reduce((part, g, i) => part + g * direction.get(name)![i], 0),
      0,
    )
    const along = async (distance: number) => {
      const moved = await policy.save()
      for (const [name, { data }] of moved.adapter)
        state.adapter.get(name)!.data.forEach((value, i) => (data[i] = value + distance * direction.get(name)![i]))
      await policy.restore(moved)
      return objective()
    }
    const h = 2e-3
    const numeric = ((await along(h)) - (await along(-h))) / (2 * h)
    expect(Math.abs(numeric / slope - 1)).toBeLessThan(2e-3)
  })

  test('micro-batches add up to the batch', async () => {
    await policy.accumulate(ROWS, 1)
    const whole = await policy.gradient()
    policy.clearGradient()
    for (const row of ROWS) await policy.accumulate([row], 1)
    expect(relativeError(await policy.gradient(), whole)).toBeLessThan(1e-6)
  })

  test('a cancelled call adds nothing', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(policy.accumulate(ROWS, 1, { signal: controller.signal })).rejects.toThrow(CancelledError)
    for (const { data } of (await policy.gradient()).values()) expect(data.every((g) => g === 0)).toBe(true)
  })
})

describe('training state', () => {
  test('a run that is restored goes on bit for bit as the one that was not interrupted', async () => {
    const update = async () => {
      await policy.accumulate(ROWS, 1)
      return policy.step(UPDATE)
    }
    await update()
    const saved = await policy.save()
    await update()
    const uninterrupted = await policy.save()
    await policy.reset()
    await policy.restore(saved)
    await update()
    expect(await policy.save()).toEqual(uninterrupted)
    expect(uninterrupted.updates).toBe(2)
  })

  test('an update raises the objective that it climbs (the loss is minimised, so coefficients are negated)', async () => {
    const total = async () =>
      (await policy.score(ROWS, SCORE)).reduce(
        (sum, { logps }, i) => sum + logps.reduce((a, logp, t) => a + logp * ROWS[i].coefficients[t], 0),
        0,
      )
    const before = await total()
    await policy.accumulate(
      ROWS.map((row) => ({ ...row, coefficients: row.coefficients.map((c) => -c) })),
      1,
    )
    const { applied, gradNorm } = await policy.step({ ...UPDATE, learningRate: 1e-3 })
    expect([applied, gradNorm > 0]).toEqual([true, true])
    expect(await total()).toBeGreaterThan(before)
  })

  test('a state of another rank is refused by tensor', async () => {
    const other = await fixturePolicy('genai-qwen3', 'q4', { rank: 2, alpha: 4 })
    const state = await other.save()
    other.dispose()
    await expect(policy.restore(state)).rejects.toThrow(ModelFileError)
    await expect(policy.restore(state)).rejects.toThrow(
      /lora_A\.weight is \[2, 64\] where this model and rank need \[4, 64\]/,
    )
  })

  test('a state with tensors too many or too few is refused', async () => {
    const state = await policy.save()
    const [name, tensor] = [...state.adapter][0]
    const more = new Map([...state.adapter, ['x', tensor]])
    await expect(policy.restore({ ...state, adapter: more })).rejects.toThrow(/adapter: has a tensor x\./)
    const fewer = new Map([...state.optimizer].slice(1))
    await expect(policy.restore({ ...state, optimizer: fewer })).rejects.toThrow(
      `optimizer: has no tensor exp_avg.${name}`,
    )
  })

  test('the initial adapter is PEFT’s: A uniform within ±1/√in, B zero, and the seed decides', async () => {
    await policy.reset()
    const { adapter } = await policy.save()
    for (const [name, { shape, data }] of adapter) {
      if (name.includes('lora_B')) expect(data.every((value) => value === 0)).toBe(true)
      else {
        const bound = 1 / Math.sqrt(shape[1])
        expect(Math.max(...data)).toBeGreaterThan(0.8 * bound)
        expect(data.every((value) => Math.abs(value) <= bound)).toBe(true)
        expect(Math.abs(data.reduce((a, b) => a + b, 0) / data.length)).toBeLessThan(0.2 * bound)
      }
    }
  })
})

describe('conduct', () => {
  test('no call leaves a tensor behind, a cancelled one neither', async () => {
    const everything = async () => {
      await policy.sample(sampling())
      await policy.score(ROWS, SCORE)
      await policy.accumulate(ROWS, 1)
      await policy.step(UPDATE)
      const controller = new AbortController()
      const stop = { signal: controller.signal, onProgress: () => controller.abort() }
      await expect(policy.sample(sampling(), stop)).rejects.toThrow(CancelledError)
      await expect(policy.score(ROWS, SCORE, stop)).rejects.toThrow(CancelledError)
    }
    await everything()
    const before = tf.memory().numTensors
    await everything()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('disposing frees every tensor that loading made', async () => {
    const before = tf.memory().numTensors
    const other = await fixturePolicy('optimum-qwen2')
    other.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('an id outside the vocabulary is refused', async () => {
    await expect(policy.score([{ tokens: [1, 2, 301], from: 1 }], SCORE)).rejects.toThrow(
      /tokens: expected ids from 0 to 300, got 301/,
    )
  })

  test('progress counts up to its total', async () => {
    const seen: Progress[] = []
    await policy.sample(sampling({ stopTokenIds: [] }), { onProgress: (progress) => seen.push(progress) })
    expect(seen.every(({ phase, total }) => phase === 'sample' && total === 6 * 12)).toBe(true)
    expect(seen[seen.length - 1].done).toBe(6 * 12)
    expect(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done)).toBe(true)
  })

  test('two runs of the same calls end in the same bits', async () => {
    const run = async () => {
      await policy.reset()
      for (let step = 0; step < 2; step++) {
        const completions = await policy.sample(sampling({ step }))
        const rows = completions.map(({ tokens }, i) => ({
          tokens: [5, ...tokens],
          from: 1,
          coefficients: new Float64Array(tokens.length).fill(i - 2),
        }))
        await policy.accumulate(rows, 1)
        await policy.step(UPDATE)
      }
      return policy.save()
    }
    expect(await run()).toEqual(await run())
  })
})

test('the pure JavaScript backend agrees with wasm', async () => {
  const wasm = await policy.score(ROWS, SCORE)
  const cpu = await fixturePolicy('genai-qwen3', 'q4', { rank: 4, alpha: 8 }, 'cpu')
  await setKnownAdapter(cpu)
  expect(cpu.engine).toBe('reference (tfjs cpu)')
  const scored = await cpu.score(ROWS, SCORE)
  scored.forEach(({ logps }, i) => expect(largestDifference(logps, wasm[i].logps)).toBeLessThan(1e-5))
  await cpu.accumulate(ROWS, 1)
  await policy.accumulate(ROWS, 1)
  expect(relativeError(await cpu.gradient(), await policy.gradient())).toBeLessThan(1e-5)
  cpu.dispose()
})
