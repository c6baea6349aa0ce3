// functions.ts: every reward function that a formula can name
//
// One row a function: what it means, what it can be told, and how it is opened. The help of the terminal, the page's
// list and docs/rewards.md are drawn from this table.

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import type { ProgramManifest } from '../core/run/events'
import { EXPRESSION_FIELD } from './expression'
import type { GradeItem, Score, Scorer, ScoreOptions } from './grader'
import type { HarmRule } from './harm'
import { HARM_QUESTION, judgeReward, type AnswerModel } from './judge'
import { loadClassifier, type ClassifierOptions } from './models'
import { chance, correlate, flip, type Values } from './noise'
import { soundsLikeRefusal } from './refusal'
import { harmReward, ruleScorer, safetyReward, type HarmScorer } from './safety'
import { loadLearnedScorer } from './scorer'

/** Something that a function can be told. */
export interface Parameter {
  name: string
  /** A number, a text in quotes, or a formula. */
  kind: 'number' | 'text' | 'reward'
  description: string
  /** What it is where nothing is said; a parameter without it must be given. */
  default?: number | string
  /** Bounds of a number. */
  minimum?: number
  maximum?: number
  /** The only texts that are accepted. */
  choices?: readonly string[]
}

/** What a function was told, defaults filled in. Formulas are not here: their values come with each call. */
export interface Settings {
  number(name: string): number
  text(name: string): string
  /** Which of the calls of its formula this is: uses of chance keep apart by it. */
  index: number
}

/** A function that is ready to score. */
export interface OpenFunction {
  /** @param inputs the values of the formulas it was given, by parameter; entry i belongs to item i */
  score(items: readonly GradeItem[], inputs: Readonly<Record<string, Values>>, options: ScoreOptions): Promise<Score[]>
  /** What it runs, where that is a program. */
  program?: ProgramManifest
  dispose?(): void
}

/** A row of the table. */
export interface RewardFunction {
  name: string
  /** What it gives, with its range. */
  description: string
  parameters: readonly Parameter[]
  open(settings: Settings, sources: RewardSources): OpenFunction | Promise<OpenFunction>
}

/** What rewards are given by the run they are part of. */
export interface RewardSources {
  /** The data set's own grader; null where its prompts have no gold answers. */
  accuracy: Scorer | null
  /** What scores harm where a formula does not say. */
  harmScorer: 'rule' | 'learned'
  harmRule(): Promise<HarmRule>
  /** Folder (Node) or URL (browser) of the models that come with tiltlab. */
  modelsPath?: string
  /** The person's program; null if there is none. */
  program: (() => Promise<OpenFunction>) | null
  openJudge(model: string, dtype: RunConfig['model']['dtype']): Promise<AnswerModel>
}

const x: Parameter = { name: 'x', kind: 'reward', description: 'The reward that is changed' }
const scorer: Parameter = {
  name: 'scorer',
  kind: 'text',
  description: 'rule (words), learned (a classifier), or as task.harmScorer says',
  default: 'task',
  choices: ['task', 'rule', 'learned'],
}
const model = (description: string): Parameter => ({ name: 'model', kind: 'text', description })
const dtype = (choices: readonly string[]): Parameter => ({
  name: 'dtype',
  kind: 'text',
  description: 'Which of its ONNX files is read',
  default: 'q8',
  choices,
})
const share = (name: string, description: string): Parameter => ({
  name,
  kind: 'number',
  description,
  default: 0,
  minimum: 0,
  maximum: 1,
})

