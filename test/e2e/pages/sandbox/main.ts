// main.ts: the page's own sandbox for rewards, called by test/e2e/sandbox.test.ts

import { startSandboxWorker } from '../../../../src/app/state/sandbox'
import { fingerprint, type Fingerprint } from '../../../rewards/generated'
import { longestPause, runHostile, type HostileResult } from '../../../rewards/hostile'
import { HOSTILE_PROGRAMS } from '../../../rewards/hostile-programs'

declare global {
  interface Window {
    /** What became of each hostile program, and for how long the page did not react, in ms. */
    runHostilePrograms(): Promise<{ results: Record<string, HostileResult>; longestPauseMs: number }>
    fingerprintInBrowser(count: number): Promise<Fingerprint>
  }
}

window.runHostilePrograms = async () => {
  const results: Record<string, HostileResult> = {}
  const longestPauseMs = await longestPause(async () => {
    for (const program of HOSTILE_PROGRAMS) results[program.name] = await runHostile(program, startSandboxWorker)
  })
  return { results, longestPauseMs }
}

window.fingerprintInBrowser = (count) => fingerprint(count, startSandboxWorker)
