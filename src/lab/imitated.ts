// imitated.ts: a model's own right answers, to be imitated by itself: rejection sampling
//
// What is imitated is in the model's own words, so fine-tuning on it moves the policy the least that imitation can
// (RFT: Yuan et al. 2023, arXiv 2308.01825; expert iteration has the same first round).

import { ConfigError } from '../core/errors'
import type { TokenSequence } from '../engine/policy'
import { answer, DRAWS } from './answers'
import type { DataSet } from './data/load'
import { parts } from './progress'
import { loadCompare, loadTaskProblems, type TaskProblem, type TaskSources } from './tasks'
import type { Training } from './training'

/** Answers that are drawn at most for a problem. */
const ROUNDS = 8

/**
 * The first right answer that the untrained model gives to each of the first `sft.problems` training problems, in as many
 * as eight attempts, in the order of the problems. It has to end by itself. Every draw has a key of its own, which
 * neither training nor an evaluation uses, so a run that goes on draws the same ones again.
 *
 * @throws {ConfigError} if nothing compares answers with the gold, or no answer is right
 * @throws {CancelledError} if the signal aborts
 */
export async function sampleOwnAnswers(
  { config, model, call }: Training,
  sources: TaskSources,
  own: DataSet | null,
): Promise<TokenSequence[]> {
  const compare = await loadCompare(config.task.kind, own)
  if (!compare)
    throw new ConfigError('config.sft.style', '"sampled" keeps right answers, and this data set has no gold')
  const problems = (await loadTaskProblems(config.task.kind, 'train', sources, own)).slice(0, config.sft.problems)
  const drawing = { ...config, evaluation: { ...config.evaluation, maxNewTokens: config.rollout.maxNewTokens } }
  const part = parts(call('rollout'), ROUNDS)

  const kept = new Map<TaskProblem, TokenSequence>()
  for (let round = 0; round < ROUNDS; round++) {
    const open = problems.filter((problem) => !kept.has(problem))
    const draw = { ...DRAWS.imitated, firstPrompt: round * problems.length }
    if (open.length === 0) break
    const answers = await answer(model, drawing, open, draw, part())
    answers.forEach(({ tokens, from, text }, i) => {
      const hasEnded = model.policy.spec.eosTokenIds.includes(tokens.at(-1)!)
      if (hasEnded && compare(text, open[i].answer).correct) kept.set(open[i], { tokens, from })
    })
  }
  if (kept.size === 0) {
    const problem = `the model solves none of ${problems.length} problems in ${ROUNDS} attempts; choose another style`
    throw new ConfigError('config.sft.style', problem)
  }
  return problems.flatMap((problem) => kept.get(problem) ?? [])
}
