// chart.ts: one more point in a chart of ten thousand, ours against a path that d3 builds anew
//
// The peer (chart/peer.ts) is what TensorBoard and Trackio do in principle, in as little code as it takes; it is not their
// code. Both sides have the same points, the same size and the same axes, and take turns on one page.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { packageRoot } from '../../src/runner/package'
import { launchBrowser } from '../../test/e2e/browser'
import { serveFolders } from '../../test/e2e/static'
import { inTurns, median } from '../claim'
import { figure, type Measured } from './measure'
import { cpuMs } from './tasks'

const POINTS = 10_000
const UPDATES = 100
const ROUNDS = 3

type Side = 'ours' | 'peer'

declare global {
  interface Window {
    /** Shows a side alone, with so many points. */
    show(side: Side, points: number): void
    /** One point more at each frame; how long the script and the layout of each update took, ms. */
    update(updates: number): Promise<number[]>
  }
}

export async function* chart(): AsyncGenerator<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-chart-'))
  await build({
    configFile: false,
    root: join(packageRoot, 'bench/page/chart'),
    logLevel: 'error',
    plugins: [svelte({ configFile: false })],
    build: { outDir: folder, target: 'es2022' },
  })
  const server = await serveFolders({ '/': folder })
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
    await page.goto(`${server.address}/`)
    const scripts: Record<Side, number[]> = { ours: [], peer: [] }
    const measure = async (side: Side) => {
      await page.evaluate(([name, points]) => window.show(name, points), [side, POINTS] as const)
      const before = await cpuMs(page)
      scripts[side].push(median(await page.evaluate((updates) => window.update(updates), UPDATES)))
      return ((await cpuMs(page)) - before) / UPDATES
    }
    const drawn = await inTurns({ ours: () => measure('ours'), peer: () => measure('peer') }, { rounds: ROUNDS })
    const script = { ours: median(scripts.ours.slice(1)), peer: median(scripts.peer.slice(1)) }
    yield compared('One more point: script and layout', 'ms', script)
    yield compared('One more point: all that is drawn for it', 'ms of CPU', drawn)
  } finally {
    await browser.close()
    server.stop()
  }
}

function compared(name: string, unit: string, { ours, peer }: Record<Side, number>): Measured {
  const note = `ours ${figure(ours)} ${unit}, a path built anew ${figure(peer)} ${unit}; ${POINTS} points, ${ROUNDS} × ${UPDATES} updates in turns`
  return { name, unit: 'times faster', value: peer / ours, goal: { atLeast: 1 }, note }
}
