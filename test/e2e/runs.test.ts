// Runs outlive the page: trained, reloaded in the middle, gone on with, exported, deleted, imported, played back; and what
// the page says where storage fails, a second tab is open, or a file means harm.

import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { readJournal } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { complaints, openPage, overflow, seriousFaults } from './page'
import { servedPage } from './served-page'

const RUN_MS = 400_000
/** How often one run is reloaded; `npm run test:reloads` does it twenty times. */
const RELOADS = Number(process.env.TILTLAB_RELOADS ?? 3)
const EVERY = 2

const served = servedPage()
const size = { width: 1440, height: 1000 }

/** A run of seconds that saves every other step. */
const settings = (steps: number) =>
  `v=2&view=train&preset=ci&steps=${steps}&problems=8&answer=16&every=0&engine=reference&settings=` +
  encodeURIComponent(JSON.stringify({ 'checkpoint.every': EVERY, 'evaluation.requests': 10 }))

const goOn = (page: Page) =>
  page.getByRole('status', { name: 'Notices' }).getByRole('button', { name: /^(Go on from step \d+|Begin anew)$/ })

test(
  `a run that is reloaded at ${RELOADS} random moments loses at most one interval each time, and ends as if it had not been`,
  { timeout: RUN_MS + RELOADS * 90_000 },
  async () => {
    // Each reload comes within some four steps of the checkpoint before it, however fast the machine is.
    const steps = Math.max(18, 6 * RELOADS)
    const page = await open(settings(steps))
    const errors = complaints(page)
    await page.getByRole('button', { name: 'Train it here' }).click()
    await stepsDone(page, 1)
    for (let reload = 0; reload < RELOADS; reload++) {
      await stepsDone(page, (await stepShown(page)) + Math.floor(3 * Math.random()))
      await page.waitForTimeout(400 * Math.random())
      const before = await stepShown(page)
      await page.reload()
      const offer = await goOn(page).textContent()
      const saved = Number(/\d+/.exec(offer ?? '')?.[0] ?? 0)
      expect(before - saved).toBeLessThanOrEqual(EVERY)
      if (saved >= steps) break
      await goOn(page).click()
      await stepsDone(page, Math.min(saved + 1, steps))
    }
    await page.getByText('The run is complete.').first().waitFor()
    const interrupted = await exported(page)

    await page.goto('about:blank')
    await page.goto(`${served.server.address}/#${settings(steps)}`)
    await page.getByRole('button', { name: 'Train it here' }).click()
    await page.getByText('The run is complete.').first().waitFor()
    const uninterrupted = await exported(page)
    expect(measured(interrupted)).toEqual(measured(uninterrupted))
    expect(measured(interrupted).filter(({ type }) => type === 'step')).toHaveLength(steps)
    expect(errors).toEqual([])
    await page.context().close()
  },
)

test('a run is exported, deleted, imported and played back; two are compared; a hostile file is refused', async () => {
  const page = await open(settings(4))
  const errors = complaints(page)
  await page.getByRole('button', { name: 'Train it here' }).click()
  await page.getByText('The run is complete.').first().waitFor()
  const file = await exportedFile(page)

  // Name, tags and note are kept over a reload, and text is text.
  await page.getByRole('button', { name: /^Name, tags, note/ }).click()
  await page.getByLabel('Name', { exact: true }).fill('<img src=x onerror=alert(1)>')
  await page.getByLabel('Tags, commas between them').fill('talk, #draft')
  await page.getByLabel('Note').fill('the one for Friday')
  await page.getByRole('button', { name: 'Done' }).click()
  await page.reload()
  await page.getByText('<img src=x onerror=alert(1)>').first().waitFor()
  expect(await page.locator('main img').count()).toBe(0)
  await page.getByRole('searchbox').fill('#draft')
  expect(await page.locator('.list > li').count()).toBe(1)
  await page.getByRole('searchbox').fill('nowhere')
  await page.getByText('No run is found by “nowhere”.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()

  await page.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('heading', { name: 'Nothing has been run here yet.' }).waitFor()

  await drop(page, 'page.zip', '<!doctype html><script>alert(1)</script>')
  await page.getByText('“page.zip” was not imported: it is neither a run that tiltlab exported').waitFor()
  await drop(page, 'mine.zip', readFileSync(file))
  await page.getByText('“mine.zip” was imported.').waitFor()
  await page.getByText('From a file').waitFor()
  await drop(page, 'again.zip', readFileSync(file))
  await page.getByText('is kept here already').waitFor()

  await page.getByRole('button', { name: /^Show / }).click()
  await page.getByText('A kept run, not live').first().waitFor()
  await page.getByText('step 4 of 4').waitFor()
  await page.getByLabel('Speed', { exact: true }).selectOption('100')
  await page.getByRole('button', { name: 'Play the run' }).click()
  await page.getByText('step 4 of 4').waitFor()

  // Another run with another seed, and in what the two differ.
  await page.goto(`${served.server.address}/#${settings(4)}&seed=3`)
  await page.reload()
  await page.getByRole('button', { name: 'Train it here' }).click()
  await page.getByText('The run is complete.').first().waitFor()
  await page.getByRole('link', { name: 'Runs' }).click()
  for (const box of await page.getByRole('checkbox').all()) await box.check()
  const differences = page.getByRole('table', { name: 'In what runs differ' })
  expect(await differences.getByRole('row', { name: /^seed/ }).getByRole('cell').allTextContents()).toEqual(['3', '0'])
  expect(await differences.getByRole('row', { name: /^steps/ }).count()).toBe(0)

  for (const [width, scheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ] as const) {
    // prettier-ignore
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme: scheme })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(await seriousFaults(page)).toEqual([])
    await page.screenshot({ path: `test-results/runs-${width}-${scheme}.png`, fullPage: true })
  }
  expect(errors).toEqual([])
  await page.context().close()
})

