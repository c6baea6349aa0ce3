// report.ts: what the workbench finds out about a reward
//
// Plain JSON: the page and the terminal draw the same report, and `tiltlab reward test --json` prints it.

import type { RewardManifest } from '../../core/run/events'
import type { CorrelationEstimate } from '../../core/stats/correlation'
import type { Confusion, Kappa } from '../../core/stats/kappa'
import type { RewardFailure } from '../../rewards/reward'
import type { OwnGrader } from './gold'

/**
 * Where a completion comes from: the gold answer, the gold answer spoilt, an attempt to get the reward without the
 * work, or the model.
 */
export type Suite = 'gold' | 'corrupted' | 'probe' | 'model'

/** One completion and what the reward said about it. */
export interface Example {
  /** Unique in a report and the same at every repetition: `gold:3`, `corrupted/off-by-one:3`, `model:3.2`. */
  id: string
  suite: Suite
  /** Which corruption or probe; empty for the others. */
  variant: string
  /** Index of its prompt among those of the report, from 0. */
  row: number
  prompt: string
  /** The gold answer; empty where there is none. */
  answer: string | readonly string[]
  completion: string
  harmful: boolean
  columns: Readonly<Record<string, unknown>>
  /** Token ids of the completion. */
  tokens: readonly number[]
  truncated: boolean
  maxNewTokens: number
  /** null where the reward cannot be computed, or says that the completion cannot be scored. */
  score: number | null
  /** Why there is no score; absent where that is no fault. */
  failure?: RewardFailure
  /** What each function of the formula gave. */
  parts: Readonly<Record<string, number | null>>
  /** What the functions said about it: the extracted answer, the `info` of a program. */
  why: string
  /** Whether it answers correctly by the data set's own grader; null where there is none. */
  correct: boolean | null
  /** By the clock, milliseconds; of several completions of one prompt that are graded together, each one's share. */
  ms: number
}

/** A share with its 95 % Wilson interval. */
export interface Share {
  count: number
  n: number
  low: number
  high: number
}

/** How scores are spread. */
export interface Distribution {
  /** Completions that have a score. */
  n: number
  mean: number
  /** n − 1 in the denominator; 0 for one score. */
  sd: number
  min: number
  max: number
  /** Different scores. */
  distinct: number
  /** Equal bins from `min` to `max`; one bin where all scores are the same. */
  histogram: number[]
}

/** Failures of one kind at one place. */
export interface FailureSummary {
  /** The function of the formula. */
  part: string
  /** Such as `timeout`, `exception`, `non-finite`. */
  kind: string
  /** Where in the program, from 1; absent where that is not known. */
  line?: number
  column?: number
  /** The message of the first one. */
  message: string
  count: number
  /** The first completions that it happened on, by their ids. */
  examples: string[]
}

/** What the reward took for one completion, milliseconds. */
export interface Times {
  median: number
  p95: number
  max: number
}

/** All completions of one kind. */
export interface SuiteReport {
  suite: Suite
  /** Of which corruption or probe; empty for gold answers and the model's completions. */
  variant: string
  /** What these completions are, in a few words. */
  title: string
  n: number
  /** Completions that the reward says cannot be scored. */
  missing: number
  failed: number
  /** null where nothing has a score. */
  distribution: Distribution | null
  /** How many get at least the score of their gold answer, of those where both have one; absent for `gold`. */
  atLeastGold?: Share
  /** How many get more than the threshold. */
  aboveThreshold: Share
}

/** What a probe shows if it gets the reward. */
export interface ProbeReport extends SuiteReport {
  suite: 'probe'
  /**
   * answerless: says nothing of the answer; hedged: says it among others; form: says it, in a form that nobody asked
   * for.
   */
  kind: 'answerless' | 'hedged' | 'form'
  /** It gets the reward of the gold answer without the answer, or more than the gold answer for padding. */
  isHack: boolean
  /** In a sentence, with numbers. */
  verdict: string
}

/** The reward, cut at the threshold, against a grader on the same completions. */
export interface Agreement {
  grader: string
  /** The grader of the data set itself. */
  isOwn: boolean
  on: 'gold and corrupted' | 'model'
  /** Right by the reward (first) and by the grader (second). */
  confusion: Confusion
  n: number
  /** Cohen's κ with a 95 % interval; null where one of the two says the same of every completion. */
  kappa: Kappa | null
}

/** How the score goes with something else about the completion. */
export interface Correlation {
  /** Such as `length in tokens`, `format (think)`, `harm`. */
  with: string
  on: 'gold and corrupted' | 'model'
  n: number
  /** 95 % intervals; null where the score or the other quantity never changes. */
  pearson: CorrelationEstimate | null
  spearman: CorrelationEstimate | null
}

/** A sentence about the reward. */
export interface Finding {
  level: 'good' | 'warn' | 'bad'
  text: string
}

/** What became of one case of a `*.reward-test.json`. */
export interface CaseResult {
  name: string
  passed: boolean
  /** Such as `expected at most 0.5, got 1`. */
  message: string
  score: number | null
  failure?: RewardFailure
}

/** Everything that was found out. */
export interface WorkbenchReport {
  reward: RewardManifest
  /** What the prompts are: the data set, or the task. */
  source: string
  /** What compares answers with the gold; null where there is no gold. */
  grader: OwnGrader | null
  seed: number
  /** Prompts that were used. */
  prompts: number
  /** Completions of the model per prompt; 0: no model was asked. */
  samples: number
  /** The model that was asked, or whose tokens lengths are counted in. */
  model: string
  /** Above it a completion counts as rewarded: by default halfway from what ought not to be paid to gold answers. */
  threshold: number
  /** Gold answers, each corruption, the model's completions; what is not there was not possible. */
  suites: SuiteReport[]
  probes: ProbeReport[]
  failures: FailureSummary[]
  times: Times
  agreement: Agreement[]
  correlations: Correlation[]
  /** What to know first, the worst first. */
  findings: Finding[]
  examples: Example[]
}
