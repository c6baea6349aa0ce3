// opening.ts: how soon a page that was just asked for answers a key, on a slow machine behind a slow line
//
// The clock starts with the first byte of the HTML. It stops when the task that built the page is over: a key that is
// pressed then would be answered. Each load has a context of its own, with nothing cached.

import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../test/e2e/browser'
import { median } from '../claim'
import { figure, type Measured, type Setting } from './measure'
import { servePage } from './served'

const LOADS = 7
const CPU_SLOWDOWN = 4
/** WebPageTest's “3G Fast”. */
const LINE = { latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 768e3 / 8 }

const VIEWS = [
  { name: 'Train', hash: '', control: '#set-beta' },
  { name: 'Theory', hash: '#v=2&view=theory', control: 'input[type=range]' },
]

declare global {
  interface Window {
    answersAfterMs?: number
  }
}

export async function* opening({ pageFolder }: Setting): AsyncGenerator<Measured> {
  const server = await servePage(pageFolder)
  const browser = await launchBrowser()
  try {
    for (const { name, hash, control } of VIEWS) {
      const times: number[] = []
      for (let load = 0; load < LOADS; load++)
        times.push(await withPage(browser, async (page) => answersAfterMs(page, server.address + '/' + hash, control)))
      yield {
        name: `${name} answers a key after`,
        unit: 'ms',
        value: median(times),
        goal: { atMost: 1000 },
        note: `median of ${LOADS} loads, ${figure(Math.min(...times))}–${figure(Math.max(...times))}; ${CPU_SLOWDOWN}× slower CPU, 1.6 Mbit/s, 150 ms`,
      }
    }
    const scripts = await withPage(browser, (page) => scriptBytes(page, server.address))
    yield {
      name: 'Initial JavaScript',
      unit: 'kB',
      value: scripts.bytes / 1000,
      goal: { atMost: 200 },
      note: `${scripts.count} files as they were sent (${scripts.encodings.join(', ')}), until the recording is shown`,
    }
  } finally {
    await browser.close()
    await server.close()
  }
}

async function withPage<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } })
  try {
    return await use(await context.newPage())
  } finally {
    await context.close()
  }
}

async function answersAfterMs(page: Page, address: string, control: string): Promise<number> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', { offline: false, ...LINE })
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
  await page.addInitScript((selector) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      const [{ responseStart }] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      window.answersAfterMs = performance.now() - responseStart
    }
    new MutationObserver((_, observer) => {
      if (!document.querySelector(selector)) return
      observer.disconnect()
      port2.postMessage(null)
    }).observe(document, { childList: true, subtree: true })
  }, control)
  await page.goto(address, { waitUntil: 'commit' })
  await page.waitForFunction(() => window.answersAfterMs !== undefined, undefined, { timeout: 120_000 })
  const time = await page.evaluate(() => window.answersAfterMs!)
  // And it does answer.
  const before = page.url()
  await page.locator(control).first().press('ArrowRight')
  await page.waitForURL((url) => url.href !== before, { timeout: 120_000 })
  return time
}

/** Bytes of scripts until the page has all that it shows at first, as they came over the line. */
async function scriptBytes(
  page: Page,
  address: string,
): Promise<{ bytes: number; count: number; encodings: string[] }> {
  const sizes: Promise<{ bytes: number; encoding: string }>[] = []
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script') return
    sizes.push(
      Promise.all([request.sizes(), request.response()]).then(([{ responseBodySize }, response]) => ({
        bytes: responseBodySize,
        encoding: response?.headers()['content-encoding'] ?? 'not compressed',
      })),
    )
  })
  await page.goto(address)
  await page.getByText('A recording of a real run, not live').first().waitFor({ timeout: 120_000 })
  const found = await Promise.all(sizes)
  return {
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
    count: found.length,
    encodings: [...new Set(found.map(({ encoding }) => encoding))],
  }
}
