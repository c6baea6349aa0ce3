// From an empty editor to a policy that is trained on one's own reward, without leaving the page.

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { templates } from '../../src/app/rewards/templates'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const RUN_MS = 300_000
/** A run of seconds with the smallest model. */
const settings = 'v=1&view=rewards&preset=ci&steps=6&prompts=4&g=4&problems=8&answer=16&every=0&engine=reference'

const HACKABLE = `export function reward({ completion, answer }: RewardItem) {
  return completion.includes(answer) ? 1 : 0
}
`
const STRICT = `export function reward({ completion, answer }: RewardItem) {
  const found = /####\\s*(-?\\d+)\\s*$/.exec(completion)
  return found && Number(found[1]) === Number(answer) ? 1 : 0
}
`

const served = servedPage()

test('a reward is written, mended, seen to be hackable, made strict, and trained with', async () => {
  const page = await openPage(served.browser, `${served.server.address}/#${settings}`, { width: 1440, height: 1000 })
  const errors = complaints(page)
  await heading(page, 'Write a reward, and see at once what it pays for.')
  expect(await page.getByRole('button', { name: 'Train with it' }).isDisabled()).toBe(true)

  // What does not compile is marked at its line, by the compiler and by the sandbox.
  await write(page, 'export function reward({ completion }: RewardItem) {\n  return completion.length >\n}\n')
  await heading(page, 'Line 3 of the program has to be mended.')
  expect(await page.locator('.cm-said').first().textContent()).toMatch(/Unexpected token/)
  expect(await page.getByRole('button', { name: 'Train with it' }).isDisabled()).toBe(true)

  // What compiles and fails on completions is marked at the line that threw.
  await write(
    page,
    'export function reward({ columns }: RewardItem) {\n  // No such column.\n  return columns.level.length\n}\n',
  )
  await heading(page, /^The reward fails on \d+ of \d+ completions\.$/)
  expect(await page.getByLabel('Problems of the program').textContent()).toMatch(/Line 3: Exception on \d+ completions/)

  // What TypeScript finds is a warning at its line, and the reward runs all the same.
  await write(page, HACKABLE.replace('includes(', 'include('))
  await page.getByText("Line 2: Property 'include' does not exist on type 'string'.").waitFor()

  await write(page, HACKABLE)
  await heading(page, /^This reward is hackable: \d+ of \d+ attempts to cheat get it\.$/)
  expect(await page.getByText('Hackable by listing all numbers').count()).toBeGreaterThan(0)
  await page.getByLabel('Show', { exact: true }).selectOption('odd')
  await page
    .getByRole('button', { name: /^Keep as a test/ })
    .first()
    .click()
  await page.getByText('1 of 1 fail with the reward as it is.').waitFor()

  await write(page, STRICT)
  await heading(page, /^This reward tells right from wrong, and none of \d+ attempts to cheat gets it\.$/)
  await page.getByText('All 1 pass.').waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save reward.reward-test.json' }).click()
  const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as Record<string, unknown>
  expect(saved).toMatchObject({ version: 1, reward: { program: 'reward.ts', accuracy: 'sums' } })

  await page.getByRole('button', { name: 'Train with it' }).click()
  await page.getByText('The run is complete.').first().waitFor({ timeout: RUN_MS })
  expect(await page.getByRole('heading', { name: 'Reward function user, by step' }).isVisible()).toBe(true)
  expect(await page.getByText('rewards/user/mean').count()).toBeGreaterThan(0)

  // The completions of that run are at hand for the next draft.
  await page.getByRole('link', { name: 'Rewards' }).click()
  await page.getByLabel('Tried on gold answers').selectOption('run')
  await page.locator('svg text', { hasText: 'the model’s answers' }).waitFor()
  expect(errors).toEqual([])
  await page.context().close()
})

test('a reward that fails in training ends the run with its line, and leads back to the editor', async () => {
  const page = await openPage(served.browser, `${served.server.address}/#${settings}`, { width: 1440, height: 1000 })
  await write(
    page,
    `export function reward({ completion }: RewardItem) {\n  if (!completion.startsWith('#### ')) throw new Error('not terse')\n  return 1\n}\n`,
  )
  await heading(page, /^The reward fails on/)
  await page.getByRole('button', { name: 'Train with it' }).click()
  await heading(page, 'The run has failed.', RUN_MS)
  expect(await page.getByText(/The reward "user" failed \(exception, line 2\)/).count()).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Mend the reward' }).click()
  await heading(page, /^The reward fails on/)
  await page.context().close()
})

