// The presenter's story: a talk in two windows, moved from the speaker's, with a live run that loses its device.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const WAIT_MS = 120_000

const served = servedPage()

async function open(words: string, look: Partial<{ width: number; height: number; scheme: 'light' | 'dark' }> = {}) {
  const address = `${served.server.address}/#v=2&view=talk${words}`
  const page = await openPage(served.browser, address, { width: 1440, height: 900, ...look })
  page.setDefaultTimeout(WAIT_MS)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  return page
}

const scene = (page: Page, title: string) => page.getByRole('heading', { level: 1, name: title }).waitFor()
const beta = (page: Page) => page.getByRole('slider', { name: 'KL weight β' })

test('a presenter gives the talk from the speaker’s window, and what is moved in one window moves in the other', async () => {
  const audience = await open('')
  const errors = complaints(audience)
  await audience.getByRole('button', { name: 'Present', exact: true }).click()
  await scene(audience, 'Does learning to be right make a model less safe?')
  expect(await audience.getByRole('navigation', { name: 'Views' }).count()).toBe(0)

  const opening = audience.context().waitForEvent('page')
  await audience.getByRole('button', { name: 'Speaker’s window' }).click()
  const speaker = await opening
  speaker.setDefaultTimeout(WAIT_MS)
  const speakerErrors = complaints(speaker)
  await speaker.getByText('Ask the room').waitFor()
  await speaker.getByText('The audience’s window follows this one').waitFor()
  expect(await speaker.getByRole('region', { name: 'Next' }).textContent()).toContain('What a reward does to a policy')
  await speaker.getByRole('button', { name: 'Start the timer' }).click()
  await speaker.getByRole('button', { name: 'Pause the timer' }).waitFor()

  // A scene from the speaker's window; then β from the audience's, and back again.
  await speaker.getByRole('button', { name: 'Next →' }).click()
  await scene(audience, 'What a reward does to a policy')
  await audience.waitForURL(/scene=2/)
  await beta(speaker).waitFor()
  await beta(audience).press('End')
  await expect.poll(() => beta(speaker).getAttribute('aria-valuetext'), { timeout: WAIT_MS }).toBe('10')
  await audience.getByRole('heading', { name: /^Success rises from 0\.30 to 0\.3\d/ }).waitFor()
  await beta(speaker).press('Home')
  await expect.poll(() => beta(audience).getAttribute('aria-valuetext'), { timeout: WAIT_MS }).toBe('1e−5')
  expect(await audience.locator('#view-theory .panel:visible').count()).toBe(2)

  // Keys of the audience's window: black, and on; by number; the speaker's window follows.
  await audience.getByRole('heading', { level: 1 }).first().click()
  await audience.keyboard.press('b')
  await speaker.getByText('The audience sees a black screen.').waitFor()
  await speaker.getByRole('button', { name: 'Show again' }).click()
  await audience.getByRole('button', { name: 'Black screen' }).waitFor({ state: 'detached' })
  await audience.keyboard.press('PageDown')
  await scene(speaker, '3 / 12 If right and safe')
  await audience.keyboard.press('g')
  await audience.keyboard.type('7')
  await audience.keyboard.press('Enter')
  await scene(speaker, '7 / 12 Live: reward right answers')

  // Scrubbing is mirrored as well, once the recording is there in both windows.
  const steps = (page: Page) => page.getByRole('slider', { name: 'Step shown' })
  const shows = (page: Page, text: string) =>
    expect.poll(() => steps(page).getAttribute('aria-valuetext'), { timeout: WAIT_MS }).toBe(text)
  await shows(audience, 'step 0 of 40')
  await shows(speaker, 'step 0 of 40')
  await steps(audience).press('ArrowRight')
  await shows(speaker, 'step 1 of 40')
  await steps(speaker).press('ArrowRight')
  await shows(audience, 'step 2 of 40')

  // Back out of the talk: the page is as it was before.
  await speaker.close()
  await audience.getByRole('button', { name: 'End' }).click()
  await audience.getByRole('button', { name: 'Present', exact: true }).waitFor()
  await audience.getByRole('link', { name: 'Theory' }).click()
  expect(await audience.locator('output[for=theory-beta]').textContent()).toBe('0.35')
  expect([...errors, ...speakerErrors]).toEqual([])
  await audience.context().close()
})

