// A run goes from the page to a runner, through a killed runner, home again and on to its end, as if nothing had happened; and what
// the page says of runners that are attached, refuse, go away and come back.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn, type ChildProcess } from 'node:child_process'
import { unzipSync } from 'fflate'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { readJournal } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import { readAdapter } from '../../src/engine/formats/peft'
import { freePort } from '../free-port'
import { launchBrowser } from './browser'
import { complaints, overflow, seriousFaults } from './page'

const RUN_MS = 240_000
const STEPS = 20
const size = { width: 1440, height: 1000 }

/** A run of seconds that saves every other step. */
const settings = (steps: number) =>
  `v=2&view=train&preset=ci&steps=${steps}&problems=8&answer=16&every=0&engine=reference&settings=` +
  encodeURIComponent(JSON.stringify({ 'checkpoint.every': 2, 'evaluation.requests': 10 }))

let browser: Browser
const started: Runner[] = []

beforeAll(async () => {
  mkdirSync('test-results', { recursive: true })
  browser = await launchBrowser()
})
afterEach(() => Promise.all(started.splice(0).map((runner) => runner.kill())))
afterAll(() => browser?.close())

/** A runner as an operator starts it, with the process that trains, which may both be killed and started again. */
class Runner {
  private child: ChildProcess | undefined
  private constructor(
    private readonly port: number,
    readonly folder: string,
    private readonly flags: readonly string[],
  ) {}

  /** @param allow the origin of a page that it does not serve itself, which may attach it */
  static async start(allow?: string): Promise<Runner> {
    const folder = mkdtempSync(join(tmpdir(), 'tiltlab-runner-'))
    const runner = new Runner(await freePort(), folder, allow ? ['--allow', allow] : [])
    await runner.start()
    started.push(runner)
    return runner
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`
  }
  get link(): string {
    return `${this.address}/#token=${readFileSync(join(this.folder, '.token'), 'utf8')}`
  }

  async start(): Promise<void> {
    const words = ['bin/tiltlab.js', 'serve', '--port', String(this.port), '--runs', this.folder, ...this.flags]
    // A group of its own: what it started is killed with it.
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    this.child = child
    await expect.poll(() => said, { timeout: 120_000, interval: 50 }).toContain('tiltlab is at')
  }

  /** Pauses a run as soon as there is a process that trains it. */
  async pause(id: string): Promise<void> {
    const [address, token] = this.link.split('/#token=')
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const ask = () => fetch(`${address}/api/jobs/${id}/pause`, { method: 'POST', headers, body: '{}' })
    await expect.poll(async () => (await ask()).status, { timeout: 120_000, interval: 50 }).toBe(200)
  }

  async kill(): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('close', resolve))
    process.kill(-child.pid!, 'SIGKILL')
    await gone
  }
}

const radio = (page: Page, name: string) => page.getByRole('radio', { name, exact: true })

