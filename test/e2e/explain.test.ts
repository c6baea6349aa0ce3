// A token of the recorded run is explained, for the run and for what other algorithms would have done.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const served = servedPage()

test('one press on a token says which way the update pushes it, under every algorithm', async () => {
  const page = await open(1440)
  const errors = complaints(page)
  const [token] = await tokensOf(page)
  await token.click()
  const explanation = page.getByRole('region', { name: 'Explanation of a token' })
  await explanation
    .getByText(/The update (pushes it (up|down)|leaves it as it is)/)
    .first()
    .waitFor()
  expect(await explanation.locator('math').count()).toBeGreaterThanOrEqual(5)
  expect(await explanation.locator('tbody tr').count()).toBe(16)

  await explanation.getByRole('button', { name: 'Dr. GRPO', exact: true }).click()
  await explanation.getByText('Dr. GRPO.', { exact: true }).waitFor()
  await explanation.getByText(/Completions × 48, whatever their lengths/).waitFor()
  // The objective is drawn for the run, for the algorithm that is looked at, and without a clip; it is read where the token is.
  const objective = explanation.getByRole('slider', { name: /^Objective against the ratio/ })
  expect(await objective.getAttribute('aria-valuetext')).toMatch(/^ratio 1: without a clip \S+, .+, Dr\. GRPO \S+$/)
  // A recording keeps no weights, so the reference alone says what else it could have said.
  await explanation.getByRole('button', { name: 'What else was possible here?' }).click()
  await explanation.getByText('only the reference can be asked').waitFor({ timeout: 120_000 })
  const possible = explanation.getByRole('figure', { name: 'What else was possible' }).getByRole('row')
  expect(await possible.count()).toBeGreaterThanOrEqual(10)
  expect(await possible.filter({ hasText: 'sampled' }).count()).toBe(1)
  expect(await seriousFaults(page)).toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await seriousFaults(page)).toEqual([])
  await page.screenshot({ path: 'test-results/explain-1440-dark.png', fullPage: true })
  expect(errors).toEqual([])
  await page.context().close()
})

test('by keyboard alone: arrows walk the tokens, Enter explains one', async () => {
  const page = await open(360)
  const [token] = await tokensOf(page)
  await token.focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /token 3 of \d+, step 40/ }).waitFor()
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  await page.screenshot({ path: 'test-results/explain-360.png', fullPage: true })
  await page.context().close()
})

test('tokens can be coloured by what the run measured', async () => {
  const page = await open(1440)
  await tokensOf(page)
  const colour = page.getByRole('combobox', { name: 'Colour by' })
  const strength = () =>
    page
      .locator('.tokens button')
      .first()
      .evaluate((each) => each.style.cssText)
  const seen = new Set<string>()
  for (const name of ['nothing', 'Entropy', 'Push of this update']) {
    await colour.selectOption({ label: name })
    seen.add(await strength())
  }
  expect(seen.size).toBeGreaterThan(1)
  await page.context().close()
})

async function open(width: number): Promise<Page> {
  return openPage(served.browser, served.server.address, { width, height: 900 })
}

async function tokensOf(page: Page) {
  const tokens = page.getByRole('toolbar', { name: 'Tokens of completion 1' }).getByRole('button')
  await tokens.first().waitFor()
  return tokens.all()
}
