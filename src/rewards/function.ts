// function.ts: what a reward function is, before and after it is opened

import type { ProgramManifest } from '../core/run/events'
import type { RunConfig } from '../core/run/config'
import type { GradeItem, Score, Scorer, ScoreOptions } from './grader'
import type { HarmRule } from './harm'
import type { AnswerModel } from './judge'
import type { Values } from './noise'

/** Something that a function can be told. */
export interface Parameter {
  name: string
  /** A number, a text in quotes, or a formula. */
  kind: 'number' | 'text' | 'reward'
  description: string
  /** What it is where nothing is said; a parameter without it must be given, unless it is optional. */
  default?: number | string
  /** Where nothing is said the function finds a value by itself, as its description says. */
  optional?: true
  /** Bounds of a number, and whether it must be a whole one. */
  minimum?: number
  maximum?: number
  whole?: true
  /** The only texts that are accepted. */
  choices?: readonly string[]
}

/** What a function was told, defaults filled in. Formulas are not here: their values come with each call. */
export interface Settings {
  number(name: string): number
  text(name: string): string
  /** An optional number; undefined where nothing was said. */
  optional(name: string): number | undefined
  /** Which of the calls of its formula this is: uses of chance keep apart by it. */
  index: number
}

/** A function that is ready to score. */
export interface OpenFunction {
  /** @param inputs the values of the formulas it was given, by parameter; entry i belongs to item i */
  score(items: readonly GradeItem[], inputs: Readonly<Record<string, Values>>, options: ScoreOptions): Promise<Score[]>
  /** What it runs, where that is a program. */
  program?: ProgramManifest
  /** What its scores depend on beside tiltlab's version, for the record: hashes of rules, names and hashes of models. */
  revision?: string
  /** A score depends on the other completions that it is given with. */
  compares?: true
  dispose?(): void
}

/** A row of the table of functions (functions.ts). */
export interface RewardFunction {
  name: string
  /** What it gives, with its range. */
  description: string
  parameters: readonly Parameter[]
  /** @throws {ConfigError | ModelFileError} if it has not what it needs */
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

/** The reward that another one is made of. */
export const x: Parameter = { name: 'x', kind: 'reward', description: 'The reward that is changed' }

/** Indices of the completions that have a value, prompt by prompt. */
export function promptGroups(items: readonly GradeItem[], values: Values): number[][] {
  const groups = new Map<string, number[]>()
  items.forEach(({ drawn: { step, prompt } }, i) => {
    if (values[i] === null) return
    const key = `${step} ${prompt}`
    const group = groups.get(key)
    if (group) group.push(i)
    else groups.set(key, [i])
  })
  return [...groups.values()]
}

/** A function that takes no formulas. */
export function plain(score: Scorer): OpenFunction {
  return { score: (items, _, options) => score(items, options) }
}

/** A function of one completion at a time. */
export function each(score: (item: GradeItem) => Score): OpenFunction {
  return { score: (items) => Promise.resolve(items.map(score)) }
}
