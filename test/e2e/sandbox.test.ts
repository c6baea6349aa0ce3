// A person's own reward in Chromium: under the headers of the product, with the verdicts and the scores of Node to the bit.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { HEADERS } from '../../src/runner/server/guard'
import { fingerprint } from '../rewards/generated'
import { HOSTILE_LIMITS, HOSTILE_PROGRAMS } from '../rewards/hostile-programs'
import { builtSandboxWorker } from '../rewards/sandbox-worker'
import { openTestPage, type TestPage } from './test-page'

const GENERATED = 10_000
/** Half of what a program that hangs is given; the rest is room for a machine that is busy. */
const LONGEST_PAUSE_MS = HOSTILE_LIMITS.timeMs

let tab: TestPage
let worker: Awaited<ReturnType<typeof builtSandboxWorker>>

beforeAll(async () => {
  worker = await builtSandboxWorker()
  tab = await openTestPage('sandbox', {}, HEADERS)
})
afterAll(async () => {
  await tab?.close()
  worker?.remove()
})

test('hostile rewards have the same verdicts in Chromium as in Node, and the page stays responsive', async () => {
  const { results, longestPauseMs } = await tab.page.evaluate(() => window.runHostilePrograms())
  const verdicts = Object.fromEntries(Object.entries(results).map(([name, { verdict }]) => [name, verdict]))
  expect(verdicts).toEqual(Object.fromEntries(HOSTILE_PROGRAMS.map(({ name, verdict }) => [name, verdict])))
  console.log(
    `${HOSTILE_PROGRAMS.length} hostile programs; the page paused for ${longestPauseMs.toFixed(0)} ms at most`,
  )
  expect(longestPauseMs).toBeLessThan(LONGEST_PAUSE_MS)
})

test(`${GENERATED} generated items have the same scores in Chromium as in Node, to the bit`, async () => {
  const inBrowser = await tab.page.evaluate((count) => window.fingerprintInBrowser(count), GENERATED)
  expect(inBrowser.scored).toBe(GENERATED)
  expect(inBrowser).toEqual(await fingerprint(GENERATED, worker.start))
})

test('nothing of the sandbox is refused by the security policy of the page', () => {
  expect(tab.errors).toEqual([])
})