describe('what can go wrong', () => {
  test('a second tab looks on and says so, and takes over when the first is closed', async () => {
    const first = await open('v=2&view=train&preset=ci')
    const second = await first.context().newPage()
    await second.goto(`${served.server.address}/#v=2&view=train&preset=ci`)
    await notice(second, 'tiltlab is open in another tab').waitFor()
    expect(await second.getByRole('button', { name: 'Train it here' }).isDisabled()).toBe(true)
    expect(await seriousFaults(second)).toEqual([])
    await first.close()
    await notice(second, 'The other tab was closed').waitFor()
    expect(await second.getByRole('button', { name: 'Train it here' }).isEnabled()).toBe(true)
    await second.context().close()
  })

  test('where nothing more fits the run goes on and says so, and is kept again once there is room', async () => {
    const page = await open(settings(30))
    const devtools = await page.context().newCDPSession(page)
    const quota = (quotaSize?: number) =>
      devtools.send('Storage.overrideQuotaForOrigin', {
        origin: served.server.address,
        ...(quotaSize && { quotaSize }),
      })
    await page.getByRole('button', { name: 'Train it here' }).click()
    await stepsDone(page, 2)
    await quota(1000)
    await notice(page, 'There is no room left: the run goes on').waitFor()
    await quota()
    await notice(page, 'There is no room left: the run goes on').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('The run was cancelled').first().waitFor()
    const steps = (await exported(page)).flatMap((event) => (event.type === 'step' ? [event.step] : []))
    expect(steps).toEqual(steps.map((_, index) => index + 1))
    await page.context().close()
  })

  test('a checkpoint that was damaged is passed over for the one before it, and a tab that was put away goes on', async () => {
    const page = await open(settings(10))
    await page.getByRole('button', { name: 'Train it here' }).click()
    await stepsDone(page, 5)
    await page.reload()
    await goOn(page).waitFor()
    expect(await damageNewestCheckpoint(page)).toBeGreaterThanOrEqual(2)
    await goOn(page).click()
    const told = /Checkpoint step-\d+ cannot be used: .* An older state is taken/
    await page.getByRole('listitem').filter({ hasText: told }).waitFor()

    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await page.getByText('The run is complete.').first().waitFor()
    const steps = (await exported(page)).flatMap((event) => (event.type === 'step' ? [event.step] : []))
    expect(steps).toEqual(Array.from({ length: 10 }, (_, index) => index + 1))
    await page.context().close()
  })

  test('a damaged journal is told of, and the run can be deleted', async () => {
    const page = await open('v=2&view=runs')
    await page.getByRole('heading', { name: 'Nothing has been run here yet.' }).waitFor()
    await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory()
      const run = await (
        await root.getDirectoryHandle('runs', { create: true })
      ).getDirectoryHandle('broken', { create: true })
      const stream = await (await run.getFileHandle('journal.jsonl', { create: true })).createWritable()
      await stream.write('{"seq":0,"crc":"00000000","event":{}}\n')
      await stream.close()
    })
    await page.reload()
    await page.getByText('The run broken cannot be shown: its journal is damaged.').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.reload()
    await page.getByRole('heading', { name: 'Nothing has been run here yet.' }).waitFor()
    expect(await page.getByText('cannot be shown').count()).toBe(0)
    await page.context().close()
  })

  test('a link that was cut shows the page and says so; a shared one opens the same', async () => {
    const page = await open('v=2&view=runs&z=AAAA')
    await notice(page, 'Something in this link means nothing here.').waitFor()
    await page.getByRole('heading', { name: 'Nothing has been run here yet.' }).waitFor()
    await page.getByRole('searchbox').fill('#talk')
    await page.getByRole('button', { name: 'Share' }).click()
    const link = await page.getByRole('textbox', { name: 'Link', exact: true }).inputValue()
    expect(link).toBe(`${served.server.address}/#v=2&view=runs&find=%23talk`)
    await page.getByRole('button', { name: 'Show a code for phones' }).click()
    await page.getByRole('img', { name: 'QR code of the link' }).waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Close' }).click()
    await page.goto('about:blank')
    await page.goto(link)
    expect(await page.getByRole('searchbox').inputValue()).toBe('#talk')
    await page.context().close()
  })
})

