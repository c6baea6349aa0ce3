// A newcomer takes the tour by keyboard, guesses before it is shown, and looks a word up.

import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { dealt } from '../../src/app/guide/question'
import { findQuestion } from '../../src/app/guide/questions'
import { findTour } from '../../src/app/guide/tours'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const WAIT_MS = 60_000
const DESK = { width: 1440, height: 1000 }

const served = servedPage()

async function open(words: string, look: Parameters<typeof openPage>[2] = DESK): Promise<Page> {
  const page = await openPage(served.browser, `${served.server.address}/#v=2&view=${words}`, look)
  page.setDefaultTimeout(WAIT_MS)
  return page
}

const theoryIsThere = (page: Page) =>
  page.getByRole('heading', { name: 'Play: exact training from the reference' }).waitFor()

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

/** Presses Tab until what has the focus matches. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((sought) => document.activeElement?.matches(sought), selector)) return
  }
  throw new Error(`Tab does not lead to ${selector}`)
}

const step = (page: Page, number: number) => page.getByText(`${number} of 7`, { exact: true }).waitFor()

test('a newcomer is offered a tour once, and takes that of a student by keyboard alone', async () => {
  const page = await open('theory')
  const errors = complaints(page)
  await theoryIsThere(page)
  await page.getByRole('button', { name: 'New here?' }).waitFor()
  await tabTo(page, 'header .guide')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Guide' }).waitFor()
  await tabTo(page, 'dialog button.primary')
  await page.keyboard.press('Enter')

  await step(page, 1)
  expect(await focused(page)).toBe('Next')
  await page.keyboard.press('Enter')
  // It waits for the slider to be moved, which Tab leads to and back from.
  await step(page, 2)
  await page.getByText('Move β to the left').waitFor()
  await tabTo(page, '#theory-beta')
  await page.keyboard.press('ArrowLeft')
  await page.getByText('Done. Look around').waitFor()
  await tabTo(page, '.driver-popover-next-btn')
  expect(await focused(page)).toBe('Next')
  await page.keyboard.press('Enter')
  await step(page, 3)
  await page.keyboard.press('Enter')
  await step(page, 4)
  await tabTo(page, '#scenario')
  await page.keyboard.press('ArrowDown')
  await page.getByText('Done. Look around').waitFor()
  await tabTo(page, '.driver-popover-next-btn')
  await page.keyboard.press('Enter')
  await step(page, 5)
  await page.keyboard.press('Enter')
  await step(page, 6)
  // A step can be left undone, and gone back to.
  expect(await focused(page)).toBe('Skip')
  await page.keyboard.press('Enter')
  await step(page, 7)
  expect(await focused(page)).toBe('Done')
  await page.keyboard.press('Enter')
  await page.locator('.driver-popover').waitFor({ state: 'detached' })
  expect(await focused(page)).toBe('Guide')

  await page.reload()
  await theoryIsThere(page)
  await page.getByRole('button', { name: 'Guide', exact: true }).click()
  await page.getByRole('button', { name: /Take it again.*The tilt, by hand/ }).waitFor()
  expect(await page.getByRole('button', { name: /^Take it ?:/ }).count()).toBe(2)
  expect(errors).toEqual([])
  await page.context().close()
})

test.each(['training', 'research'] as const)('the tour %s points at something in each step, and Escape ends it', async (id) => {
  const { title, steps } = findTour(id)
  const page = await open('train&guide=tours')
  await page.getByRole('button', { name: new RegExp(title) }).click()
  for (const [index, { title: heading }] of steps.entries()) {
    await page.locator('.driver-popover-title', { hasText: heading }).waitFor()
    expect([heading, await page.locator('.driver-active-element').count()]).toEqual([heading, 1])
    expect([heading, await page.locator('#driver-dummy-element').count()]).toEqual([heading, 0])
    if (index < steps.length - 1) await page.locator('.driver-popover-next-btn').click()
  }
  await page.keyboard.press('Escape')
  await page.locator('.driver-popover').waitFor({ state: 'detached' })
  await page.context().close()
}) // prettier-ignore

test('a question from a link is guessed, answered by the theory, and opens there', async () => {
  const page = await open('theory&guide=questions&ask=halving&deal=3')
  const asked = dealt(findQuestion('halving').question, 3)
  await page.getByText(asked.text).waitFor()
  const see = page.getByRole('button', { name: 'See', exact: true })
  expect(await see.isDisabled()).toBe(true)
  expect(await page.getByText(asked.why).count()).toBe(0)
  const slider = page.getByRole('slider', { name: 'Your guess' })
  await slider.press('End')
  await slider.press('Enter')
  await page.getByText(asked.why).waitFor()
  if (asked.answer.kind !== 'amount') throw new Error('a number is asked for')
  await page.getByText(`it is ${asked.answer.show(asked.answer.value)} nats`).waitFor()

  await page.getByRole('button', { name: 'Other numbers' }).click()
  await page.getByText(dealt(findQuestion('halving').question, 4).text).waitFor()
  await page.waitForURL(/deal=4/)
  await page.goto(`${served.server.address}/#v=2&view=theory&guide=questions&ask=halving&deal=3`)
  await page.getByText(asked.text).waitFor()
  await slider.press('End')
  await see.click()
  await page.getByRole('button', { name: 'Show it in Theory' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await theoryIsThere(page)
  expect(await page.locator('output[for=theory-beta]').textContent()).toBe(String(asked.shows.beta))
  await page.context().close()
})

test('a word of a view leads to its entry, an entry to others, and each has a link', async () => {
  const page = await open('theory')
  await theoryIsThere(page)
  const word = page.getByRole('button', { name: 'Pinsker' })
  await word.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Guide' })
  await dialog.getByRole('heading', { name: 'Pinsker' }).waitFor()
  expect(await dialog.locator('article math').count()).toBe(2)
  await page.waitForURL(/guide=glossary&term=pinsker/)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(await focused(page)).toBe('Pinsker')
  expect(page.url()).not.toContain('guide')

  await page.goto(`${served.server.address}/#v=2&view=train&guide=glossary&term=metric/kl`)
  await dialog.getByRole('heading', { name: 'kl', exact: true }).waitFor()
  await dialog.getByRole('link', { name: 'k3', exact: true }).last().press('Enter')
  await dialog.getByRole('heading', { name: 'k3' }).waitFor()
  await dialog.getByRole('searchbox').fill('equivalence')
  await dialog.getByRole('link', { name: 'TOST' }).press('Enter')
  await dialog.getByRole('heading', { name: 'TOST' }).waitFor()
  await page.keyboard.press('Escape')

  // A metric of the run that is shown.
  await page.getByRole('button', { name: 'reward_std' }).press('Enter')
  await dialog.getByRole('heading', { name: 'reward_std' }).waitFor()
  await page.goto(`${served.server.address}/#v=2&view=theory&guide=glossary&term=nonsense`)
  await dialog.getByText('There is no entry “nonsense”').waitFor()
  await page.context().close()
})

test('? shows all keys, but where something is written', async () => {
  const page = await open('runs')
  const search = page.getByRole('searchbox').or(page.getByRole('textbox')).first()
  await search.press('?')
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('?')
  await page.getByRole('region', { name: 'Keys' }).getByText('Bars of the Theory view').waitFor()
  await page.context().close()
})

describe('the look', () => {
  const looks = [
    { width: 1440, height: 1000, scheme: 'light' },
    { width: 360, height: 740, scheme: 'dark' },
  ] as const
  test.each(looks)('at $width px, $scheme: nothing overflows, axe finds nothing serious', async (look) => {
    const page = await open('runs', look)
    const parts: [string, string][] = [
      ['tours', 'Three short tours'],
      ['questions&ask=shape', 'Draw p*'],
      ['glossary&term=advantage', 'How much better a completion was'],
      ['keys', 'Bars of the Theory view'],
    ]
    for (const [words, text] of parts) {
      await page.goto(`${served.server.address}/#v=2&view=runs&guide=${words}`)
      await page.getByText(text).waitFor()
      if (words.startsWith('questions')) {
        await page.getByRole('slider', { name: /^Path 6/ }).press('PageUp')
        await page.getByRole('button', { name: 'See', exact: true }).click()
        await page.getByRole('button', { name: 'Show it in Theory' }).waitFor()
      }
      await page.screenshot({ path: `test-results/guide-${words.split('&')[0]}-${look.width}.png` })
      expect([words, await overflow(page)]).toEqual([words, 0])
      if (words.includes('&')) expect([words, await seriousFaults(page)]).toEqual([words, []])
    }
    await page.goto(`${served.server.address}/#v=2&view=runs&guide=tours`)
    await page.getByRole('button', { name: /The tilt, by hand/ }).click()
    await page.locator('.driver-popover-next-btn').click()
    await page.getByText('Move β to the left').waitFor()
    await page.screenshot({ path: `test-results/guide-step-${look.width}.png` })
    expect(await seriousFaults(page)).toEqual([])
    await page.context().close()
  })
})
