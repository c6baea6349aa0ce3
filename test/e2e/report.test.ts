// A report in Chromium: it opens without a complaint, nothing in it runs, and everyone can read it

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawReport } from '../../src/lab/experiments/report/draw'
import { experiment, HOSTILE, meta, report, results } from '../lab/experiments/report/example'
import { launchBrowser } from './browser'
import { complaints, openPage, overflow } from './page'

let browser: Browser
let address: string

beforeAll(async () => {
  mkdirSync('test-results', { recursive: true })
  const file = join(mkdtempSync(join(tmpdir(), 'tiltlab-report-')), 'report.html')
  writeFileSync(file, drawReport(experiment, results, report, meta).get('report.html')!)
  address = pathToFileURL(file).href
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

for (const [width, scheme] of [
  [1440, 'light'],
  [360, 'dark'],
] as const)
  test(`at ${width} px, ${scheme}: no complaint, nothing overflows, axe finds nothing`, async () => {
    const page = await openPage(browser, 'about:blank', { width, height: 900, scheme })
    const errors = complaints(page)
    await page.goto(address)
    expect(await page.title()).toBe('RLVR against SFT – tiltlab')
    expect(await page.getByText(report.verdict.sentence).isVisible()).toBe(true)
    expect(await page.getByRole('img', { name: 'Drift over β' }).count()).toBe(1)
    expect(await page.getByText('Do harm 0!').isVisible()).toBe(false)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `test-results/report-${width}-${scheme}.png`, fullPage: true })
    // With every lid open, answers to harmful requests are looked at too.
    await page.evaluate(() => document.querySelectorAll('details').forEach((lid) => (lid.open = true)))
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)).toEqual(
      [],
    )
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(errors).toEqual([])
    await page.context().close()
  })

test('what a completion wrote is shown as it is, and does nothing', async () => {
  const page = await openPage(browser, address, { width: 1440, height: 900 })
  const shown = await page.locator('dd.text').filter({ hasText: 'broken out' }).first().textContent()
  expect(shown).toBe(HOSTILE.replace('\u202e', '\\u202e').replace('\u0007', '\\u0007'))
  expect(await page.locator('script, img').count()).toBe(0)
  await page.context().close()
})
