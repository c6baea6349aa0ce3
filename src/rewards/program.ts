// program.ts: a program of a person's own as a reward function, run in the sandbox

import type { OpenFunction } from './function'
import type { GradeItem, Score } from './grader'
import { DEFAULT_LIMITS, type Json, type RewardItem, type SandboxOutcome } from './sandbox/contract'
import type { StartSandboxWorker } from './sandbox/messages'
import { openRewardSandbox } from './sandbox/sandbox'

/** What messages call the program: its text is part of the configuration, wherever it was written. */
export const PROGRAM_NAME = 'reward.ts'

const MAX_INFO_CHARACTERS = 200

/**
 * Loads a program into a sandbox of its own.
 *
 * @param source TypeScript or JavaScript
 * @param seed   of the only random numbers that it gets
 * @throws {RewardSourceError} if it does not compile, or exports no reward
 */
export async function openProgram(
  source: string,
  seed: number,
  startWorker: StartSandboxWorker,
): Promise<OpenFunction> {
  const sandbox = await openRewardSandbox({ source, name: PROGRAM_NAME }, DEFAULT_LIMITS, startWorker, seed)
  const { limits, ...hashes } = sandbox.manifest
  return {
    program: { ...hashes, limits: { ...limits } },
    ...(sandbox.batched && { compares: true as const }),
    score: async (items, _, options) => (await sandbox.score(items.map(rewardItem), options)).map(scoreOf),
    dispose: () => sandbox.dispose(),
  }
}

/** What the program is given of a completion. */
export function rewardItem({ prompt, completion, answer, columns, tokens }: GradeItem): RewardItem {
  return {
    prompt,
    completion,
    answer: typeof answer === 'string' ? answer : (answer[0] ?? ''),
    // Rows of data are read from JSON, or from formats that say no more.
    columns: columns as Record<string, Json>,
    tokens,
  }
}

function scoreOf(outcome: SandboxOutcome): Score {
  if (outcome.kind === 'error') {
    const { class: kind, message, line, column } = outcome
    return {
      value: null,
      failure: { kind, message, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
    }
  }
  const { score, info } = outcome
  return { value: score, ...(info && { why: JSON.stringify(info).slice(0, MAX_INFO_CHARACTERS) }) }
}
