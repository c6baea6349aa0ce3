// A pretrained model from this machine's disk is trained in the page, on problems from its disk, by WebGPU.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, servePage, type Server } from './browser'
import { complaints, openPage } from './page'

const RUN_MS = 840_000
const root = join(import.meta.dirname, '../..')
const smolLm2 = join(root, '../shared/models/SmolLM2-135M-Instruct')
// The model lies beside the repository where the workplace provides it. In CI it must; elsewhere the test is skipped.
const hasSmolLm2 = existsSync(smolLm2) || process.env.CI !== undefined

/** Short problems: SwiftShader computes this on a processor. */
const problems = Array.from({ length: 12 }, (_, i) =>
  JSON.stringify({ question: `What is ${i}+3?`, answer: `#### ${i + 3}` }),
)
const settings = 'steps=2&prompts=1&g=2&tokens=8&problems=2&answer=4&every=0&engine=webgpu'

let server: Server
let browser: Browser

beforeAll(async () => {
  server = await servePage()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})

test('a folder without a model is refused with what to look for', async () => {
  const page = await openPage(browser, `${server.address}/`, { width: 1440, height: 1000 })
  await page.getByText('Your own model and problems').click()
  await page.getByLabel('Model folder').setInputFiles(join(root, 'docs'))
  await page.getByText('docs: has none of onnx/model_q4f16.onnx').waitFor()
  await page.close()
})

test.skipIf(!hasSmolLm2)('SmolLM2 makes two steps of GRPO in this tab', async () => {
  const page = await openPage(browser, `${server.address}/#v=1&preset=data&${settings}`, { width: 1440, height: 1000 })
  const errors = complaints(page)
  await page.getByText('Your own model and problems').click()
  await page.getByLabel('Model folder').setInputFiles(smolLm2)
  await page
    .getByLabel('Problems: JSON lines')
    .setInputFiles({ name: 'sums.jsonl', mimeType: 'application/json', buffer: Buffer.from(problems.join('\n')) })
  await page.getByRole('button', { name: 'Train it here' }).click()
  await page.getByText('The run is complete.').first().waitFor({ timeout: RUN_MS })

  expect(await page.getByText('10 problems to train on, 2 held out').count()).toBeGreaterThan(0)
  expect(await machineFact(page, 'Trains on')).toMatch(/^webgpu \(/)
  expect(await machineFact(page, 'Memory, at most')).toMatch(/MB$/)
  expect(await page.getByText('Harm against').count()).toBe(0)
  expect(errors).toEqual([])
  await page.close()
})

/** A line of the machine panel. */
async function machineFact(page: Page, name: string): Promise<string> {
  const text = await page.locator('#machine dt', { hasText: name }).first().locator('+ dd').textContent()
  return text ?? ''
}
