// The page trains for real: a short run in Chromium, driven by its buttons, over the real runner's server.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const RUN_MS = 240_000

const served = servedPage()

test('a short run in this tab raises the reward, and the page shows it without an error', async () => {
  const page = await open('#v=1&preset=ci')
  const errors = complaints(page)
  await page.getByRole('button', { name: 'Train it here' }).click()
  await page.getByText('Live in this tab').waitFor({ timeout: RUN_MS })
  await page.getByText('The run is complete.').first().waitFor({ timeout: RUN_MS })

  const rewards = await column(page, 'Reward of the rollout', 1)
  expect(rewards).toHaveLength(12)
  expect(mean(rewards.slice(-4))).toBeGreaterThan(mean(rewards.slice(0, 4)))
  const [untrained, trained] = await column(page, 'Held-out accuracy', 2)
  expect(trained).toBeGreaterThan(untrained + 0.08)
  await expect(page.getByRole('heading', { level: 1 }).textContent()).resolves.toMatch(
    /^Accuracy (rises|does not move)/,
  )
  const paths = await page
    .locator('svg.chart path.line')
    .evaluateAll((all) => all.map((path) => path.getAttribute('d') ?? ''))
  expect(paths.length).toBeGreaterThanOrEqual(6)
  expect(paths.filter((path) => path.length > 40).length).toBeGreaterThanOrEqual(2)
  expect(await page.getByText('of 4', { exact: false }).count()).toBeGreaterThan(0)
  expect(errors).toEqual([])

  await page.screenshot({ path: 'test-results/run-1440-light.png', fullPage: true })
  expect(await seriousFaults(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: 'test-results/run-1440-dark.png', fullPage: true })
  expect(await seriousFaults(page)).toEqual([])
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.screenshot({ path: 'test-results/run-390-dark.png', fullPage: true })
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await overflow(page)).toBeLessThanOrEqual(0)

  // The slider moves every panel back to the untrained model, by keyboard alone.
  await page.getByRole('slider', { name: 'Step shown' }).press('Home')
  await page.getByText('Untrained, the model solves').first().waitFor()
  await page.close()
})

test('step trains one step and waits; rewind gives the same first step again; cancel ends the run', async () => {
  const page = await open('#v=1&preset=ci')
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await shown(page, 'Step', '1 / 12')
  await page.getByText('Paused').first().waitFor()
  const first = await column(page, 'Reward of the rollout', 1)

  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await shown(page, 'Step', '2 / 12')
  await page.getByRole('button', { name: 'Rewind' }).click()
  await shown(page, 'Step', '0 / 12')
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await shown(page, 'Step', '1 / 12')
  expect(await column(page, 'Reward of the rollout', 1)).toEqual(first)

  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused').first().waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('The run was cancelled').first().waitFor({ timeout: 20_000 })
  expect(await page.getByRole('button', { name: 'Train it here' }).isVisible()).toBe(true)
  await page.close()
})

test('the learned scorer runs in the page, under its content policy', async () => {
  const page = await open('#v=1&preset=safety&scorer=learned')
  const errors = complaints(page)
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await shown(page, 'Step', '1 / 40')
  const [reward] = await column(page, 'Reward of the rollout', 1)
  expect(reward).toBeGreaterThan(0.5) // 1 − harm/4, mostly refusals and answered twins
  expect(reward).toBeLessThan(1)
  expect(errors).toEqual([])
  await page.close()
})

async function open(hash: string): Promise<Page> {
  const page = await openPage(served.browser, served.server.address + '/' + hash, { width: 1440, height: 1000 })
  page.setDefaultTimeout(RUN_MS)
  return page
}

/** A column of the table that belongs to a chart, as numbers; the chart's own text alternative holds the same. */
async function column(page: Page, heading: string, index: number): Promise<number[]> {
  const panel = page.locator('section', { has: page.getByRole('heading', { name: heading }) })
  const details = panel.locator('details').first()
  if (!(await details.evaluate((element: HTMLDetailsElement) => element.open))) await details.locator('summary').click()
  await panel.locator('tbody tr').first().waitFor()
  const cells = await panel.locator(`tbody td:nth-child(${index + 1})`).allTextContents()
  return cells.filter(Boolean).map((text) => Number.parseFloat(text.replace('−', '-')))
}

/** Waits until a number of the strip reads like this. */
async function shown(page: Page, name: string, text: string): Promise<void> {
  const cell = page.locator('dl > div', { has: page.locator(`dt:text-is("${name}")`) })
  await cell.getByText(text, { exact: true }).waitFor({ timeout: RUN_MS })
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
