// golden.ts: completions with the scores that this reward gives them, to be replayed where the run is taken to
//
// They are what the run itself has written in its last steps, gold answers, and texts that are no answer. A system whose own
// way to the reward gives another score than this loses something on it: a special token, a column, the row.

import type { RunConfig } from '../../core/run/config'
import type { ChatMessage, Tokenizer } from '../../engine/tokenizer'
import { goldText } from '../../rewards/grader'
import type { Task, TaskPrompt } from '../../lab/tasks'
import { rowOf } from './rows'
import type { FinishedRun } from './run'
import type { RewardService } from './scoring'

/** A completion and its score. */
export interface GoldenPair {
  prompt: readonly ChatMessage[]
  /** In the chat template, up to where the assistant speaks. */
  promptTokens: readonly number[]
  label: string
  completion: string
  tokens: readonly number[]
  truncated: boolean
  /** null where the reward leaves it out. */
  score: number | null
}

/** The pairs, and how many of the run's own completions get the score that the run has recorded. */
export interface Golden {
  pairs: GoldenPair[]
  recorded: number
  equal: number
}

interface Candidate {
  prompt: TaskPrompt
  completion: string
  truncated: boolean
  /** What the run gave it; undefined for texts that it has not written. */
  recorded?: number | null
}

/** Steps of the run whose completions are replayed, and how many at most. */
const STEPS = 4
const COMPLETIONS = 48
/** Prompts that are answered with their gold answer and with no answer. */
const PROMPTS = 8
const NO_ANSWERS = ['', 'I cannot help with that.', '#### ']
/** Scores agree if they differ by less: float32 on the way is enough for that. */
const TOLERANCE = 1e-6

/**
 * Scores completions of a run's prompts, all together.
 *
 * @param knowsTokens the system says whether the budget cut a completion; else it is told from the text
 * @throws {RewardError}
 */
export async function goldenPairs(
  run: FinishedRun,
  task: Task,
  { service, tokenizer, knowsTokens }: { service: RewardService; tokenizer: Tokenizer; knowsTokens: boolean },
): Promise<Golden> {
  // Text that its tokens do not give back (a character cut in the middle) is another text after each turn.
  const isWhole = ({ completion }: Candidate) => service.completionOf(completion, '').completion === completion
  const candidates = [...written(run, task), ...made(run.config, task)].filter(isWhole)
  const asked = candidates.map(({ prompt, completion, truncated }) =>
    service.complete({ label: rowOf(prompt).label, completion, ...(knowsTokens && { truncated }) }),
  )
  const scores = await service.score(asked)
  const own = candidates.flatMap(({ recorded }, i) => (recorded === undefined ? [] : [[recorded, scores[i]]]))
  return {
    pairs: candidates.map(({ prompt: asTold }, i) => {
      const { prompt } = rowOf(asTold)
      return { prompt, promptTokens: tokenizer.encodeChat(prompt), ...asked[i], score: scores[i] }
    }),
    recorded: own.length,
    equal: own.filter(([a, b]) => isEqual(a, b)).length,
  }
}

function written({ config, steps }: FinishedRun, task: Task): Candidate[] {
  return steps
    .slice(-STEPS)
    .flatMap(({ step, groups }) => {
      const prompts = task.batch(config.rollout.prompts, config.seed, step)
      return groups.flatMap(({ prompt: text, completions }, i) =>
        // A journal of another version may have kept other groups.
        prompts[i]?.text === text
          ? completions.map(({ text: completion, truncated, reward }) => ({
              prompt: prompts[i],
              completion,
              truncated,
              recorded: reward,
            }))
          : [],
      )
    })
    .slice(-COMPLETIONS)
}

function made({ rollout, seed }: RunConfig, task: Task): Candidate[] {
  return task
    .batch(Math.max(rollout.prompts, PROMPTS), seed, 1)
    .slice(0, PROMPTS)
    .flatMap((prompt, i) => {
      const gold = goldText(prompt.answer)
      const texts = [
        ...(gold === '' ? [] : [gold, `#### ${gold}`, `The answer is \\boxed{${gold}}.`]),
        NO_ANSWERS[i % NO_ANSWERS.length],
      ]
      return texts.map((completion) => ({ prompt, completion, truncated: false }))
    })
}

function isEqual(a: number | null, b: number | null): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a))
}
