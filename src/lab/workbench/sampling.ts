// sampling.ts: what the model itself answers to the prompts

import type { RunConfig } from '../../core/run/config'
import type { CallOptions } from '../../engine/policy'
import type { Hosts } from '../hosts'
import { gradeItems, sampleRollout } from '../rollout'
import type { Draft } from './drafts'
import type { TriedPrompt } from './prompts'

export interface SamplingOptions extends CallOptions {
  onNotice(message: string): void
}

/**
 * Samples completions of every prompt as the first step of a run would, then lets the model go.
 *
 * @throws {ModelFileError | CancelledError}
 */
export async function sampleDrafts(
  requested: RunConfig,
  prompts: readonly TriedPrompt[],
  samples: number,
  hosts: Pick<Hosts, 'loadModel'>,
  options: SamplingOptions,
): Promise<Draft[]> {
  const config = { ...requested, rollout: { ...requested.rollout, groupSize: samples } }
  const model = await hosts.loadModel(config, options)
  try {
    const rollout = await sampleRollout({ config, model, call: () => options }, [...prompts], 1)
    const items = gradeItems(config, rollout, 1)
    return prompts.map((_, row) => ({
      suite: 'model',
      variant: '',
      row,
      items: items.slice(row * samples, (row + 1) * samples),
    }))
  } finally {
    model.policy.dispose()
  }
}