test(
  'a run goes to a runner, which is killed, comes home, and ends as if nothing had happened',
  { timeout: 2 * RUN_MS },
  async () => {
    const runner = await Runner.start()
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce' })
    let page = await open(context, `${runner.link}&${settings(STEPS)}`)
    const errors = complaints(page)
    expect(page.url()).toBe(`${runner.address}/#${settings(STEPS)}`)

    // Begun here, sent there, where it is seen live.
    await page.getByRole('button', { name: 'Train it here' }).click()
    await stepsDone(page, 3)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    await page.getByRole('button', { name: 'Run on…' }).click()
    await page.getByText('it is saved and ends here').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Run on the runner of this page' }).click()
    await page.getByText('On the runner of this page, live').waitFor()
    expect(await radio(page, 'Runner').isChecked()).toBe(true)
    const [id] = readdirSync(runner.folder).filter((name) => name.startsWith('ci-'))
    await stepsDone(page, 5)

    // Killed, with the process that trains.
    await runner.kill()
    await page.getByText('On the runner of this page: no answer').waitFor()
    await runner.start()
    // By another program: a few steps take less time than the page needs to find the runner again.
    await runner.pause(id)
    await page.getByText('On the runner of this page, paused').waitFor()

    // The tab is closed; another one goes on watching, and makes a step.
    const step = await stepShown(page)
    expect(errors.filter((error) => !isOfBreak(error))).toEqual([])
    await page.close()
    page = await open(context, runner.link)
    await page.getByText('On the runner of this page, paused').waitFor()
    expect(await stepShown(page)).toBe(step)
    await page.getByRole('group', { name: 'The run of the runner' }).getByRole('button', { name: 'Step' }).click()
    await stepsDone(page, step + 1)

    // Home again: the very bytes that the runner has.
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('button', { name: 'Save and bring here' }).click()
    await page.getByText(`${id} is in this browser now`).waitFor()
    const home = await exported(page, /^From a runner|^Trained here/)
    const there = join(runner.folder, id)
    expect(Buffer.from(home['journal.jsonl']).equals(readFileSync(join(there, 'journal.jsonl')))).toBe(true)
    const checkpoints = readdirSync(join(there, 'checkpoints')).sort()
    expect(checkpoints.at(-1)).toBe(`step-${String(step + 1).padStart(6, '0')}`)
    for (const name of checkpoints)
      for (const file of readdirSync(join(there, 'checkpoints', name))) {
        const path = `checkpoints/${name}/${file}`
        expect([path, Buffer.from(home[path]).equals(readFileSync(join(there, path)))]).toEqual([path, true])
      }
    const moved = await goOnToTheEnd(page, step + 1)

    // The same settings in a browser that was left alone. The engine is the same in Chromium and in Node, bit for bit; the
    // functions of JavaScript that diagnostics are summed with differ in their last digit from one V8 to another.
    const alone = await open(await browser.newContext({ viewport: size }), `${runner.address}/#${settings(STEPS)}`)
    await alone.getByRole('button', { name: 'Train it here' }).click()
    await alone.getByText('The run is complete.').first().waitFor()
    await alone.getByRole('link', { name: 'Runs' }).click()
    const undisturbed = await exported(alone, /^Trained here/)
    const last = `checkpoints/step-${String(STEPS).padStart(6, '0')}`
    for (const file of ['adapter_model.safetensors', 'adapter_config.json', 'optimizer.safetensors'])
      expect([file, Buffer.from(moved[`${last}/${file}`]).equals(undisturbed[`${last}/${file}`])]).toEqual([file, true])
    expect(measured(moved)).toEqual(measured(undisturbed))
    // What came out of it is an adapter that PEFT loads.
    const { tensors } = await readAdapter({ name: 'exported', read: async (path) => moved[`${last}/${path}`] })
    expect([...tensors.keys()].every((name) => name.startsWith('base_model.model.'))).toBe(true)
    await alone.context().close()
    await context.close()
  },
)

test(
  'a runner is attached by its link, refuses another token, goes away and comes back',
  { timeout: RUN_MS },
  async () => {
    const own = await Runner.start()
    const other = await Runner.start(own.address)
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce' })
    const page = await open(context, `${own.address}/#v=2&view=runs`)
    const runners = (where: Page) => where.getByRole('region', { name: 'Runners' })
    const listed = (where: Page, name: string) => runners(where).getByRole('listitem').filter({ hasText: name })

    // Without its token the page says how to get it.
    await listed(page, 'Of this page').getByText('open the link that it printed').waitFor()
    await attach(page, own.link)
    await listed(page, 'Of this page').getByText('It has nothing to do.').waitFor()

    await page.getByRole('button', { name: 'Attach a runner…' }).click()
    await page.getByLabel('Link of the runner').fill(`${other.link.slice(0, -4)}AAAA`)
    await page.getByLabel('What you call it').fill('big one')
    await page.getByRole('button', { name: 'Attach', exact: true }).click()
    await page.getByText(`The token is not the one of the runner at ${other.address}.`).waitFor()
    expect(await listed(page, 'big one').count()).toBe(0)
    await look(page, 'attach')
    await page.getByLabel('Link of the runner').fill(`tiltlab is at ${other.link} (Ctrl-C ends)`)
    await page.getByRole('button', { name: 'Attach', exact: true }).click()
    await listed(page, 'big one').getByText('It has nothing to do.').waitFor()

    // Gone, and back, which the page finds out by itself; also after a reload.
    await other.kill()
    await listed(page, 'big one').getByText('Does not answer').waitFor()
    await page.reload()
    await listed(page, 'big one').getByText('Does not answer').waitFor()
    await other.start()
    await listed(page, 'big one').getByText('It has nothing to do.').waitFor()
    await look(page, 'runners')

    // The address is known to other tabs of this browser, the token is not.
    const tab = await open(context, `${own.address}/#v=2&view=runs`)
    await listed(tab, 'big one').getByText('It wants its token').waitFor()
    const token = other.link.split('=')[1]
    expect(await tab.evaluate(() => JSON.stringify(localStorage))).not.toContain(token)
    await page.getByRole('button', { name: 'Detach big one' }).click()
    expect(await listed(page, 'big one').count()).toBe(0)
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(token)
    await context.close()
  },
)

