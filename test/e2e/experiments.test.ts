// An experiment of the papers from the catalogue to its report, without leaving the page: run, found again, cancelled.

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

/** Timing a model, running a quick experiment: seconds on an idle machine. */
const RUN_MS = 400_000
/** Nothing is trained in it. */
const CHEAPEST = 'drift-bound'
/** Trains on the same model, so what was timed for one holds for the other. */
const TRAINED = 'rlvr-vs-sft'

const served = servedPage()

test('a quick experiment is run to its report, found again after a reload, and another is cancelled and goes on', async () => {
  const page = await openPage(served.browser, `${served.server.address}/#v=1&view=compare`, {
    width: 1440,
    height: 1000,
  })
  const errors = complaints(page)
  await page.getByRole('link', { name: /^Drift against its bounds/ }).click()
  expect(page.url()).toMatch(new RegExp(`#v=2&view=compare&experiment=${CHEAPEST}$`))
  await said(page, /^1 arm × 1 seed\. All of it takes about .+ on this machine\./)
  await page.getByRole('button', { name: 'Run it here' }).click()
  await page.getByText('Cancel', { exact: true }).waitFor()

  const report = page.frameLocator('iframe')
  await page.locator('iframe').waitFor({ timeout: RUN_MS })
  // The verdict is said outside of the report too, and the report is drawn in its own style at its full height.
  const verdict = await page.getByRole('heading', { level: 1 }).textContent()
  expect(await report.locator('.verdict .sentence').textContent()).toBe(verdict)
  expect(await report.locator('svg').count()).toBeGreaterThan(0)
  await page.waitForFunction(() => document.querySelector('iframe')!.offsetHeight > 1000)
  expect(await report.locator('h1').evaluate((heading) => getComputedStyle(heading).fontSize)).toBe('26px')
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save report.json' }).click()
  const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as Record<string, unknown>
  expect(saved).toMatchObject({
    verdict: { sentence: verdict },
    meta: { command: `npx tiltlab experiment ${CHEAPEST} --quick` },
  })

  for (const { width, scheme } of looks) {
    await page.setViewportSize({ width, height: 1000 })
    await page.emulateMedia({ colorScheme: scheme })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `test-results/experiment-report-${width}-${scheme}.png` })
  }
  // Axe puts a script into every frame, and this one runs none.
  await page.locator('iframe').evaluate((frame) => frame.remove())
  for (const { width, scheme } of looks) {
    await page.setViewportSize({ width, height: 1000 })
    await page.emulateMedia({ colorScheme: scheme })
    expect(await seriousFaults(page)).toEqual([])
  }
  await page.setViewportSize({ width: 1440, height: 1000 })

  await page.reload()
  await page.locator('iframe').waitFor()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(verdict)
  expect(await page.getByRole('button', { name: 'Run it here' }).count()).toBe(0)

  // In full, other figures are needed than those that are there.
  await page.getByLabel('Full').check()
  await page.getByRole('button', { name: 'Run it here' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Ask what the papers asked' }).waitFor()

  await page.goto(`${served.server.address}/#v=1&view=compare&experiment=${TRAINED}`)
  await page.getByRole('button', { name: 'Run it here' }).click()
  await page.getByText(/^training [1-9]/).waitFor({ timeout: RUN_MS })
  // Meanwhile nothing else is trained here.
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  expect(await page.getByRole('button', { name: 'Train it here' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Show it' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('heading', { name: 'The experiment was cancelled.' }).waitFor()
  await page.reload()
  await said(page, /1 of \d+ done already\. The rest takes about/)
  const cells = page.getByRole('region', { name: 'Arms and seeds' })
  expect(await cells.getByRole('row', { name: /^Base/ }).getByRole('cell').textContent()).toContain('done')
  await page.getByRole('button', { name: 'Run what is missing' }).waitFor()

  // What is kept can be removed, and says its size before.
  await page.getByRole('button', { name: 'Remove it' }).click()
  await page.getByRole('button', { name: /^Remove [\d.]+ MB$/ }).click()
  await page.getByText('Nothing yet').waitFor()
  await page.getByRole('button', { name: 'Run it here' }).waitFor()
  expect(errors).toEqual([])
  await page.context().close()
})

test('while a run is trained, an experiment waits for it, or the run is cancelled', async () => {
  const settings = 'v=1&preset=ci&steps=120&prompts=4&g=4&problems=8&answer=16&every=0&engine=reference'
  const page = await openPage(served.browser, `${served.server.address}/#${settings}`, { width: 1440, height: 1000 })
  await page.getByRole('button', { name: 'Train it here' }).click()
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.getByRole('link', { name: /^Drift against its bounds/ }).click()
  await page.getByRole('button', { name: 'Run it after that' }).click()
  await page.getByText('It begins as soon as the run in Train has ended.').waitFor()
  await page.getByRole('button', { name: 'Do not wait' }).click()
  await page.getByRole('button', { name: 'Run it after that' }).click()
  await page.getByRole('link', { name: 'Train', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('An experiment runs in Compare').waitFor({ timeout: RUN_MS })
  await page.context().close()
})

test('a link to an experiment that there is not says so, and where nothing can be kept that is said', async () => {
  const page = await openPage(served.browser, 'about:blank', { width: 1440, height: 1000 })
  await page.context().route('**/assets/experiment-worker*', async (route) => {
    const response = await route.fetch()
    // As in a private window of a browser that has no such files there.
    const refuse = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('', 'SecurityError'));"
    await route.fulfill({ response, body: refuse + (await response.text()) })
  })
  await page.goto(`${served.server.address}/#v=1&view=compare&experiment=perpetual-motion`)
  await page.getByRole('heading', { name: 'There is no experiment “perpetual-motion”.' }).waitFor()
  await page.getByRole('button', { name: 'Show those that there are' }).click()
  await page.getByText('This browser lets the page keep no files').waitFor()
  // The page may still be fetching another of its workers.
  await page.context().unrouteAll({ behavior: 'wait' })
  await page.context().close()
})

test('runs are held against each other: chosen, along what they cost, brushed by keyboard and mouse, and exported', async () => {
  const page = await openPage(served.browser, `${served.server.address}/#v=2&view=compare`, {
    width: 1440,
    height: 1000,
  })
  const errors = complaints(page)
  await page.getByRole('button', { name: 'Runs side by side' }).click()
  for (const name of ['rlvr', 'sft', 'entangled']) await page.getByLabel(name, { exact: true }).check()
  await page.getByRole('heading', { name: '3 runs in 3 groups, by everything but the seed.' }).waitFor()
  await page.getByLabel('Along').selectOption('compute')
  // The end of the dearest run is read by keyboard, in operations.
  const reader = page.getByRole('slider', { name: /^reward: read it along floating-point/ })
  await reader.press('End')
  expect(await reader.getAttribute('aria-valuetext')).toMatch(
    /^floating-point operations, estimated \S*e\d+: A [\d.]+, C [\d.]+$/,
  )
  expect(page.url()).toContain('along=compute')

  // All but the upper half of learning rates are left out: of three runs one stays.
  const lower = page.getByRole('slider', { name: 'optimizer.learningRate: lower end' })
  await lower.press('PageUp')
  await page.getByText('1 of 3 runs are kept by the brushes.').waitFor()
  await page.getByRole('heading', { name: '1 run in 1 group' }).waitFor()
  await page.getByRole('button', { name: 'Clear the brushes' }).click()
  await page.getByText('3 of 3 runs are kept by the brushes.').waitFor()
  const strip = page.getByRole('group', { name: 'Brush of steps' })
  await strip.scrollIntoViewIfNeeded()
  const box = (await strip.boundingBox())!
  await page.mouse.move(box.x + 12, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + 12, box.y + 20)
  await page.mouse.move(box.x + 12, box.y - 5)
  await page.mouse.up()
  await page.getByText('1 of 3 runs are kept by the brushes.').waitFor()

  // The link holds all of it.
  await page.waitForURL(/brush=0\.5\+1\+steps/)
  await page.reload()
  await page.getByText('1 of 3 runs are kept by the brushes.').waitFor()
  await page.getByRole('button', { name: 'Clear the brushes' }).click()
  await page.getByText('Export: Settings and results of each run').click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as csv' }).click()
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[0]).toContain('run,kept,method,steps')

  for (const { width, scheme } of looks) {
    await page.setViewportSize({ width, height: 1000 })
    await page.emulateMedia({ colorScheme: scheme })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(page)).toEqual([])
    await page.screenshot({ path: `test-results/together-${width}-${scheme}.png`, fullPage: true })
  }
  expect(errors).toEqual([])
  await page.context().close()
})

const looks = [1440, 360].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })))

describe('the look', () => {
  test.each(looks)('at $width px, $scheme: nothing overflows, axe finds nothing serious', async ({ width, scheme }) => {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&view=compare`, {
      width,
      height: 1000,
      scheme,
    })
    await page.getByRole('link', { name: /^Drift against its bounds/ }).waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(page)).toEqual([])
    await page.screenshot({ path: `test-results/experiments-${width}-${scheme}.png`, fullPage: true })
    await page.goto(`${served.server.address}/#v=1&view=compare&experiment=${TRAINED}&size=full`)
    await page.getByRole('table').last().waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(page)).toEqual([])
    await page.screenshot({ path: `test-results/experiment-${width}-${scheme}.png`, fullPage: true })
    await page.context().close()
  })
})

async function said(page: Page, text: RegExp): Promise<void> {
  await page.locator('.say').filter({ hasText: text }).waitFor({ timeout: RUN_MS })
}
