// own-data.ts: a person's own data, as the task `data` trains on it

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import type { ModelSpec } from '../engine/policy'
import { loadDataSet, type DataSet } from './data/load'
import type { Hosts, LoadedModel } from './hosts'

/**
 * Loads the data set that the configuration names; null if its task needs none.
 *
 * @throws {ConfigError | DataFileError} naming the field, or the file and the line
 */
export async function loadOwnData(
  config: RunConfig,
  { files }: Pick<Hosts, 'files'>,
  { policy, tokenizer }: LoadedModel,
): Promise<DataSet | null> {
  if (config.task.kind !== 'data') return null
  if (config.data.source === '')
    throw new ConfigError('config.data.source', 'the task "data" needs a data set: --data FILE.jsonl')
  const length = (messages: Parameters<typeof tokenizer.encodeChat>[0]) => tokenizer.encodeChat(messages).length
  const set = await loadDataSet(config.data, { length, ...(files && { files }) })
  if (set.train.length + set.held.length < 2) {
    const problem = `only ${set.train.length + set.held.length} of ${set.report.rows} prompts of ${config.data.source} are no longer than ${config.data.maxPromptTokens} tokens`
    throw new ConfigError('config.data.maxPromptTokens', problem)
  }
  checkPositions(config, policy.spec, set.longestPrompt)
  return set
}

function checkPositions({ rollout, evaluation }: RunConfig, { maxPositions }: ModelSpec, longestPrompt: number): void {
  const left = maxPositions - longestPrompt
  const field = rollout.maxNewTokens > left ? 'rollout' : evaluation.maxNewTokens > left ? 'evaluation' : undefined
  if (field === undefined) return
  const problem = `expected at most ${left}, what the model’s ${maxPositions} positions leave after the longest prompt (${longestPrompt} tokens)`
  throw new ConfigError(`config.${field}.maxNewTokens`, problem)
}