async function attach(page: Page, link: string): Promise<void> {
  await page.getByRole('button', { name: 'Attach a runner…' }).click()
  await page.getByLabel('Link of the runner').fill(link)
  await page.getByRole('button', { name: 'Attach', exact: true }).click()
}

/** Nothing is wider than a phone, and axe finds nothing, in either scheme. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect([name, await seriousFaults(page)]).toEqual([name, []])
  }
  await page.setViewportSize({ width: 360, height: 800 })
  expect([name, await overflow(page)]).toEqual([name, 0])
  await page.screenshot({ path: `test-results/runner-${name}-360.png` })
  await page.setViewportSize(size)
}

/** What Chromium says of a runner that was killed. */
function isOfBreak(error: string): boolean {
  return error.includes('ERR_CONNECTION_REFUSED') || error.includes('WebSocket')
}

async function open(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(RUN_MS)
  await page.goto(address)
  return page
}

async function goOnToTheEnd(page: Page, from: number) {
  await page.getByRole('button', { name: `Go on from step ${from}` }).click()
  await page.getByText('The run is complete.').first().waitFor()
  await page.getByRole('link', { name: 'Runs' }).click()
  return exported(page, /^Trained here/)
}

/** The files of a run of the list, from its zip. @param from where the run is from, in the words of the list */
async function exported(page: Page, from: RegExp) {
  const row = page.getByRole('listitem').filter({ has: page.getByText(from) })
  const download = page.waitForEvent('download')
  await row.getByRole('button', { name: /^Export/ }).click()
  return unzipSync(readFileSync(await (await download).path()))
}

/** What a run measured, to twelve digits, without what depends on the clock. */
function measured(files: Record<string, Uint8Array>): RunEvent[] {
  return readJournal(files['journal.jsonl']).events.flatMap((event): RunEvent[] => {
    if (event.type === 'evaluation') return [rounded(event)]
    if (event.type !== 'step') return []
    const isOfClock = (name: string) => name === 'step_time' || name.startsWith('speed/')
    const metrics = Object.entries(event.metrics).filter(([name]) => !isOfClock(name))
    return [rounded({ ...event, metrics: Object.fromEntries(metrics) })]
  })
}

function rounded(event: RunEvent): RunEvent {
  const round = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)
  return JSON.parse(JSON.stringify(event, round)) as RunEvent
}

/** The step of the run as the strip has it; 0 before there is one. */
async function stepShown(page: Page): Promise<number> {
  const cell = page.locator('dl > div', { has: page.locator('dt:text-is("Step")') }).locator('.figure')
  return (await cell.count()) === 0 ? 0 : Number.parseInt((await cell.textContent()) ?? '0', 10)
}

async function stepsDone(page: Page, steps: number): Promise<void> {
  await expect.poll(() => stepShown(page), { timeout: RUN_MS, interval: 100 }).toBeGreaterThanOrEqual(steps)
}
