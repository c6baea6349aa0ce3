// The student's story: the theory by hand, before there is any model, and found again under its link.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const WAIT_MS = 60_000

const served = servedPage()

async function open(words: string, look: Partial<{ width: number; height: number; scheme: 'light' | 'dark' }> = {}) {
  const address = `${served.server.address}/#v=2&view=theory${words}`
  const page = await openPage(served.browser, address, { width: 1440, height: 1000, ...look })
  page.setDefaultTimeout(WAIT_MS)
  await page.getByRole('heading', { name: 'Play: exact training from the reference' }).waitFor()
  return page
}

const headline = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()

/** A number of the list at the right, by the name of its quantity. */
async function figure(page: Page, name: string): Promise<number> {
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'At this β' }) })
  const term = panel.locator('dt', { has: page.getByRole('button', { name, exact: true }) })
  const text = (await term.locator('xpath=following-sibling::dd[1]').textContent()) ?? ''
  return Number.parseFloat(
    text
      .split(/→|(?=[+−±]\d)/)
      .at(-1)!
      .trim()
      .replace('−', '-')
      .replace(/[+±]/, ''),
  )
}

test('a student moves β by keyboard, reads the bound, plays the dynamics, and finds it all under the link', async () => {
  const page = await open('&scenario=against')
  const errors = complaints(page)
  expect(await headline(page)).toBe('Success rises from 0.30 to 0.88; safety falls by 0.29.')
  const kl = await figure(page, 'KL divergence')

  // Less pressure: β up by the keyboard, to where the paper's bound says something.
  const beta = page.getByRole('slider', { name: 'KL weight β' })
  await beta.focus()
  for (let i = 0; i < 30; i++) await beta.press('ArrowRight')
  expect(await page.locator('output[for=theory-beta]').textContent()).toBe('0.692')
  expect(await figure(page, 'KL divergence')).toBeLessThan(kl)
  // logit P = logit .3 + 1/.692 → P = .645; √χ² = (P − q)/√(q(1 − q)) = .753
  expect(await headline(page)).toContain('Success rises from 0.30 to 0.65')
  await page.getByText('The paper’s bound allows 0.75.').waitFor()
  await page.getByText('No bound is empty here.').waitFor()

  // The bound explains itself when it has the focus, in mathematics that can be selected, and goes on Escape.
  await page.getByRole('button', { name: 'The paper’s √χ²' }).focus()
  const explanation = page.getByRole('tooltip')
  await explanation.getByText('The published bound').waitFor()
  expect(await explanation.locator('math').count()).toBe(2)
  expect(await explanation.textContent()).toContain('arXiv 2511.21050')
  expect(await explanation.locator('math').last().textContent()).toContain('0.753')
  await page.keyboard.press('Escape')
  await explanation.waitFor({ state: 'detached' })

  // GRPO does not stop at the tilt.
  await page.getByLabel('Algorithm').selectOption({ label: 'GRPO with KL (TRL)' })
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await page.getByText('Step 1: mean reward').waitFor()
  await page.getByRole('button', { name: 'To the end' }).click()
  const said = page.locator('.say', { hasText: 'At rest after' })
  await said.waitFor()
  expect(await said.textContent()).toContain('and not at the tilt')
  const stop = async (name: string) =>
    Number(
      await page
        .getByRole('row', { name: new RegExp(`^${name}`) })
        .locator('td')
        .nth(1)
        .textContent(),
    )
  expect(await stop('Measured')).toBeCloseTo(await stop('GRPO with KL'), 2)
  expect(await stop('Measured')).toBeGreaterThan((await stop('Nominal tilt')) + 0.05)

  // A bar is dragged by keyboard; the link holds everything.
  await page.getByRole('button', { name: 'Rewind' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  const bar = page.getByRole('slider', { name: 'p of path 14' })
  await page.getByRole('slider', { name: 'p of path 1', exact: true }).focus()
  for (let i = 0; i < 13; i++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('PageUp')
  const dragged = Number(await bar.getAttribute('aria-valuenow'))
  expect(dragged).toBeGreaterThan(0.1)
  await page.waitForURL(/bars=/)
  await page.waitForTimeout(400)
  const before = { headline: await headline(page), stops: await stopsText(page), address: page.url() }
  await page.reload()
  await page.getByRole('heading', { name: 'Where it stops' }).waitFor()
  await expect.poll(() => stopsText(page), { timeout: WAIT_MS }).toBe(before.stops)
  expect(await headline(page)).toBe(before.headline)
  expect(Number(await bar.getAttribute('aria-valuenow'))).toBe(dragged)
  expect(page.url()).toBe(before.address)
  expect(errors).toEqual([])
  await page.context().close()
})

test('a bar follows the mouse, and brings back a path that was never taken', async () => {
  const page = await open('&scenario=unsupported')
  const bar = page.getByRole('slider', { name: 'p of path 14' })
  expect(await bar.getAttribute('aria-valuenow')).toBe('0')
  const reachable = await figure(page, 'Mean reward')
  const box = (await bar.boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 8)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 60, { steps: 4 })
  await page.mouse.up()
  expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0.1)
  expect(await figure(page, 'Mean reward')).toBeGreaterThan(reachable + 0.1)
  await page.getByRole('button', { name: 'Undo dragging' }).click()
  expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
  await page.context().close()
})

test('draws say how many of them still count, and a link that is partly wrong says so', async () => {
  const page = await open('&at=0.02&samples=64&paths=many')
  await page
    .getByText(/of 64 draws/)
    .first()
    .waitFor()
  await page.getByText('paths: expected an integer').waitFor()
  expect(await page.locator('output[for=theory-beta]').textContent()).toBe('0.02')
  await page.context().close()
})

describe('the look', () => {
  const looks = [1440, 360].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })))
  test.each(looks)('at $width px, $scheme: nothing overflows, axe finds nothing serious', async ({ width, scheme }) => {
    const page = await open('&scenario=loose&step=8&samples=128', { width, scheme })
    await page
      .getByText(/of 128 draws/)
      .first()
      .waitFor()
    await page.getByText('Show the', { exact: false }).click()
    await page.getByRole('region', { name: 'Quantities' }).waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `test-results/theory-${width}-${scheme}.png`, fullPage: true })
    await page.getByRole('button', { name: 'Pinsker' }).focus()
    await page.getByRole('tooltip').waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(page)).toEqual([])
    await page.context().close()
  })
})

function stopsText(page: Page): Promise<string | null> {
  return page.getByRole('region', { name: 'Where it stops' }).locator('tbody').textContent()
}
