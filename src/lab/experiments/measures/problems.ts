// problems.ts: what share of held-out problems a policy answers correctly

import type { RunConfig } from '../../../core/run/config'
import type { Gold } from '../../../rewards/grader'
import { answer, sequenceKl, type Answer } from '../../answers'
import { loadEvaluationSet, type EvaluationSet } from '../../held-out'
import { loadOwnData } from '../../own-data'
import { parts } from '../../progress'
import { loadCompare } from '../../tasks'
import type { Measure, MeasureContext } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { reword } from './styles'

export interface ProblemsSettings {
  /** Which problems: `task.kind` and, for data of a person's own, `data`. */
  task: RunConfig['task']['kind']
  data: RunConfig['data'] | null
  count: number
  /** Answers per problem at temperature 1, beside the greedy one. */
  samples: number
  maxNewTokens: number
  /** Asks each problem in other words; '' asks it as it is (styles.ts). */
  style?: string
}

/** Item by item, in the order of the held-out problems. */
export interface ProblemsResult {
  prompts: string[]
  /** [problem][sample] */
  right: boolean[][]
  greedy: boolean[]
  /** Tokens, [problem][sample]. */
  lengths: number[][]
  /** Sequence KL(π‖π_ref) along the first sample of each, nats; exact over the vocabulary. */
  kl: number[]
  /** [problem][sample] */
  answers: string[][]
  /** What each of them says is the answer, as the grader reads it, [problem][sample]; null where it says none. */
  said: (string | null)[][]
}

/** Accuracy at temperature 1 and greedy, lengths and the KL on the task. */
export function problems(settings: ProblemsSettings): Measure<ProblemsResult> {
  const { count, samples, maxNewTokens } = settings
  return {
    name: 'problems',
    settings: { ...settings },
    cost: { prompts: count, maxNewTokens, drawn: count * (samples + 1), scored: 2 * count },
    async take(context) {
      const set = await loadProblemSet(settings, context)
      const part = parts(context.options, 3)
      const config = drawing(context.config, maxNewTokens)
      const draw = { ...MEASURE_DRAWS.problems, samples }
      const sampled = await answer(context.model, config, set.problems, draw, part())
      const greedy = await answer(context.model, config, set.problems, MEASURE_DRAWS.greedy, part())
      const firsts = sampled.filter((_, i) => i % samples === 0)
      const grouped = set.problems.map((_, i) => sampled.slice(i * samples, (i + 1) * samples))
      const isRight = (i: number) => (given: Answer) => set.reward(given.text, set.problems[i].answer) === 1
      return {
        prompts: set.problems.map(({ prompt }) => prompt),
        right: grouped.map((answers, i) => answers.map(isRight(i))),
        greedy: greedy.map((given, i) => isRight(i)(given)),
        lengths: grouped.map((answers) => answers.map(({ tokens, from }) => tokens.length - from)),
        kl: await sequenceKl(context.model, config, firsts, part()),
        answers: grouped.map((answers) => answers.map(({ text }) => text)),
        said: grouped.map((answers, i) => answers.map(({ text }) => set.read(text, set.problems[i].answer))),
      }
    },
  }
}

/** Held-out problems with their grader. */
export interface ProblemSet extends Pick<EvaluationSet, 'problems' | 'reward'> {
  /** What a completion says is the answer; null if it says none, or nothing is graded. */
  read(completion: string, answer: Gold): string | null
}

/** The held-out problems that a measure asks for. @throws {ConfigError | DataFileError | ModelFileError} */
export async function loadProblemSet(
  { task, data, count, maxNewTokens, style = '' }: Omit<ProblemsSettings, 'samples'>,
  { config, hosts, model }: Pick<MeasureContext, 'config' | 'hosts' | 'model'>,
): Promise<ProblemSet> {
  const asked = {
    ...drawing(config, maxNewTokens),
    task: { ...config.task, kind: task },
    data: data ?? config.data,
    evaluation: { ...config.evaluation, problems: count, maxNewTokens },
  }
  const own = await loadOwnData(asked, hosts, model)
  const { problems: found, reward } = await loadEvaluationSet(asked, hosts, own)
  const compare = await loadCompare(task, own)
  return {
    problems: style === '' ? found : found.map((problem) => reword(problem, style)),
    reward,
    read: (completion, gold) => compare?.(completion, gold).extracted ?? null,
  }
}

/** The cell's configuration, with what measures fix for every arm: temperature 1 and the token budget. */
export function drawing(config: RunConfig, maxNewTokens: number): RunConfig {
  return {
    ...config,
    rollout: { ...config.rollout, temperature: 1 },
    evaluation: { ...config.evaluation, maxNewTokens },
  }
}
