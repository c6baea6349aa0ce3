// experiment.ts: what an experiment is: arms × seeds, what is measured of each, and what the figures say
//
//   declaration ─▶ plan (arms, seeds, measures) ─▶ cells (execute.ts) ─▶ results ─▶ report (report/)
//
// An experiment is data and two pure functions. It trains nothing itself: an arm is a run configuration like any other,
// and what it is worth is measured after its run by measures that many experiments share. So a run that two
// experiments need is made once, and a measure that is new is taken of runs that are there.

import type { RunConfig } from '../../core/run/config'
import type { EndReason, Fingerprint } from '../../core/run/events'
import type { Series } from '../../core/run/view'
import type { CallOptions } from '../../engine/policy'
import type { Hosts, LoadedModel } from '../hosts'
import type { Report } from './report/report'

/** How much is done: `quick` shows that everything works in seconds, and its intervals say how little it knows. */
export type Size = 'full' | 'quick'

/** What a person decides about an experiment. */
export interface Setting {
  size: Size
  /** Seeds 0 … n − 1; null: as many as the experiment itself asks for. */
  seeds: number | null
  /** A model and data of a person's own in the place of the embedded ones; null for those. */
  own: OwnSetting | null
}

/** Another model, its task and the requests that it is asked; laid over every arm. */
export interface OwnSetting {
  model: RunConfig['model']
  engine: RunConfig['engine']
  /** What is trained on and evaluated, as `task.kind` data reads it. */
  data: RunConfig['data']
  /** Harmful requests, and harmless ones that sound alike; sources as `data.source` takes them. */
  requests: readonly RunConfig['data'][]
  /** What scores harm 0–4: a formula over reward functions (docs/rewards.md). */
  scorer: string
  maxNewTokens: number
  learningRate: number
}

/** An experiment of the catalogue. */
export interface Experiment {
  /** On the command line, in files and in addresses. */
  name: string
  title: string
  /** What it asks, in a sentence. */
  question: string
  /** The paper and the part of it that this reproduces. */
  source: string
  /** @throws {ConfigError} where the experiment has no meaning in this setting */
  plan(setting: Setting): Plan
  /** What the results say. Pure: the same results give the same report. */
  report(results: Results): Report
}

/** What has to be done. Every arm is run with every seed. */
export interface Plan {
  arms: readonly Arm[]
  seeds: readonly number[]
}

/** One way to train, or not to. */
export interface Arm {
  /** Unique in its plan. */
  name: string
  /** For people. */
  label: string
  /** Complete but for the seed, which each cell sets. */
  config: RunConfig
  /** The name of the untrained arm on the same model that this one is compared with; absent for such an arm itself. */
  base?: string
  /** Trains only until the accuracy of this arm, at the same seed, is reached (`evaluation.every` says how often it looks). */
  matched?: string
  /** Taken after training. */
  measures: readonly Measure[]
  /** Taken between steps. */
  watch?: Watch
}

/** A measure that is taken during training: before the first step, and after every `every`-th. */
export interface Watch {
  measure: Measure
  every: number
}

/**
 * Something that can be measured of a policy. The result is plain JSON and holds single items, not means: what is
 * concluded from them is the report's affair, and can be concluded again.
 */
export interface Measure<T = unknown> {
  readonly name: string
  /** All that its result depends on beside the policy; plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly cost: MeasureCost
  take(context: MeasureContext): Promise<T>
}

/** What a measure asks of the engine, for the estimate of time. */
export interface MeasureCost {
  /** Distinct prompts: a call reads each once, however many completions it has. */
  prompts: number
  /** Tokens of the longest completion. */
  maxNewTokens: number
  /** Completions that are drawn. */
  drawn: number
  /** Completions that are scored; twice as many where policy and reference both score them. */
  scored: number
  /** Completions that a gradient is taken of. */
  learnt?: number
}

/** What a measure is given. */
export interface MeasureContext {
  model: LoadedModel
  /** Of the arm, with the cell's seed. */
  config: RunConfig
  hosts: ExperimentHosts
  /** What was measured of the untrained arm at the same seed: the base is always measured before. */
  ofBase<T>(measure: Measure<T>): Promise<T>
  options: CallOptions
}

/** What an experiment needs of its host. */
export type ExperimentHosts = Omit<Hosts, 'emit' | 'openStorage'>

/** A cell's run in short. */
export interface CellRecord {
  version: 1
  seed: number
  config: RunConfig
  fingerprint: Fingerprint
  /** Base parameters of the model. */
  parameters: number
  /** Time of training; 0 where nothing is trained. */
  seconds: number
  tokens: number
  steps: number
  end: { reason: EndReason | 'untrained'; message: string }
  /** Every metric of training by name. */
  series: Record<string, Series>
  /** What was measured between the steps. */
  watched: { step: number; value: unknown }[]
}

/** Everything that a report is made of. */
export interface Results {
  setting: Setting
  plan: Plan
  arm(name: string): Arm
  /** The run of an arm at a seed. */
  record(arm: string, seed: number): CellRecord
  /** Its folder in the store: where a number can be traced to. */
  path(arm: string, seed: number): string
  /** What was measured of it. */
  of<T>(arm: string, seed: number, measure: Measure<T>): T
}
