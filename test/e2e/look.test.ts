// The page before anything is trained, as it is met: on a desk and in a hand, by day and by night.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { journalLine } from '../../src/core/run/journal'
import { views } from '../../src/app/state/settings'
import { syntheticRun } from '../app/synthetic'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const served = servedPage()

const sizes = [
  { width: 1440, height: 1000 },
  { width: 390, height: 844 },
]
for (const size of sizes) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`at ${size.width} px, ${scheme}: all is in view, nothing overflows, axe finds nothing serious`, async () => {
      const page = await openPage(served.browser, served.server.address, { ...size, scheme })
      await settled(page)
      for (const text of ['What is trained, and how', 'Drift follows the paths that training raises.', 'This machine'])
        expect(await page.getByText(text).first().isVisible()).toBe(true)
      expect(await page.getByRole('button', { name: 'Train it here' }).isVisible()).toBe(true)
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      expect(await seriousFaults(page)).toEqual([])
      await page.screenshot({ path: `test-results/page-${size.width}-${scheme}.png`, fullPage: true })
      await page.context().close()
    })
  }
}

for (const size of sizes) {
  test(`at ${size.width} px a recording is labelled as one, and the slider moves every panel by keyboard`, async () => {
    const page = await openPage(served.browser, 'about:blank', size)
    await record(page)
    await page.goto(served.server.address)
    await page.getByText('A recording of a real run, not live: rlvr').waitFor()
    const title = page.getByRole('heading', { level: 1 })
    expect(await title.textContent()).toBe('Accuracy rises from 0.45 to 0.88; harm does not move measurably.')
    await expect.poll(() => page.locator('svg.chart').count()).toBe(8)
    expect(await seriousFaults(page)).toEqual([])
    expect(await overflow(page)).toBeLessThanOrEqual(0)

    const slider = page.getByRole('slider', { name: 'Step shown' })
    await slider.press('Home')
    expect(await title.textContent()).toBe('Untrained, the model solves 45 of 100 problems.')
    await slider.press('ArrowRight')
    await page.getByText('1 / 40', { exact: true }).waitFor()
    await page.getByText('Completions of step 1', { exact: true }).waitFor()
    await page.getByLabel('Speed', { exact: true }).selectOption('0.25')
    await page.getByRole('button', { name: 'Play the recording' }).click()
    await page.getByText(/^[4-9] \/ 40$/).waitFor()
    await page.getByRole('button', { name: 'Pause the recording' }).click()
    await page.context().close()
  })
}

for (const width of [360, 1440, 2560]) {
  test(`at ${width} px every view fits, no word is cut or written over, and nothing moves for those who want it still`, async () => {
    const page = await openPage(served.browser, 'about:blank', { width, height: 1000 })
    await record(page)
    await page.goto(served.server.address)
    for (const [name, view] of Object.entries(views)) {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click()
      await page.locator('main:visible').getByRole('heading').first().waitFor()
      await expect
        .poll(() =>
          page
            .getByText(/^(Opening|Loading) /)
            .filter({ visible: true })
            .count(),
        )
        .toBe(0)
      if (name === 'train') await page.locator('svg.chart').first().waitFor()
      expect.soft(await overflow(page), view).toBeLessThanOrEqual(0)
      expect.soft(await page.evaluate(faultsOfText), view).toEqual([])
      expect.soft(await page.evaluate(() => document.getAnimations().length), view).toBe(0)
      for (const scheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme: scheme })
        await page.screenshot({ path: `test-results/look-${name}-${width}-${scheme}.png`, fullPage: true })
      }
    }
    await page.context().close()
  })
}

