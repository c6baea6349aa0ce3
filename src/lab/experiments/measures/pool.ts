// pool.ts: many answers of the untrained model to a few prompts, with rewards and harm, to be weighted anew
//
// Whatever a trained policy (shift.ts) or a tilt (core/theory) makes of a prompt is a weight on the same answers, so one
// pool serves every arm, every β and every reward.

import { hasGold, gradeItem, type GradeItem, type Scorer } from '../../../rewards/grader'
import type { RunConfig } from '../../../core/run/config'
import { sum } from '../../../core/stats/moments'
import type { CallOptions, ScoreRequest, TokenSequence } from '../../../engine/policy'
import { answer } from '../../answers'
import type { LoadedModel } from '../../hosts'
import { parts } from '../../progress'
import { openRunReward } from '../../reward'
import type { TaskProblem } from '../../tasks'
import type { Measure, MeasureContext, Setting } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { drawing, loadProblemSet } from './problems'
import { loadRequestSets, type RequestSource } from './prompt-sets'

/** Held-out problems of a task, or harmful requests. */
export type PoolPrompts =
  | { kind: 'problems'; task: RunConfig['task']['kind']; data: RunConfig['data'] | null }
  | { kind: 'requests'; sets: RequestSource }

/** What a setting trains on and evaluates, and what harmful requests it asks. */
export const PROMPTS = {
  problems: ({ own }: Setting): PoolPrompts =>
    own ? { kind: 'problems', task: 'data', data: own.data } : { kind: 'problems', task: 'arithmetic', data: null },
  requests: ({ own }: Setting): PoolPrompts => ({ kind: 'requests', sets: own ? own.requests : 'embedded' }),
} as const

export interface PoolSettings {
  prompts: PoolPrompts
  count: number
  /** Answers to each. */
  samples: number
  maxNewTokens: number
  /** Rewards by name: formulas over reward functions (docs/rewards.md). */
  rewards: Readonly<Record<string, string>>
  /** Harm 0–4: a formula as well. */
  scorer: string
}

/** Answers of the untrained model, item by item. */
export interface PoolResult {
  prompts: { prompt: string; family: string }[]
  /** Tokens of each prompt, chat template applied. */
  promptTokens: number[][]
  /** Tokens of each answer, [prompt][sample]. */
  tokens: number[][][]
  texts: string[][]
  /** log π_ref of each answer at temperature 1, nats, [prompt][sample]. */
  logps: number[][]
  /** By reward: [prompt][sample]; null where there is none. */
  rewards: Record<string, (number | null)[][]>
  /** [prompt][sample] */
  harm: (number | null)[][]
}

/** A pool of the untrained model. Always drawn from the reference, so that arms read that of their base. */
export function pool(settings: PoolSettings): Measure<PoolResult> {
  const { count, samples, maxNewTokens, rewards, scorer } = settings
  const rows = count * samples
  return {
    name: 'pool',
    settings: { ...settings },
    cost: { prompts: count, maxNewTokens, drawn: rows, scored: rows },
    async take(context) {
      const { asked, accuracy } = await loadPrompts(settings, context)
      const part = parts(context.options, 2)
      const config = drawing(context.config, maxNewTokens)
      // Problems and requests share the key and no prompt number.
      const firstPrompt = settings.prompts.kind === 'requests' ? FIRST_REQUEST : 0
      const draw = { ...MEASURE_DRAWS.pool, samples, reference: true as const, firstPrompt }
      const drawn = await answer(context.model, config, asked, draw, part())
      const logps = await sequenceLogps(context.model, drawn, { adapter: false }, part())
      const grouped = <T>(values: readonly T[]) => asked.map((_, i) => values.slice(i * samples, (i + 1) * samples))
      const items = drawn.map(({ text, tokens, from }, i) => {
        const prompt = Math.floor(i / samples)
        return gradeItem({
          ...asked[prompt],
          completion: text,
          tokens: tokens.slice(from),
          truncated: tokens.length - from >= maxNewTokens,
          maxNewTokens,
          drawn: { seed: config.seed, step: draw.key, prompt: firstPrompt + prompt, sample: i % samples },
        })
      })
      const graded: PoolResult['rewards'] = {}
      for (const [name, formula] of Object.entries(rewards))
        graded[name] = grouped(await grade(formula, items, accuracy, context))
      return {
        prompts: asked.map(({ prompt, family }) => ({ prompt, family })),
        promptTokens: asked.map((_, i) => drawn[i * samples].tokens.slice(0, drawn[i * samples].from)),
        tokens: grouped(items.map(({ tokens }) => [...tokens])),
        texts: grouped(drawn.map(({ text }) => text)),
        logps: grouped(logps),
        rewards: graded,
        harm: grouped(await grade(scorer, items, accuracy, context)),
      }
    },
  }
}

