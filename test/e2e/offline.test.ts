// Without a network: what was loaded once is there again, and the model of the page trains.

import { expect, test } from 'vitest'
import { launchBrowser, servePage } from './browser'
import { complaints } from './page'

const SLOW_MS = 240_000

test('after one visit the page opens and trains while its server is gone', { timeout: 2 * SLOW_MS }, async () => {
  const server = await servePage()
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(server.address)
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready
      if (active?.state !== 'activated')
        await new Promise((resolve) => active?.addEventListener('statechange', resolve, { once: true }))
    })

    server.stop()
    await expect.poll(() => fetch(server.address).catch(() => 'gone'), { timeout: 10_000 }).toBe('gone')
    await page.goto(`${server.address}/#v=1&preset=ci`)
    await page.reload()
    const errors = complaints(page)
    await page.getByRole('button', { name: 'Step', exact: true }).click()
    await page.getByText('Paused').first().waitFor({ timeout: SLOW_MS })
    await page.getByRole('link', { name: 'Rewards' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    // The runner is asked for, and is gone.
    expect(errors.filter((error) => !error.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
  } finally {
    await browser.close()
    server.stop()
  }
})
