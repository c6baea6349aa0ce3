// page.ts: what the browser tests ask of any state of the page

import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'

type Look = { width: number; height: number; scheme?: 'light' | 'dark' }

/** Opens an address in a context of its own, without motion. */
export async function openPage(
  browser: Browser,
  address: string,
  { scheme = 'light', ...viewport }: Look,
): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(address)
  return page
}

/** Everything that a page complains about, from now on. */
export function complaints(page: Page): string[] {
  const found: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text())
  })
  page.on('pageerror', (error) => found.push(error.message))
  return found
}

/** What axe finds serious or critical, a line each. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(', ')}`)
}

/** Pixels by which the page is wider than its window; 0 or less means no horizontal scrolling. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}
