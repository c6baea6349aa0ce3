// measure.ts: how often a model solves each prompt of a data set
//
// The model answers as it would in training: the temperature and the token budget of rollouts, the instruction of the
// configuration. Draws have random keys of their own, so a measurement that goes on later is the same.

import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { CallOptions } from '../../engine/policy'
import type { Compare } from '../../rewards/graders'
import { answer, DRAWS } from '../answers'
import type { LoadedModel } from '../hosts'
import type { PassRate } from './pass-rates'
import type { DataRow } from './rows'

/** What a measurement is made with. */
export interface Measurement {
  model: LoadedModel
  config: RunConfig
  compare: Compare
  /** Completions per prompt. */
  samples: number
}

/**
 * Samples completions of every prompt and grades them, `rollout.prompts` prompts at a time.
 *
 * @param known prompts that were measured before, by name; they are passed over
 * @throws {ConfigError} if the prompts have no gold answers @throws {CancelledError} if the signal aborts
 */
export async function* measurePassRates(
  rows: readonly DataRow[],
  known: ReadonlyMap<string, number>,
  { model, config, compare, samples }: Measurement,
  options: CallOptions = {},
): AsyncGenerator<PassRate> {
  if (rows.some((row) => row.answer === ''))
    throw new ConfigError('config.data.source', 'has prompts without a gold answer: there is nothing to measure')
  const budget = { ...config, evaluation: { ...config.evaluation, maxNewTokens: config.rollout.maxNewTokens } }
  for (let start = 0; start < rows.length; start += config.rollout.prompts) {
    const batch = rows.slice(start, start + config.rollout.prompts)
    // A batch that is known in part is measured again as a whole: a prompt's draws depend on its place alone.
    if (batch.every(({ name }) => known.has(name))) continue
    const draw = { ...DRAWS.passRate, samples, firstPrompt: start }
    const answers = await answer(model, budget, batch, draw, options)
    for (const [i, row] of batch.entries()) {
      const own = answers.slice(i * samples, (i + 1) * samples)
      const right = own.filter(({ text }) => compare(text, row.answer).correct).length
      yield { prompt: row.name, passRate: right / samples, samples }
    }
  }
}