/** Every reward function, those that are used most first. */
export const rewardFunctions: readonly RewardFunction[] = [
  {
    name: 'accuracy',
    description: '1 if the answer is right by the data set’s own grader, else 0',
    parameters: [],
    open: (_, { accuracy }) => {
      if (accuracy) return plain(accuracy)
      throw new ConfigError(EXPRESSION_FIELD, 'accuracy needs a task with gold answers; this one has none')
    },
  },
  {
    name: 'user',
    description: 'What the program of reward.program gives',
    parameters: [],
    open: (_, { program }) => {
      if (program) return program()
      throw new ConfigError(EXPRESSION_FIELD, 'user needs a program: --reward.program FILE')
    },
  },
  {
    name: 'harm',
    description: 'How harmful the answer is, from 0 (harmless) to 4',
    parameters: [scorer],
    open: async (settings, sources) => plain(harmReward(await openHarm(settings, sources))),
  },
  {
    name: 'safety',
    description: '1 − harm/4 for harmful requests; for harmless ones 1 if the answer helps, else 0',
    parameters: [scorer],
    open: async (settings, sources) => plain(safetyReward(await openHarm(settings, sources), await sources.harmRule())),
  },
  {
    name: 'refusal',
    description: '1 if the answer opens with words of refusal, else 0',
    parameters: [],
    open: () =>
      each(({ completion }) => {
        const refused = soundsLikeRefusal(completion)
        return { value: refused ? 1 : 0, why: refused ? 'refuses' : 'does not refuse' }
      }),
  },
  {
    name: 'classifier',
    description: 'What a sequence-classification model says: its only output, or the probability of a label',
    parameters: [
      model('embedded:harm-scorer, a Hub id with ONNX files, or a folder (a path that starts with . or /)'),
      { name: 'label', kind: 'text', description: 'The label whose probability counts', default: '' },
      {
        name: 'reads',
        kind: 'text',
        description: 'What the model reads: request and answer, or the answer alone',
        default: 'conversation',
        choices: ['conversation', 'completion'],
      },
      dtype(['q4', 'q8', 'fp16', 'fp32']),
    ],
    open: async (settings, { modelsPath }) => {
      const options = {
        model: settings.text('model'),
        label: settings.text('label'),
        reads: settings.text('reads') as ClassifierOptions['reads'],
        dtype: settings.text('dtype') as ClassifierOptions['dtype'],
      }
      const classify = await loadClassifier(options, modelsPath)
      return plain(async (items, given) =>
        (await classify(items, given)).map((value) => ({ value, why: value.toFixed(2) })),
      )
    },
  },
  {
    name: 'judge',
    description: 'How likely a language model is to answer yes, against no, to a question about the answer: 0 to 1',
    parameters: [
      model('A model that this engine runs: embedded:guess, a Hub id, or a folder'),
      { name: 'question', kind: 'text', description: 'A yes/no question about the reply', default: HARM_QUESTION },
      dtype(['q4', 'q4f16', 'q8', 'fp16', 'fp32']),
    ],
    open: async (settings, { openJudge }) => {
      const judge = await openJudge(settings.text('model'), settings.text('dtype') as RunConfig['model']['dtype'])
      return { ...plain(judgeReward(judge, settings.text('question'))), dispose: () => judge.dispose() }
    },
  },
  {
    name: 'noisy',
    description: 'x, turned into 1 − x now and then: a judge that errs; x must lie in 0…1',
    parameters: [
      x,
      share('falsePositive', 'How often an x below ½ is turned around'),
      share('falseNegative', 'How often another x is'),
    ],
    open: (settings) => {
      const rates = {
        falsePositive: settings.number('falsePositive'),
        falseNegative: settings.number('falseNegative'),
      }
      return {
        score: (items, inputs) =>
          Promise.resolve(items.map((item, i) => noisy(inputs.x[i], chance(item.drawn, settings.index), rates))),
      }
    },
  },
  {
    name: 'correlated',
    description: 'x, made to correlate with another reward over the rollout; mean and deviation stay those of x',
    parameters: [
      x,
      { name: 'with', kind: 'reward', description: 'The reward it is to correlate with' },
      { name: 'rho', kind: 'number', description: 'The correlation', minimum: -1, maximum: 1 },
    ],
    open: (settings) => ({
      score: (_, inputs) =>
        Promise.resolve(
          correlate(inputs.x, inputs.with, settings.number('rho')).map((value) => ({
            value,
            why: value === null ? 'nothing to correlate' : value.toFixed(2),
          })),
        ),
    }),
  },
]

/** The function of this name; undefined if there is none. */
export function findRewardFunction(name: string): RewardFunction | undefined {
  return rewardFunctions.find((each) => each.name === name)
}

async function openHarm(settings: Settings, { harmScorer, harmRule, modelsPath }: RewardSources): Promise<HarmScorer> {
  const chosen = settings.text('scorer')
  if ((chosen === 'task' ? harmScorer : chosen) === 'rule') return ruleScorer(await harmRule())
  if (modelsPath !== undefined) return loadLearnedScorer(modelsPath)
  throw new ConfigError('config.task.harmScorer', 'there is no learned scorer here; use "rule"')
}

function noisy(value: number | null, drawn: number, rates: Parameters<typeof flip>[2]): Score {
  if (value !== null && (value < 0 || value > 1)) {
    const message = `noisy needs a reward from 0 to 1, got ${value}; scale or clamp it first`
    return { value: null, failure: { kind: 'not-a-score', message } }
  }
  const result = flip(value, drawn, rates)
  return { value: result, why: result === value ? 'as it is' : 'turned around' }
}

/** A function that takes no formulas. */
function plain(score: Scorer): OpenFunction {
  return { score: (items, _, options) => score(items, options) }
}

/** A function of one completion at a time. */
function each(score: (item: GradeItem) => Score): OpenFunction {
  return { score: (items) => Promise.resolve(items.map(score)) }
}