const FIRST_REQUEST = 0x1000_0000

/** A prompt as the model is asked it, and as rewards see it. */
export interface PoolPrompt extends Pick<GradeItem, 'prompt' | 'answer' | 'harmful' | 'columns'> {
  messages?: TaskProblem['messages']
  family: string
}

/** The prompts of a pool, and what compares their answers with the gold. @throws {ConfigError | DataFileError | ModelFileError} */
export async function loadPrompts(
  { prompts, count, maxNewTokens }: Pick<PoolSettings, 'prompts' | 'count' | 'maxNewTokens'>,
  context: Pick<MeasureContext, 'config' | 'hosts' | 'model'>,
): Promise<{ asked: PoolPrompt[]; accuracy: Scorer | null }> {
  if (prompts.kind === 'requests') {
    const { harmful } = await loadRequestSets({ sets: prompts.sets, count }, context)
    return { asked: harmful.map((request) => ({ ...request, answer: '', harmful: true })), accuracy: null }
  }
  const { problems, reward } = await loadProblemSet({ ...prompts, count, maxNewTokens }, context)
  const asked = problems.map((problem: TaskProblem) => ({
    ...problem,
    harmful: problem.harmful ?? false,
    columns: problem.columns ?? {},
    family: prompts.task,
  }))
  const accuracy: Scorer = (items) =>
    Promise.resolve(
      items.map(({ completion, answer }) => ({ value: hasGold(answer) ? reward(completion, answer) : null })),
    )
  return { asked, accuracy }
}

/**
 * The values of a formula for these answers; null where there is none.
 *
 * @throws {ConfigError | ModelFileError} if the formula is wrong or lacks what it needs
 */
export async function grade(
  formula: string,
  items: readonly GradeItem[],
  accuracy: Scorer | null,
  { config, hosts, options }: Pick<MeasureContext, 'config' | 'hosts' | 'options'>,
): Promise<(number | null)[]> {
  const reward = await openRunReward(
    {
      ...config,
      // Every arm is judged alike, whatever it was trained with.
      task: { ...config.task, harmScorer: 'rule' },
      reward: { expression: formula, program: '', onFailure: 'mask' },
    },
    { accuracy, reward: '' },
    hosts,
  )
  try {
    const { rewards } = await reward.grade(items, options)
    return Array.from(rewards, (value) => (Number.isFinite(value) ? value : null))
  } finally {
    reward.dispose()
  }
}

/** log π of whole answers, nats. Answers that occur more than once are scored once. */
export async function sequenceLogps(
  { policy }: LoadedModel,
  sequences: readonly TokenSequence[],
  { adapter, temperature = 1 }: { adapter: boolean; temperature?: number },
  options: CallOptions,
): Promise<number[]> {
  const keys = sequences.map(({ tokens }) => tokens.join(' '))
  const distinct = new Map(keys.map((key, i) => [key, sequences[i]]))
  const request: ScoreRequest = { adapter, temperature, entropy: false, klToReference: false }
  const scored = await policy.score([...distinct.values()], request, options)
  const logps = new Map([...distinct.keys()].map((key, i) => [key, sum(scored[i].logps)]))
  return keys.map((key) => logps.get(key)!)
}
