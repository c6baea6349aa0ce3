// test-page.ts: a small page of test/e2e/pages, built and served for one file of tests; it is not part of the product

import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { launchBrowser } from './browser'
import { complaints } from './page'
import { serveFolders } from './static'

export interface TestPage {
  browser: Browser
  page: Page
  address: string
  /** What the page has complained of. */
  errors: string[]
  close(): Promise<void>
}

/**
 * Builds test/e2e/pages/<name>, serves it and opens it in Chromium.
 *
 * @param folders what else is served, by URL prefix
 * @param headers sent with every file
 */
export async function openTestPage(
  name: string,
  folders: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<TestPage> {
  mkdirSync('test-results', { recursive: true })
  const built = resolve(`test-results/${name}-page`)
  await build({
    configFile: false,
    root: `test/e2e/pages/${name}`,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: built, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 5000 },
  })
  const server = await serveFolders({ '/': built, ...folders }, headers)
  const browser = await launchBrowser()
  const page = await browser.newPage()
  const errors = complaints(page)
  await page.goto(`${server.address}/`)
  return {
    browser,
    page,
    address: server.address,
    errors,
    async close() {
      await browser.close()
      server.stop()
    },
  }
}