describe('the first minute', () => {
  test('at 360 px the page is usable, and at 4K it does not stretch', async () => {
    const page = await openPage(served.browser, served.server.address, { width: 360, height: 740 })
    await settled(page)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 3840, height: 2160 })
    const box = await page.locator('main').boundingBox()
    expect(box!.width).toBeLessThanOrEqual(1400)
    await page.context().close()
  })

  test('the page answers within a second of loading, without an error', { retry: 2 }, async () => {
    const page = await openPage(served.browser, 'about:blank', { width: 1440, height: 1000 })
    const errors = complaints(page)
    await page.goto(served.server.address, { waitUntil: 'commit' })
    await page.getByRole('slider', { name: 'KL weight β' }).waitFor()
    const readyMs = await page.evaluate(() => performance.now())
    expect(readyMs).toBeLessThan(1000)
    await settled(page)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('markup in a string and a script of elsewhere are refused by the page itself', async () => {
    const page = await openPage(served.browser, served.server.address, { width: 1440, height: 1000 })
    const refusals = await page.evaluate(() =>
      [
        () => (document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>'),
        () => new Worker('https://example.com/worker.js'),
        () => document.body.append(Object.assign(document.createElement('script'), { text: 'alert(1)' })),
      ].map((attempt) => {
        try {
          attempt()
          return 'let in'
        } catch (error) {
          return (error as Error).name
        }
      }),
    )
    expect(refusals).toEqual(['TypeError', 'TypeError', 'TypeError'])
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')
    const { headers } = await fetch(served.server.address)
    expect(headers.get('content-security-policy')?.replace(/; frame-ancestors [^;]+/, '')).toBe(policy)
    await page.context().close()
  })

  test('a setting goes into the URL by keyboard alone, and comes back from it', async () => {
    const page = await openPage(served.browser, served.server.address, { width: 1440, height: 1000 })
    await page.getByRole('slider', { name: 'KL weight β' }).press('ArrowRight')
    expect(new URL(page.url()).hash).toContain('beta=0.001')
    await page.reload()
    expect(await page.locator('output[for="set-beta"]').textContent()).toBe('0.001')
    await page.getByRole('combobox', { name: 'Preset' }).selectOption('sft')
    expect(new URL(page.url()).hash).toBe('#v=2&view=train&preset=sft')
    expect(await page.getByRole('combobox', { name: 'Gold answers' }).inputValue()).toBe('sure')
    await page.context().close()
  })

  test('a preset without a recording says so and offers to train', async () => {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&preset=gspo`, {
      width: 1440,
      height: 1000,
    })
    await page.getByRole('heading', { name: 'No run of “gspo” has been recorded yet.' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.context().close()
  })

  test('a model that cannot be fetched is a state of its own, and a new try is one click', async () => {
    const page = await openPage(served.browser, served.server.address, { width: 1440, height: 1000 })
    await page.context().route('**/models/guess/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Train it here' }).click()
    await page.getByRole('heading', { name: 'The run has failed.' }).waitFor()
    expect(await page.getByText('could not be fetched').first().isVisible()).toBe(true)
    expect(await page.getByRole('button', { name: 'Train it here' }).isVisible()).toBe(true)
    await page.context().close()
  })

  test('the machine is described, and a link with faults is explained', async () => {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&preset=nonsense`, {
      width: 1440,
      height: 1000,
    })
    await page.getByText('works, one of').waitFor()
    expect(await page.getByText('unknown preset "nonsense"').isVisible()).toBe(true)
    await page.context().close()
  })
})

/** Waits until the machine is known and a recording, or the lack of one, is shown. */
async function settled(page: Awaited<ReturnType<typeof openPage>>): Promise<void> {
  await page.getByText('works, one of').waitFor()
  await page.waitForFunction(() => !document.querySelector('h1')?.textContent?.startsWith('Loading'))
}

/** Puts a run that is made up in place of the recording. */
async function record(page: Page): Promise<void> {
  const journal = syntheticRun('rlvr').map((event, index) => new TextDecoder().decode(journalLine(index, event)))
  const list = { recordings: [{ preset: 'rlvr', file: 'made-up.jsonl' }] }
  await page.context().route('**/runs/index.json', (route) => route.fulfill({ json: list }))
  await page.context().route('**/made-up.jsonl', (route) => route.fulfill({ body: journal.join('') }))
}

/** Words that are cut off, or lie upon each other, a line each. Runs in the page. */
function faultsOfText(): string[] {
  const isSeen = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const isForEars = (element: Element) => element.closest('.visually-hidden') !== null
  const faults: string[] = []
  for (const element of document.querySelectorAll<HTMLElement>('body *:not(svg *):not(select):not(option)')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim())
    const { overflowX, textOverflow } = getComputedStyle(element)
    const cuts = ['hidden', 'clip'].includes(overflowX) && textOverflow !== 'ellipsis'
    if (ownText && cuts && isSeen(element) && !isForEars(element) && element.scrollWidth > element.clientWidth + 1)
      faults.push(`cut off: ${element.textContent?.trim().slice(0, 60)}`)
  }
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')]
      .filter((text) => text.textContent?.trim() && isSeen(text))
      .map((text) => ({ words: text.textContent!.trim(), box: text.getBoundingClientRect() }))
    for (const { words, box } of texts)
      if (box.left < frame.left - 2 || box.right > frame.right + 2)
        faults.push(
          `leaves its picture by ${Math.max(frame.left - box.left, box.right - frame.right).toFixed(1)} px: ${words}`,
        )
    texts.forEach(({ words, box }, i) => {
      for (const other of texts.slice(i + 1)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        // A line of text is higher than its letters.
        if (wide > 3 && high > 6) faults.push(`“${words}” lies upon “${other.words}”`)
      }
    })
  }
  return faults
}
