// The machine as the page finds it: its kernels are timed, and what it lacks or loses is told, and lived with.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const RUN_MS = 300_000

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

describe('what a machine may lack, or lose', () => {
  test('without WebGPU the page says so, and trains with what there is', async () => {
    const page = await withWorkers('delete WorkerNavigator.prototype.gpu', run('webgpu', 2), (page) =>
      page.addInitScript('delete Navigator.prototype.gpu'),
    )
    await page
      .getByRole('link', { name: 'no WebGPU' })
      .or(page.getByRole('link', { name: 'WASM only' }))
      .waitFor()
    await page.getByText('These settings ask for WebGPU, and there is none here.', { exact: true }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Train with what this machine has' }).click()
    await page.getByRole('button', { name: 'Train it here' }).click()
    await page.getByText('The run is complete.').first().waitFor()
    expect(await page.locator('#machine').getByText('There is no WebGPU here').count()).toBe(0)
    await page.context().close()
  })

  test('a graphics process that dies in the middle of a run costs time, and nothing else', async () => {
    const page = await withWorkers('', run('webgpu', 5))
    await page.getByRole('button', { name: 'Train it here' }).click()
    await page
      .getByText(/^[1-3] \/ 5$/)
      .first()
      .waitFor()
    const devtools = await served.browser.newBrowserCDPSession()
    await devtools.send('Browser.crashGpuProcess')
    await page.getByText('The run is complete.').first().waitFor()
    await page.getByText('5 / 5', { exact: true }).first().waitFor()
    const told = /The graphics device was lost .* Going on from the last update on a new one/s
    await page.getByRole('listitem').filter({ hasText: told }).first().waitFor()
    await page.context().close()
  })

  test('a model for which there is no room is a state of its own, and the page goes on', async () => {
    const page = await withWorkers(
      `const { popErrorScope } = GPUDevice.prototype
      GPUDevice.prototype.popErrorScope = async function () {
        return (await popErrorScope.call(this)) ?? new GPUOutOfMemoryError('full')
      }`,
      run('webgpu', 2),
    )
    await page.getByRole('button', { name: 'Train it here' }).click()
    await page.getByRole('heading', { name: 'The run has failed.' }).waitFor()
    await page
      .getByText(/The graphics device has no room for .* Use fewer or shorter sequences at once/)
      .first()
      .waitFor()
    expect(await seriousFaults(page)).toEqual([])
    expect(await page.getByRole('button', { name: 'Train it here' }).isEnabled()).toBe(true)
    await page.context().close()
  })
})

/** A run of seconds. */
function run(engine: 'webgpu' | 'reference', steps: number): string {
  const settings = JSON.stringify({ 'evaluation.requests': 10 })
  return `v=2&view=train&preset=ci&steps=${steps}&problems=8&answer=16&every=0&engine=${engine}&settings=${encodeURIComponent(settings)}`
}

/** Opens the page with its training worker changed: a script that runs before the worker's own. */
async function withWorkers(script: string, hash: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
  // A service worker would answer in place of the network.
  const context = await served.browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block' })
  await context.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `${script}\n${await response.text()}` })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(RUN_MS)
  await prepare?.(page)
  await page.goto(`${served.server.address}/#${hash}`)
  return page
}
