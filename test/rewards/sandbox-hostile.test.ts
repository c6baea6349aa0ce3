// Hostile rewards get the verdict that they should (test/e2e/sandbox.test.ts asks the same of Chromium).

import { afterAll, beforeAll, expect, test } from 'vitest'
import { runHostile } from './hostile'
import { HOSTILE_LIMITS, HOSTILE_PROGRAMS } from './hostile-programs'
import { builtSandboxWorker } from './sandbox-worker'

let worker: Awaited<ReturnType<typeof builtSandboxWorker>>

beforeAll(async () => {
  worker = await builtSandboxWorker()
})
afterAll(() => worker?.remove())

test.for(HOSTILE_PROGRAMS)('$name', async (program) => {
  const { verdict, message, printed } = await runHostile(program, worker.start)
  expect(verdict, message).toEqual(program.verdict)
  expect(printed).toBeLessThanOrEqual(HOSTILE_LIMITS.outputBytes + 1)
})
