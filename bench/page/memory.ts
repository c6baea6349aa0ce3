// memory.ts: whether a page that watches a run for long goes on needing the same memory
//
// The run goes back to its ten-thousandth step now and then, as one does that resumes from a checkpoint: its history, and
// with it what the page has to hold, is the same each time. What remains after garbage was collected then is compared.

import { setTimeout as delay } from 'node:timers/promises'
import { launchBrowser } from '../../test/e2e/browser'
import { fitLine } from '../../src/core/stats/regression'
import { EVENTS_PER_SECOND, HISTORY_STEPS, longRun } from './long-run'
import { figure, type Measured, type Setting } from './measure'
import { openView, servePage } from './served'
import { historyShown, stepShown } from './streaming'

/** Steps between two returns: 10 s. */
const CYCLE_STEPS = 10 * EVENTS_PER_SECOND
/** Until caches are full and code is compiled. */
const WARM_UP_MS = 40_000
/** 30 minutes at this rate are 3 MB, less than one step's completions a minute. */
const FLAT_MB_PER_MINUTE = 0.1

export async function* memory({ pageFolder, minutes }: Setting): AsyncGenerator<Measured> {
  const server = await servePage(pageFolder, longRun(pageFolder, CYCLE_STEPS))
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    await openView(page, server, '#v=2&view=train')
    await historyShown(page)
    await delay(WARM_UP_MS)
    const devtools = await page.context().newCDPSession(page)
    const start = performance.now()
    const samples: { minute: number; megabytes: number; nodes: number }[] = []
    while (performance.now() - start < 60_000 * minutes) {
      // Each time at the same place of a cycle.
      while ((await stepShown(page)) < HISTORY_STEPS + CYCLE_STEPS - EVENTS_PER_SECOND) await delay(200)
      while ((await stepShown(page)) >= HISTORY_STEPS + CYCLE_STEPS - EVENTS_PER_SECOND) await delay(50)
      await devtools.send('HeapProfiler.collectGarbage')
      const { usedSize } = await devtools.send('Runtime.getHeapUsage')
      const { nodes } = await devtools.send('Memory.getDOMCounters')
      samples.push({ minute: (performance.now() - start) / 60_000, megabytes: usedSize / 1e6, nodes })
    }
    const note = `${samples.length} times in ${figure(minutes)} minutes, each after garbage was collected`
    yield growth('Growth of the heap', 'MB a minute', samples, ({ megabytes }) => megabytes, note, FLAT_MB_PER_MINUTE)
    yield growth('Growth of the document', 'nodes a minute', samples, ({ nodes }) => nodes, note, 1)
    const last = samples.at(-1)!
    yield { name: 'Heap', unit: 'MB', value: last.megabytes, goal: null, note: `at the end; ${last.nodes} nodes` }
  } finally {
    await browser.close()
    await server.close()
  }
}

function growth<Sample extends { minute: number }>(
  name: string,
  unit: string,
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  note: string,
  atMost: number,
): Measured {
  const line = fitLine(
    samples.map(({ minute }) => minute),
    samples.map(value),
  )
  if (!line) throw new Error('Too short a time for a slope: give --minutes 1 or more.')
  const { slope } = line
  const interval = `95 % ${figure(slope.low)} … ${figure(slope.high)}`
  return { name, unit, value: slope.value, goal: { atMost }, note: `${interval}; ${note}` }
}
