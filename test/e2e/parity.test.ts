// In Chromium both engines give the same numbers as in Node, and every kernel passes its cases.

import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderSource } from '../../src/runner/files'
import { scoreWith, type ScoringJob } from './scoring'
import { openTestPage, type TestPage } from './test-page'

const sequences = Array.from({ length: 4 }, (_, row) => ({
  tokens: Array.from({ length: 12 + 3 * row }, (_, i) => (7 * row + 11 * i) % 260),
  from: 5,
}))

let tested: TestPage
let inNode: number[]

beforeAll(async () => {
  const wasm = resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist')
  tested = await openTestPage('parity', { '/models/': resolve('models'), '/wasm/tfjs/': wasm })
  inNode = await scoreWith(folderSource('guess', resolve('models/guess')), { backend: 'wasm', sequences }, {})
})
afterAll(() => tested?.close())

for (const backend of ['wasm', 'webgl', 'webgpu', 'wgsl'] as const) {
  test(`log-probabilities on ${backend} in Chromium are those of wasm in Node within 1e-3`, async () => {
    const tab = await tested.browser.newPage()
    await tab.goto(`${tested.address}/`)
    const inBrowser = await tab.evaluate((job: ScoringJob) => window.scoreInBrowser(job), { backend, sequences })
    expect(inBrowser).toHaveLength(inNode.length)
    expect(Math.max(...inBrowser.map((logp, i) => Math.abs(logp - inNode[i])))).toBeLessThanOrEqual(1e-3)
    await tab.close()
  })
}

for (const subgroups of [true, false]) {
  test(`every kernel passes its cases in Chromium ${subgroups ? 'with' : 'without'} subgroups`, async () => {
    const tab = await tested.browser.newPage()
    await tab.goto(`${tested.address}/`)
    const { adapter, errors } = await tab.evaluate((use) => window.kernelsInBrowser(use), subgroups)
    console.log(`${Object.keys(errors).length} cases on ${adapter}`)
    expect(Object.entries(errors).filter(([, error]) => !(error <= 1))).toEqual([])
    await tab.close()
  })
}
