// The machine panel times the engine's kernels in Chromium, and the table fits a phone.

import { expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const served = servedPage()

test('kernels are timed when asked, beside what the adapter can do', async () => {
  const page = await openPage(served.browser, served.server.address, { width: 1440, height: 900 })
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