test('a live run that loses its device goes on from the recording, and says so', async () => {
  // As short as a run is: two problems asked before it, two prompts a step.
  const words = 'preset=rlvr&problems=8&answer=16&prompts=2&g=2&tokens=16&engine=webgpu'
  const talk = {
    ...{ format: 'tiltlab talk', version: 1, name: 'short', title: 'A short talk', minutes: 5 },
    scenes: [
      { title: 'A run', text: 'Live.', notes: '', show: `#v=2&view=train&${words}`, panels: ['headline'], recording: 'rlvr' },
    ],
  } // prettier-ignore
  writeFileSync('test-results/short.talk.json', JSON.stringify(talk))
  const page = await open('')
  await page.getByLabel('File of a talk').setInputFiles('test-results/short.talk.json')
  await page.getByRole('heading', { level: 1, name: 'A short talk' }).waitFor()
  await page.getByRole('button', { name: 'Present', exact: true }).click()
  const opening = page.waitForEvent('worker')
  await page.getByRole('button', { name: 'Run it live' }).click()
  const worker = await opening
  // The device goes under the run’s hands, and there is no other one: what a crashed driver looks like.
  await worker.evaluate(() => {
    const { createCommandEncoder } = GPUDevice.prototype
    GPUDevice.prototype.createCommandEncoder = function (...words) {
      this.destroy()
      GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('the graphics process has crashed'))
      return createCommandEncoder.apply(this, words)
    }
  })
  await page.getByText('Continued from the recording').waitFor()
  await page.getByText('A recording of a real run, not live').waitFor()
  expect(await page.getByRole('status').allTextContents()).toEqual(
    expect.arrayContaining([expect.stringMatching(/The live run stopped at step \d+: .*lost|crashed/)]),
  )
  expect(await page.getByRole('heading', { name: 'The run has failed.' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Run it live' }).isEnabled()).toBe(true)
  await page.context().close()
})

test('a presenter edits the talk, keeps it, takes it along; a hostile file is refused, and so is what a browser cannot do', async () => {
  const page = await open('&scene=3')
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByLabel('Title').fill('My own words')
  await page.getByLabel('Title').press('Tab')
  await page.getByText('Kept in this browser.').waitFor()
  await beta(page).press('Home')
  await page.getByRole('button', { name: 'Keep the view as it stands now' }).click()
  await page.getByLabel('Add a scene').selectOption('compare')
  await page.getByRole('heading', { level: 3, name: 'Compare, live' }).waitFor()
  await page.getByRole('heading', { name: 'Ask what the papers asked' }).waitFor()
  await page.waitForURL(/scene=4(&|$)/)
  await page.getByRole('button', { name: 'Move up' }).click()
  await page.waitForURL(/scene=3(&|$)/)
  await page.reload()
  await page.getByRole('heading', { level: 3, name: 'Compare, live' }).waitFor()
  const titles = await page.locator('ol li button').allTextContents()
  expect(titles).toHaveLength(13)
  expect(titles.slice(2, 4).map((title) => title.trim())).toEqual(['3 Compare, live', '4 My own words'])
  await page.getByRole('button', { name: '4 My own words' }).click()
  expect(await beta(page).getAttribute('aria-valuetext')).toBe('1e−5')

  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  const text = readFileSync(await (await saving).path(), 'utf8')
  await page.getByRole('button', { name: 'Remove from this browser' }).click()
  await page.getByText('It comes with the page').waitFor()
  const bring = (name: string, content: string) =>
    page
      .getByLabel('File of a talk')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) })
  await bring('evil.json', text.replace('"version": 1', '"version": 1, "onload": "alert(1)"'))
  await page.getByText('evil.json: This talk cannot be shown: onload: unknown key').waitFor()
  await bring('script.json', text.replace('My own words', '<img src=x onerror=alert(1)>'))
  await page.getByRole('button', { name: '<img src=x' }).waitFor()

  // A browser that cannot record says why.
  await page.evaluate(() => Reflect.deleteProperty(MediaDevices.prototype, 'getDisplayMedia'))
  await page.getByRole('button', { name: 'Present', exact: true }).click()
  await page.getByRole('button', { name: 'Record' }).click()
  await page.getByText('This browser cannot record a tab').waitFor()
  await page.context().close()
})

describe('the look', () => {
  const looks = [
    { width: 2560, height: 1440, scheme: 'light' },
    { width: 1440, height: 900, scheme: 'light' },
    { width: 1440, height: 900, scheme: 'dark' },
    { width: 360, height: 740, scheme: 'light' },
  ] as const
  test.each(looks)('at $width px, $scheme: nothing overflows, axe finds nothing serious', async (look) => {
    const { width, scheme } = look
    const page = await open('&scene=3&as=audience', look)
    await beta(page).waitFor()
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `test-results/talk-stage-${width}-${scheme}.png` })
    expect(await seriousFaults(page)).toEqual([])
    if (width === 1440) {
      await page.keyboard.press('o')
      await page.getByRole('dialog').waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await page.getByRole('heading', { name: 'Keys of a talk' }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await page.keyboard.press('Escape')
    }
    for (const as of width === 2560 ? [] : ['speaker', 'desk']) {
      await page.goto(`${served.server.address}/#v=2&view=talk&scene=9&as=${as}`)
      await page.reload()
      await page
        .getByRole('heading', { name: /RLVR against SFT/ })
        .first()
        .waitFor()
      if (as === 'desk') await page.getByRole('button', { name: 'Edit', exact: true }).click()
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await page.screenshot({ path: `test-results/talk-${as}-${width}-${scheme}.png`, fullPage: true })
      expect(await seriousFaults(page)).toEqual([])
    }
    await page.context().close()
  })
})
