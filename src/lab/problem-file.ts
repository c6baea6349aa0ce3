// problem-file.ts: a person's own problems, as the task `data` trains on them
//
// The file is JSON lines of problems with gold answers. A few rows, the same for every seed, are held out for
// evaluations; rows whose prompt is too long are left out of both, and counted.

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import type { ModelSpec } from '../engine/policy'
import { loadRows, type DataRow } from './data/rows'
import type { Hosts, LoadedModel } from './hosts'

/** The problems of a file, prompts with the instruction added. */
export interface ProblemFile {
  train: DataRow[]
  held: DataRow[]
  /** Rows that were too long. */
  leftOut: number
  /** Tokens of the longest prompt that is left, chat template included. */
  longestPrompt: number
}

/**
 * Reads the file that the configuration names; null if its task needs none.
 *
 * @throws {ConfigError | ModelFileError} naming the field, or the file and the line
 */
export async function loadProblemFile(
  config: RunConfig,
  { files }: Pick<Hosts, 'files'>,
  { policy, tokenizer }: LoadedModel,
): Promise<ProblemFile | null> {
  const { source: data, instruction, maxPromptTokens } = config.data
  if (config.task.kind !== 'data') return null
  if (data === '' || !files)
    throw new ConfigError('config.data.source', 'the task "data" needs a file: --data FILE.jsonl')
  const rows = await loadRows(files, data)
  const problems = rows.map(({ prompt, answer }) => ({
    prompt: instruction === '' ? prompt : `${prompt}\n\n${instruction}`,
    answer,
  }))
  const lengths = problems.map(({ prompt }) => tokenizer.encodeChat([{ role: 'user', content: prompt }]).length)
  const kept = problems.filter((_, i) => lengths[i] <= maxPromptTokens)
  if (kept.length < 2) {
    const problem = `only ${kept.length} of ${rows.length} problems of ${data} are no longer than ${maxPromptTokens} tokens`
    throw new ConfigError('config.data.maxPromptTokens', problem)
  }
  const longestPrompt = lengths.reduce((most, length) => (length <= maxPromptTokens ? Math.max(most, length) : most), 0)
  checkPositions(config, policy.spec, longestPrompt)
  return { ...holdOut(kept, config.evaluation.problems), leftOut: rows.length - kept.length, longestPrompt }
}

function checkPositions({ rollout, evaluation }: RunConfig, { maxPositions }: ModelSpec, longestPrompt: number): void {
  const left = maxPositions - longestPrompt
  const field = rollout.maxNewTokens > left ? 'rollout' : evaluation.maxNewTokens > left ? 'evaluation' : undefined
  if (field === undefined) return
  const problem = `expected at most ${left}, what the model’s ${maxPositions} positions leave after the longest prompt (${longestPrompt} tokens)`
  throw new ConfigError(`config.${field}.maxNewTokens`, problem)
}

/** Keeps `count` rows, spread evenly over the file, out of training; all of them if there are no more. */
export function holdOut<T>(rows: readonly T[], count: number): { held: T[]; train: T[] } {
  const taken = Math.min(count, rows.length)
  const chosen = new Set(Array.from({ length: taken }, (_, i) => Math.floor(((i + 0.5) * rows.length) / taken)))
  return { held: rows.filter((_, i) => chosen.has(i)), train: rows.filter((_, i) => !chosen.has(i)) }
}
