// The machine panel times the engine's kernels in Chromium, and the table fits a phone.

import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, servePage, type Server } from './browser'
import { complaints, openPage, overflow, seriousFaults } from './page'

let server: Server
let browser: Browser

beforeAll(async () => {
  mkdirSync('test-results', { recursive: true })
  server = await servePage()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})

test('kernels are timed when asked, beside what the adapter can do', async () => {
  const page = await openPage(browser, server.address, { width: 1440, height: 900 })
  const errors = complaints(page)
  await page.getByRole('button', { name: 'Time the kernels' }).click()
  await page.getByRole('button', { name: 'Stop measuring' }).waitFor()
  const caption = page.locator('#machine caption').last()
  await caption.waitFor({ timeout: 300_000 })
  expect(await caption.textContent()).toMatch(/^gradient, \d+ tokens: \d/)
  const rates = await page.locator('#machine tbody td').allTextContents()
  expect(rates.length).toBeGreaterThan(40)
  expect(rates.join(' ')).not.toMatch(/NaN|Infinity/)
  expect(errors).toEqual([])
  await page.locator('#machine').screenshot({ path: 'test-results/machine-light.png' })
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('#machine').screenshot({ path: 'test-results/machine-phone-dark.png' })
  expect(await seriousFaults(page)).toEqual([])
})
