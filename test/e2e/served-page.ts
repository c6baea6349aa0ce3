// served-page.ts: the built page behind the real runner, and a browser, for the tests of one file

import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchBrowser, servePage, type Server } from './browser'

/** What tests use once they run: before that there is neither. */
export interface ServedPage {
  readonly browser: Browser
  readonly server: Server
}

/** Opens both before the tests of the file that calls it, and closes them afterwards. */
export function servedPage(): ServedPage {
  let server: Server
  let browser: Browser
  beforeAll(async () => {
    mkdirSync('test-results', { recursive: true })
    server = await servePage()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    server?.stop()
  })
  return {
    get browser() {
      return browser
    },
    get server() {
      return server
    },
  }
}
