// streaming.ts: whether the page stays smooth while a run streams into charts of ten thousand steps

import type { Page } from 'playwright-core'
import { launchBrowser } from '../../test/e2e/browser'
import { EVENTS_PER_SECOND, HISTORY_STEPS, longRun } from './long-run'
import type { Measured, Setting } from './measure'
import { openView, servePage } from './served'
import { tasksDuring } from './tasks'

const SECONDS = 20
/** Longer tasks can be felt. */
const LONG_MS = 50

/** How the charts are drawn: as they are at first, and with all that makes them dear. */
const DRAWINGS = [
  { name: 'as they open', hash: '#v=2&view=train' },
  {
    name: 'smoothed, logarithmic, over tokens, one more metric',
    hash: '#v=2&view=train&smooth=100&scale=log&axis=tokens&metric=learning_rate',
  },
]

export async function* streaming({ pageFolder }: Setting): AsyncGenerator<Measured> {
  for (const { name, hash } of DRAWINGS) yield* streamInto(pageFolder, name, hash)
}

async function* streamInto(pageFolder: string, name: string, hash: string): AsyncGenerator<Measured> {
  const server = await servePage(pageFolder, longRun(pageFolder))
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    await openView(page, server, hash)
    await historyShown(page)
    const shown = await stepShown(page)
    let seen = { longTasks: 0, framesPerSecond: 0 }
    const tasks = await tasksDuring(page, async () => (seen = await watch(page)))
    const drawn = (await stepShown(page)) - shown
    const note = `${SECONDS} s, ${EVENTS_PER_SECOND} events a second, ${drawn} steps shown; charts ${name}`
    const longest = (pick: 'wallMs' | 'cpuMs') => Math.max(...tasks.map((task) => task[pick]))
    yield { name: 'Longest task', unit: 'ms of CPU', value: longest('cpuMs'), goal: { atMost: LONG_MS }, note }
    yield {
      name: 'Longest task, waits included',
      unit: 'ms',
      value: longest('wallMs'),
      goal: { atMost: LONG_MS },
      note,
    }
    yield { name: `Tasks over ${LONG_MS} ms`, unit: '', value: seen.longTasks, goal: { atMost: 0 }, note }
    yield { name: 'Frames', unit: 'a second', value: seen.framesPerSecond, goal: { atLeast: 55 }, note }
    const busy = tasks.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / (10 * SECONDS)
    yield { name: 'Main thread busy', unit: '% of a core', value: busy, goal: null, note }
  } finally {
    await browser.close()
    await server.close()
  }
}

/** Waits until the page has taken in what was there. */
export async function historyShown(page: Page): Promise<void> {
  await page.waitForFunction(
    (steps) => Number.parseInt(document.querySelector('dl .figure')?.textContent ?? '', 10) > steps,
    HISTORY_STEPS,
    { timeout: 300_000 },
  )
}

export async function stepShown(page: Page): Promise<number> {
  return Number.parseInt((await page.locator('dl .figure').first().textContent()) ?? '', 10)
}

/** What the page itself notices: frames that it is given, and tasks that were too long. */
function watch(page: Page): Promise<{ longTasks: number; framesPerSecond: number }> {
  return page.evaluate(async (seconds) => {
    let longTasks = 0
    const observer = new PerformanceObserver((list) => (longTasks += list.getEntries().length))
    observer.observe({ type: 'longtask' })
    const start = performance.now()
    let frames = 0
    let now = start
    while (now - start < 1000 * seconds) {
      now = await new Promise<number>(requestAnimationFrame)
      frames++
    }
    observer.disconnect()
    return { longTasks, framesPerSecond: (1000 * frames) / (now - start) }
  }, SECONDS)
}
