// A run in the terminal, seen in the page that its own server serves.

import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, servePage, type Server } from './browser'
import { complaints, openPage } from './page'

const shortRun = ['--preset', 'ci', '--steps', '3', '--evaluation.problems', '20', '--evaluation.requests', '20']

let server: Server
let browser: Browser

beforeAll(async () => {
  mkdirSync('test-results', { recursive: true })
  server = await servePage(shortRun)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
})

test('the page shows the run that its runner was started with to its end', async () => {
  const page = await openPage(browser, 'about:blank', { width: 1440, height: 1000 })
  const errors = complaints(page)
  page.setDefaultTimeout(120_000)
  await page.goto(server.addressWithToken)
  expect(await page.getByRole('radio', { name: 'Runner' }).isChecked()).toBe(true)
  await page.getByText('On the runner of this page: The run is complete.').waitFor()
  await page.getByText('3 / 3', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Rewind' }).count()).toBe(0)
  expect(errors).toEqual([])
  await page.screenshot({ path: 'test-results/terminal-1440.png', fullPage: true })
})
