// In Chromium both engines give the same numbers as in Node, and every kernel passes its cases.

import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'
import { folderSource } from '../../src/runner/files'
import { launchBrowser } from './browser'
import { scoreWith, type ScoringJob } from './scoring'
import { serveFolders } from './static'

const page = resolve('test-results/parity-page')
const sequences = Array.from({ length: 4 }, (_, row) => ({
  tokens: Array.from({ length: 12 + 3 * row }, (_, i) => (7 * row + 11 * i) % 260),
  from: 5,
}))

let browser: Browser
let server: { address: string; stop(): void }
let inNode: number[]

beforeAll(async () => {
  mkdirSync('test-results', { recursive: true })
  await build({
    configFile: false,
    root: 'test/e2e/pages/parity',
    logLevel: 'error',
    build: { outDir: page, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 4000 },
  })
  const wasm = resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist')
  server = await serveFolders({ '/': page, '/models/': resolve('models'), '/wasm/tfjs/': wasm })
  inNode = await scoreWith(folderSource('guess', resolve('models/guess')), { backend: 'wasm', sequences }, {})
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})

for (const backend of ['wasm', 'webgl', 'webgpu', 'wgsl'] as const) {
  test(`log-probabilities on ${backend} in Chromium are those of wasm in Node within 1e-3`, async () => {
    const tab = await browser.newPage()
    await tab.goto(`${server.address}/`)
    const inBrowser = await tab.evaluate((job: ScoringJob) => window.scoreInBrowser(job), { backend, sequences })
    expect(inBrowser).toHaveLength(inNode.length)
    expect(Math.max(...inBrowser.map((logp, i) => Math.abs(logp - inNode[i])))).toBeLessThanOrEqual(1e-3)
    await tab.close()
  })
}

for (const subgroups of [true, false]) {
  test(`every kernel passes its cases in Chromium ${subgroups ? 'with' : 'without'} subgroups`, async () => {
    const tab = await browser.newPage()
    await tab.goto(`${server.address}/`)
    const { adapter, errors } = await tab.evaluate((use) => window.kernelsInBrowser(use), subgroups)
    console.log(`${Object.keys(errors).length} cases on ${adapter}`)
    expect(Object.entries(errors).filter(([, error]) => !(error <= 1))).toEqual([])
    await tab.close()
  })
}
