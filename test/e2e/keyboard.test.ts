// Every control of every view can be reached with Tab alone, shows that it has the focus, and lets go of it.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openPage } from './page'
import { servedPage } from './served-page'

const WAIT_MS = 60_000

const served = servedPage()

/** Views, each with what is there once it is. */
const views: [string, string][] = [
  ['theory', '[aria-labelledby=theory-play]'],
  ['train', '.wide'],
  ['compare', '[aria-labelledby=catalogue]'],
  ['rewards', '.cm-content'],
  ['runs', '#storage'],
  ['talk', 'text=Scene 1 of'],
]

test.each(views)('%s', async (view, sign) => {
  const page = await openPage(served.browser, `${served.server.address}/#v=2&view=${view}`, { width: 1440, height: 1000 })
  page.setDefaultTimeout(WAIT_MS)
  await page.locator(sign).first().waitFor()
  const { unseen, missed, ended } = await walk(page)
  expect({ unseen, missed, ended }).toEqual({ unseen: [], missed: [], ended: true })
  await page.context().close()
}) // prettier-ignore

/** Presses Tab until the focus has left the page: what it came by unseen, and what it never came to. */
async function walk(page: Page): Promise<{ unseen: string[]; missed: string[]; ended: boolean }> {
  const unseen = new Set<string>()
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press('Tab')
    const at = await focusOf(page)
    if (at === null) return { unseen: [...unseen], missed: await page.evaluate(controlsWithout), ended: true }
    if (!at.shown) unseen.add(at.name)
    // An editor has a Tab of its own, until it is told otherwise.
    if (at.isEditor) await page.keyboard.press('Escape')
  }
  return { unseen: [...unseen], missed: await page.evaluate(controlsWithout), ended: false }
}

/** What has the focus, looked at again where it does not show it yet: an editor says so a moment later. */
async function focusOf(page: Page): Promise<ReturnType<typeof focusShown>> {
  for (let tries = 0; tries < 20; tries++) {
    const at = await page.evaluate(focusShown)
    if (at === null || at.shown) return at
    await page.waitForTimeout(50)
  }
  return page.evaluate(focusShown)
}

/** In the page: marks what has the focus; null if nothing has. */
function focusShown(): { name: string; shown: boolean; isEditor: boolean } | null {
  const element = document.activeElement
  if (!element || element === document.body) return null
  element.setAttribute('data-walked', '')
  const inside = element.shadowRoot?.activeElement?.closest('.cm-editor') ?? element
  const around = [inside, ...inside.children, inside.parentElement, inside.parentElement?.parentElement].filter(
    (each): each is Element => each instanceof Element,
  )
  const looks = (each: Element) => {
    const { outlineStyle, outlineWidth, strokeWidth } = getComputedStyle(each)
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || (each instanceof SVGElement && strokeWidth === '2px')
  }
  const name = `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)}`
  return { name, shown: around.some(looks), isEditor: element.shadowRoot !== null }
}

/** In the page: controls that can be seen and were never marked; of radio buttons of a name one stands for all. */
function controlsWithout(): string[] {
  const selector = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
  const all = [...document.querySelectorAll<HTMLElement>(selector)].filter(
    (element) =>
      element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled') && element.tabIndex >= 0,
  )
  const stoodFor = (element: HTMLElement) =>
    element instanceof HTMLInputElement &&
    element.type === 'radio' &&
    all.some((other) => other.matches(`[name="${element.name}"][data-walked]`))
  return all
    .filter((element) => !element.hasAttribute('data-walked') && !stoodFor(element))
    .map(
      (element) =>
        `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)}`,
    )
}
