// reward.ts: the reward that a configuration asks for, opened with what the host has

import type { RunConfig } from '../core/run/config'
import type { OpenFunction } from '../rewards/function'
import { openReward, type Reward } from '../rewards/reward'
import { ConfigError } from '../core/errors'
import { openProgram } from '../rewards/program'
import type { Hosts } from './hosts'
import { openJudge } from './judge'
import { loadHarmRule, type Task } from './tasks'

/** What opening a reward needs of a host. */
export type RewardHosts = Pick<Hosts, 'loadModel' | 'data' | 'modelsPath' | 'startSandbox'>

/**
 * Opens a run's reward. The caller disposes of it.
 *
 * @throws {ConfigError | ModelFileError | RewardSourceError}
 */
export function openRunReward(
  config: RunConfig,
  task: Pick<Task, 'accuracy' | 'reward'>,
  hosts: RewardHosts,
): Promise<Reward> {
  const { expression, program, onFailure } = config.reward
  return openReward(expression || (program ? 'user' : task.reward), onFailure, {
    accuracy: task.accuracy,
    harmScorer: config.task.harmScorer,
    harmRule: () => loadHarmRule(hosts),
    program: program === '' ? null : () => openOwnProgram(program, config.seed, hosts),
    openJudge: (model, dtype) => openJudge(model, dtype, config, hosts),
    ...(hosts.modelsPath !== undefined && { modelsPath: hosts.modelsPath }),
  })
}

function openOwnProgram(source: string, seed: number, { startSandbox }: RewardHosts): Promise<OpenFunction> {
  if (startSandbox) return openProgram(source, seed, startSandbox)
  throw new ConfigError('config.reward.program', 'cannot be run here: there is no sandbox')
}
