// forecast.test.ts: what is said of memory before a model is downloaded is what the engine plans once it is there

import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { onnxPath, type Dtype } from '../../../src/engine/dtypes'
import { forecastMemory } from '../../../src/engine/forecast'
import { folder, repositoryPath } from '../support'
import { hasAdapter, openTestGpu, openTestPolicy } from './device'

const runs = await hasAdapter()
const adapter = { rank: 16, alpha: 16 }
const shape = { sampleRows: 64, trainRows: 64, tokens: 112 }

describe.each<[string, Dtype]>([
  ['models/guess', 'q8'],
  ['models/guess', 'q4'],
  ['models/llama', 'q4'],
])('%s %s', (model, dtype) => {
  test.skipIf(!runs)('weights are as large as their file, and the rest is the plan’s', async () => {
    const gpu = await openTestGpu()
    const policy = await openTestPolicy(folder(model), dtype, adapter)
    const planned = policy.memoryPlan(shape)
    const { size } = statSync(repositoryPath(`${model}/${onnxPath(dtype)}`))
    const { plan, largestBytes } = forecastMemory(policy.spec, size, adapter, gpu.adapter, shape)
    policy.dispose()
    gpu.dispose()
    expect(plan.weightsBytes / planned.weightsBytes).toBeGreaterThan(0.9)
    expect(plan.weightsBytes / planned.weightsBytes).toBeLessThan(1.15)
    const rest = (memory: typeof plan) => memory.totalBytes - memory.weightsBytes
    expect(Math.abs(rest(plan) / rest(planned) - 1)).toBeLessThan(0.02)
    expect(largestBytes).toBeLessThan(plan.totalBytes)
  })
})