async function open(hash: string): Promise<Page> {
  const page = await openPage(served.browser, `${served.server.address}/#${hash}`, size)
  page.setDefaultTimeout(RUN_MS)
  return page
}

function notice(page: Page, title: string) {
  return page.getByRole('status', { name: 'Notices' }).getByRole('region', { name: title })
}

/** Changes one byte of the adapter in the newest checkpoint of the only run. @returns how many checkpoints there are */
function damageNewestCheckpoint(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs')
    const folders = async (parent: FileSystemDirectoryHandle) => {
      const found: string[] = []
      for await (const { kind, name } of parent.values()) if (kind === 'directory') found.push(name)
      return found.sort()
    }
    const run = await root.getDirectoryHandle((await folders(root))[0])
    const checkpoints = await run.getDirectoryHandle('checkpoints')
    const names = await folders(checkpoints)
    const newest = await checkpoints.getDirectoryHandle(names.at(-1)!)
    const handle = await newest.getFileHandle('adapter_model.safetensors')
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer())
    bytes[bytes.length - 5] ^= 1
    const stream = await handle.createWritable()
    await stream.write(bytes)
    await stream.close()
    return names.length
  })
}

/** The step of the run as the strip has it; 0 before there is one. */
async function stepShown(page: Page): Promise<number> {
  const cell = page.locator('dl > div', { has: page.locator('dt:text-is("Step")') }).locator('.figure')
  return (await cell.count()) === 0 ? 0 : Number.parseInt((await cell.textContent()) ?? '0', 10)
}

async function stepsDone(page: Page, steps: number): Promise<void> {
  await expect.poll(() => stepShown(page), { timeout: RUN_MS, interval: 200 }).toBeGreaterThanOrEqual(steps)
}

/** The newest run as a file. */
async function exportedFile(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Runs' }).click()
  const download = page.waitForEvent('download')
  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click()
  return (await download).path()
}

async function exported(page: Page): Promise<RunEvent[]> {
  const files = unzipSync(readFileSync(await exportedFile(page)))
  const { events, lostBytes } = readJournal(files['journal.jsonl'])
  expect(lostBytes).toBe(0)
  return events
}

/** What a run measured, without what depends on the clock. */
function measured(events: readonly RunEvent[]): RunEvent[] {
  return events.flatMap((event): RunEvent[] => {
    if (event.type === 'evaluation') return [event]
    if (event.type !== 'step') return []
    const isOfClock = (name: string) => name === 'step_time' || name.startsWith('speed/')
    const metrics = Object.entries(event.metrics).filter(([name]) => !isOfClock(name))
    return [{ ...event, metrics: Object.fromEntries(metrics) }]
  })
}

async function drop(page: Page, name: string, content: string | Buffer): Promise<void> {
  const base64 = Buffer.from(content).toString('base64')
  const transfer = await page.evaluateHandle(
    ([name, base64]) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name))
      return data
    },
    [name, base64] as const,
  )
  await page.locator('main', { has: page.locator('#runs') }).dispatchEvent('drop', { dataTransfer: transfer })
}
