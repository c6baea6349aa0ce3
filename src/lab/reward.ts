// reward.ts: the reward that a configuration asks for, opened with what the host has

import type { RunConfig } from '../core/run/config'
import { openReward, type Reward } from '../rewards/reward'
import type { Hosts } from './hosts'
import { openJudge } from './judge'
import { loadHarmRule, type Task } from './tasks'

/**
 * Opens a run's reward. The caller disposes of it.
 *
 * @throws {ConfigError | ModelFileError | RewardSourceError}
 */
export function openRunReward(config: RunConfig, task: Task, hosts: Hosts): Promise<Reward> {
  const { expression, program, onFailure } = config.reward
  return openReward(expression || (program ? 'user' : task.reward), onFailure, {
    accuracy: task.accuracy,
    harmScorer: config.task.harmScorer,
    harmRule: () => loadHarmRule(hosts),
    program: null,
    openJudge: (model) => openJudge(model, config, hosts),
    ...(hosts.modelsPath !== undefined && { modelsPath: hosts.modelsPath }),
  })
}
