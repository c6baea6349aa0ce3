// contract.ts: what a person's own reward is given, what it may answer, and what becomes of everything else
//
// The program is TypeScript or JavaScript with one export:
//
//   export function reward({ prompt, completion, answer, columns, tokens }): number | { score, info? } | null
//   export function rewards(items): (number | { score, info? } | null)[]
//
// JSON goes in and JSON comes out. docs/user-rewards.md says it at length.

import { TiltlabError } from '../../core/errors'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** One completion to score, as the program gets it. */
export interface RewardItem {
  /** The request as the person wrote it, without chat template. */
  prompt: string
  completion: string
  /** The gold answer, where the task has one; otherwise empty. */
  answer: string
  /** The other columns of the row of data. */
  columns: Record<string, Json>
  /** Token ids of the completion. */
  tokens: readonly number[]
}

/** A person's own reward. */
export interface RewardProgram {
  /** TypeScript or JavaScript. */
  source: string
  /** Name of its file, for messages. A name that ends in .js or .mjs is read as JavaScript, any other as TypeScript. */
  name: string
}

/** What one item may use. A program that exports `rewards` has the steps and the time of all items together. */
export interface SandboxLimits {
  /**
   * Work, counted the same on every machine: a step is 10,000 jumps, calls or tries of a regular expression, some 5,000
   * turns of a loop.
   */
  steps: number
  /**
   * Time by the clock, for work that makes few steps (long strings, big sorts). It is looked at between steps; a worker
   * that is still silent after twice this time is ended from outside.
   */
  timeMs: number
  /** What the program may allocate, its source and its item included. */
  memoryBytes: number
  /** Length of `info` as JSON, and of everything that is printed. */
  outputBytes: number
  /** Depth of calls; at most 512 KiB. */
  stackBytes: number
}

export const DEFAULT_LIMITS: SandboxLimits = {
  steps: 1000,
  timeMs: 1000,
  memoryBytes: 64 * 2 ** 20,
  outputBytes: 16 * 2 ** 10,
  stackBytes: 256 * 2 ** 10,
}

/** Everything that can go wrong with one item, and what it means. */
export const VERDICT_CLASSES = {
  timeout: 'used up its steps or its time',
  memory: 'used up its memory',
  stack: 'called itself too deeply',
  output: 'answered with an info that is too long',
  exception: 'threw',
  'non-finite': 'answered NaN or an infinity',
  'not-a-score': 'answered something that is no score',
  'host-killed': 'did not react and was ended with its worker',
} as const

export type VerdictClass = keyof typeof VERDICT_CLASSES

/** What became of one item. */
export type SandboxOutcome = (ScoredItem | FailedItem) & {
  /** By the clock; with `rewards`, of the whole call. */
  ms: number
  /** What the program printed, cut at `outputBytes`; with `rewards` it stands at the first item. */
  log?: string
}

export interface ScoredItem {
  kind: 'score'
  /** Always finite. null: the program says that this item cannot be scored. */
  score: number | null
  info?: Record<string, Json>
}

export interface FailedItem {
  kind: 'error'
  class: VerdictClass
  message: string
  /** Where in the person's own source, from 1. */
  line?: number
  column?: number
}

/** What a run's manifest says about its reward: with the same three and the same seed, the same scores. */
export interface SandboxManifest {
  /** Of the WebAssembly file that the program ran in. */
  wasmSha256: string
  sourceSha256: string
  limits: SandboxLimits
}

/** Why a program cannot be used at all. */
export type RewardFault = 'syntax' | 'import' | 'exports' | VerdictClass

/** The program itself is at fault: it does not compile, exports no reward, or fails before any item. */
export class RewardSourceError extends TiltlabError {
  /**
   * @param file    name of the program
   * @param problem what is wrong and what to do about it
   * @param at      where in the person's own source, both from 1
   */
  constructor(
    readonly file: string,
    readonly fault: RewardFault,
    readonly problem: string,
    readonly at?: { line: number; column: number },
  ) {
    super(`${file}${at ? `:${at.line}:${at.column}` : ''}: ${problem}`)
  }
}