describe('a formula and data of one’s own', () => {
  test('a formula is explained at its character, and its functions can be picked', async () => {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&view=rewards`, {
      width: 1440,
      height: 1000,
    })
    await page.getByLabel('Formula', { exact: true }).fill('accuracy + 0.2*fromat')
    await heading(page, 'The formula cannot be read at character 16.')
    expect(await page.locator('#formula-fault mark').textContent()).toBe('f')
    await page.getByLabel('Formula', { exact: true }).fill('accuracy')
    await heading(page, /^This reward tells right from wrong/)
    await page.getByText('Functions for the formula').click()
    await page.getByRole('button', { name: /^format\(/ }).click()
    expect(await page.getByLabel('Formula', { exact: true }).inputValue()).toBe('accuracyformat')
    await page.context().close()
  })

  test('a file is recognised, or its columns are mapped by hand; bad rows are counted', async () => {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&view=rewards`, {
      width: 1440,
      height: 1000,
    })
    await page.getByLabel('Formula', { exact: true }).fill('accuracy')
    await page.getByLabel('Prompts', { exact: true }).selectOption('data')
    await heading(page, 'Choose the data that the reward is for.')
    const lines = (key: string, value: (i: number) => object) =>
      Array.from({ length: 20 }, (_, i) => JSON.stringify({ [key]: `What is ${i} and ${i}?`, ...value(i) })).join('\n')
    const pick = (name: string, text: string) =>
      page
        .getByLabel('File', { exact: true })
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

    await pick('sums.jsonl', `${lines('question', (i) => ({ answer: `#### ${2 * i}` }))}\n{"question": "none"}\n`)
    await page.getByText('GSM8K (recognised)').waitFor({ state: 'attached' })
    await page.getByText('1 could not be used.').waitFor()
    await page.getByText('18 to train on, 2 held out').waitFor()
    await heading(page, /^This reward tells right from wrong/)

    await pick(
      'mine.jsonl',
      lines('frage', (i) => ({ antwort: String(2 * i) })),
    )
    await heading(page, 'The data cannot be used as it is.')
    await page.getByLabel('The prompt is in').selectOption('frage')
    await page.getByLabel('The right answer is in').selectOption('antwort')
    await page.getByText('compared as number').waitFor()
    await heading(page, /^This reward tells right from wrong/)
    await page.context().close()
  })
})

test('the keyboard alone goes into the editor and, by Escape and Tab, out of it', async () => {
  const page = await openPage(served.browser, `${served.server.address}/#v=1&view=rewards`, {
    width: 1440,
    height: 1000,
  })
  await editor(page).focus()
  await page.keyboard.type('export const reward = (item: RewardItem) => item.')
  await page.locator('.cm-tooltip-autocomplete').getByText('completion').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.classList.contains('editor'))).toBe(false)
  await page.context().close()
})

test('every example works at once, and the hackable one is caught', async () => {
  for (const { name } of templates) {
    const page = await openPage(served.browser, `${served.server.address}/#v=1&view=rewards`, {
      width: 1440,
      height: 1000,
    })
    await page.getByRole('button', { name }).first().click()
    await heading(page, name.includes('hackable') ? /^This reward is hackable/ : /^This reward tells right from wrong/)
    await page.context().close()
  }
})

describe('the look', () => {
  for (const width of [1440, 360]) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`at ${width} px, ${scheme}: nothing overflows, axe finds nothing serious`, async () => {
        const page = await openPage(served.browser, `${served.server.address}/#v=1&view=rewards`, {
          width,
          height: 1000,
          scheme,
        })
        await heading(page, 'Write a reward, and see at once what it pays for.')
        await editor(page).waitFor()
        expect(await overflow(page)).toBeLessThanOrEqual(0)
        expect(await seriousFaults(page)).toEqual([])
        await page.screenshot({ path: `test-results/rewards-empty-${width}-${scheme}.png`, fullPage: true })

        await write(page, `${HACKABLE}\nconst unused: number = 'text'\n`)
        await heading(page, /^This reward is hackable/)
        await page.getByText('Line 5:').waitFor()
        await page
          .getByRole('button', { name: /^Keep as a test/ })
          .nth(1)
          .click()
        expect(await overflow(page)).toBeLessThanOrEqual(0)
        expect(await seriousFaults(page)).toEqual([])
        await page.evaluate(() => scrollTo(0, 0))
        await page.screenshot({ path: `test-results/rewards-${width}-${scheme}.png`, fullPage: true })
        await page.context().close()
      })
    }
  }
})

function editor(page: Page) {
  return page.locator('.cm-content')
}

/** Replaces the program as a person would: all is selected and deleted, then the new text comes in. */
async function write(page: Page, source: string): Promise<void> {
  await editor(page).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(source)
}

async function heading(page: Page, name: string | RegExp, timeout = 60_000): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor({ timeout })
}
