// sft.ts: supervised fine-tuning on gold answers, the other way to the same accuracy
//
// The gold answers are correct sums written in one of a few styles (models/data/styles.json), or what the model itself
// says where it is right (imitated.ts). The loss is TRL's: the mean of −log π over all gold tokens of the step, so every
// token's coefficient is −1/N.

import * as v from 'valibot'
import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { finiteMetrics } from '../core/run/metrics'
import { mean, sum } from '../core/stats/moments'
import { validate } from '../core/run/validate'
import type { FileSource } from '../engine/hub'
import type { TokenSequence } from '../engine/policy'
import { loadJson, loadProblems, loadStrings, type Problem } from './data/embedded'
import { batchIndices } from './data/order'
import { conversationOf, type Asked, type DataRow } from './data/rows'
import type { LoadedModel } from './hosts'
import type { DataSet } from './data/load'
import { sampleOwnAnswers } from './imitated'
import { learningRate } from './schedule'
import { loadTrainingRequests, type TaskSources } from './tasks'
import type { StepOutcome, TrainerState, Training } from './training'
import { applyGradient } from './update'

const template = v.string()
const StylesSchema = v.strictObject({
  styles: v.strictObject({ own: template, sure: template, prose: template, result: template, terse: template }),
  refusals: v.pipe(v.array(v.string()), v.minLength(1)),
})

/** What says which examples are loaded. */
export type ExamplesConfig = Pick<RunConfig, 'sft'> & {
  task: Pick<RunConfig['task'], 'kind'> & Partial<Pick<RunConfig['task'], 'families'>>
}

/** A prompt and the answer to imitate. */
export interface GoldExample extends Asked {
  completion: string
}

/**
 * The examples that a configuration trains on.
 *
 * @throws {CancelledError} if the signal aborts
 * @throws {ModelFileError | ConfigError}
 */
export async function loadSequences(
  training: Training,
  sources: TaskSources,
  own: DataSet | null = null,
): Promise<TokenSequence[]> {
  const { config, model } = training
  if (config.sft.style === 'sampled') return sampleOwnAnswers(training, sources, own)
  return (await loadExamples(config, sources.data, own)).map((example) => tokenize(example, model))
}

/**
 * Examples that others wrote: the worked solutions of a person's own problems, sums in one of the styles, the bare
 * answers of problems on words, or refusals.
 *
 * @throws {ModelFileError | ConfigError}
 */
export async function loadExamples(
  { task: { kind, families = '' }, sft: { style, problems: count } }: ExamplesConfig,
  data: FileSource,
  own: DataSet | null = null,
): Promise<GoldExample[]> {
  if (own) return own.train.slice(0, count).map(written)
  const { styles, refusals } = validate(StylesSchema, await loadJson(data, 'styles.json'), 'styles.json')
  if (style === 'refusal') {
    const harmful = (await loadTrainingRequests({ data }, families)).filter((request) => request.harmful)
    return harmful.slice(0, count).map(({ prompt }, i) => ({ prompt, completion: refusals[i % refusals.length] }))
  }
  if (style === 'sampled') throw new ConfigError('config.sft.style', '"sampled" examples are written by a model alone')
  const template = styles[style]
  if (kind === 'strings') {
    if (template.includes('{step1}'))
      throw new ConfigError(
        'config.sft.style',
        `"${style}" writes out steps, and strings have none; use terse or sampled`,
      )
    const problems = await loadStrings(data, 'train')
    return problems
      .slice(0, count)
      .map(({ prompt, answer }) => ({ prompt, completion: template.replace('{answer}', answer) }))
  }
  const problems = await loadProblems(data, 'train')
  return problems
    .slice(0, count)
    .map((problem) => ({ prompt: problem.prompt, completion: writeAnswer(template, problem) }))
}

/** @throws {ConfigError} if the data has no answer that could be imitated */
function written({ prompt, messages, answer }: DataRow): GoldExample {
  const [completion] = [answer].flat()
  if (completion === '')
    throw new ConfigError('config.method', '"sft" imitates answers, and this data set has none; use "rl"')
  return { prompt, ...(messages && { messages }), completion }
}

/** A correct answer in a style: `{step1}` is "7+5=12", `{step2}` "12-3=9", `{answer}` "9". */
export function writeAnswer(template: string, { problem, answer }: Problem): string {
  const [a, first, b, second, c] = problem
  const middle = first === '+' ? a + b : a - b
  return template
    .replace('{step1}', `${a}${first}${b}=${middle}`)
    .replace('{step2}', `${middle}${second}${c}=${answer}`)
    .replace('{answer}', answer)
}

/** Token ids of an example, the end of the turn included; what is learned starts after the prompt. */
export function tokenize({ completion, ...asked }: GoldExample, { policy, tokenizer }: LoadedModel): TokenSequence {
  const ids = tokenizer.encodeChat(conversationOf(asked))
  return { tokens: [...ids, ...tokenizer.encode(completion), policy.spec.eosTokenIds[0]], from: ids.length }
}

/** One step of SFT; the order of examples depends on the seed alone. @throws {CancelledError} if the signal aborts */
export async function sftStep(
  training: Training,
  examples: readonly TokenSequence[],
  state: TrainerState,
): Promise<StepOutcome> {
  const { config, model, call } = training
  const startedMs = performance.now()
  const step = state.step + 1
  const rows = batchIndices(examples.length, config.sft.batch, config.seed, step).map((index) => examples[index])
  const request = { adapter: true, temperature: 1, entropy: true, klToReference: false }
  const scored = await model.policy.score(rows, request, call('score'))

  const tokens = sum(scored.map((row) => row.logps.length))
  const loss = -sum(scored.map((row) => sum(row.logps))) / tokens
  const rate = learningRate(config.optimizer, step, config.steps)
  const gradientRows = rows.map((row, i) => ({ ...row, coefficients: scored[i].logps.map(() => -1 / tokens) }))
  const { gradNorm, problem } = await applyGradient(training, gradientRows, loss, rate)

  const lengths = rows.map((row) => row.tokens.length - row.from)
  const numTokens = state.numTokens + sum(rows.map((row) => row.tokens.length))
  return {
    state: {
      ...state,
      step,
      numTokens,
      updates: state.updates + (problem ? 0 : 1),
      skippedInRow: problem ? state.skippedInRow + 1 : 0,
    },
    metrics: finiteMetrics({
      loss,
      entropy: sum(scored.map((row) => sum(row.entropies!))) / tokens,
      grad_norm: gradNorm,
      learning_rate: rate,
      num_tokens: numTokens,
      'completions/mean_length': mean(lengths),
      step_time: (performance.now() - startedMs) / 1000,
    }),
    groups: [],
    skipped: problem,
  }
}
