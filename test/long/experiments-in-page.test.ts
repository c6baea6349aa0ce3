// Every experiment of the catalogue from the page, in its quick form, one after the other in one browser, as a person would
// who runs them all: to the report, which opens without a complaint at desktop and phone size.
//
// Ten minutes of an idle machine, so it is left out of `npm test`: `npm run test:experiments`.

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { experiments } from '../../src/lab/experiments/catalogue'
import { complaints, openPage, overflow } from '../e2e/page'
import { servedPage } from '../e2e/served-page'

const served = servedPage()
let page: Page
let errors: string[]

beforeAll(async () => {
  page = await openPage(served.browser, served.server.address, { width: 1440, height: 1000 })
  errors = complaints(page)
})
afterAll(() => page?.context().close())

test.each(experiments.map(({ name, title }) => ({ name, title })))(
  '$name runs to its report',
  async ({ name, title }) => {
    await page.setViewportSize({ width: 1440, height: 1000 })
    await page.goto(`${served.server.address}/#v=2&view=compare&experiment=${name}`)
    const startedMs = performance.now()
    await page.getByRole('button', { name: /^Run (it here|what is missing)$/ }).click()
    const report = page.frameLocator('iframe')
    await report.locator('.verdict .sentence').waitFor({ timeout: 1_500_000 })
    console.log(`${name} from the page: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)

    expect(await page.locator('iframe').getAttribute('title')).toContain(title)
    const verdict = await page.getByRole('heading', { level: 1 }).textContent()
    expect(await report.locator('.verdict .sentence').textContent()).toBe(verdict)
    expect(await report.locator('svg').count()).toBeGreaterThan(0)
    await page.waitForFunction(() => document.querySelector('iframe')!.offsetHeight > 1000)
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 1000 })
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await page.screenshot({ path: `test-results/experiment-${name}-${width}.png`, fullPage: true })
    }
    expect(errors).toEqual([])
  },
)
