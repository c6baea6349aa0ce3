// hostile.ts: runs hostile programs and says what became of each, in Node and in a page alike

import { RewardSourceError, type SandboxOutcome } from '../../src/rewards/sandbox/contract'
import type { StartSandboxWorker } from '../../src/rewards/sandbox/messages'
import { openRewardSandbox } from '../../src/rewards/sandbox/sandbox'
import { HOSTILE_ITEM, HOSTILE_LIMITS, type HostileProgram, type Verdict } from './hostile-programs'

/** What became of one program. */
export interface HostileResult {
  verdict: Verdict
  message: string
  /** Characters that it printed. */
  printed: number
}

/** Judges one item with a program in a sandbox of its own. */
export async function runHostile({ source }: HostileProgram, start: StartSandboxWorker): Promise<HostileResult> {
  try {
    const sandbox = await openRewardSandbox({ source, name: 'hostile.ts' }, HOSTILE_LIMITS, start, 0)
    const [outcome] = await sandbox.score([HOSTILE_ITEM])
    sandbox.dispose()
    const message = outcome.kind === 'error' ? outcome.message : JSON.stringify(outcome.info ?? null)
    return { verdict: verdictOf(outcome), message, printed: outcome.log?.length ?? 0 }
  } catch (error) {
    if (!(error instanceof RewardSourceError)) throw error
    return { verdict: { refused: error.fault }, message: error.message, printed: 0 }
  }
}

function verdictOf(outcome: SandboxOutcome): Verdict {
  return outcome.kind === 'score' ? { score: outcome.score ?? NaN } : outcome.class
}

/** Longest time for which this thread did not come to its own timer while some work went on, in ms. */
export async function longestPause(work: () => Promise<void>): Promise<number> {
  const everyMs = 10
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - everyMs)
    last = performance.now()
  }, everyMs)
  await work()
  clearInterval(timer)
  return longest
}
