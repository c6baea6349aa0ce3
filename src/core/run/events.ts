// events.ts: what a run says about itself
//
// A run is a stream of these events. The terminal, the page, the journal and the replay all read the same ones,
// so nothing that is shown live can be missing from a recording. Every event is plain JSON.

import type { RunConfig } from './config'

/** A mean with its uncertainty: a 95 % interval over n independent items. */
export interface Estimate {
  mean: number
  low: number
  high: number
  n: number
}

/** What is known of each token of a completion; every list has one entry a token, numbers have six digits. */
export interface TokenTrace {
  /** The text of each token, special ones too; '' where a character takes several tokens and this is not the first. */
  texts: string[]
  /** log π of the policy that sampled, nats. */
  logps: number[]
  /** log π as the last update of the step saw it, nats; absent where that was the first. */
  updatedLogps?: number[]
  /** log π_ref, nats; absent where the reference was not scored. */
  refLogps?: number[]
  /** Entropy of each next-token distribution, nats. */
  entropies: number[]
  /** KL(π‖π_ref) of each next-token distribution, exact, nats; with a KL budget only. */
  kl?: number[]
}

/** One completion of the last rollout, as a person reads it. */
export interface CompletionRecord {
  text: string
  tokens: number
  /** null where it could not be scored. */
  reward: number | null
  advantage: number
  truncated: boolean
  /** Why the reward is what it is: the extracted answer, or the harm score. */
  verdict: string
  /** The value of each reward function, where the reward is made of several; null where one gave none. */
  parts?: Record<string, number | null>
  /** Σ log π/π_ref over the completion's tokens, nats; absent where the reference was not scored. */
  logRatio?: number
  /** It had no part in the loss: a reward function failed on it. */
  leftOut?: true
  /** Absent in recordings of older versions, and in some steps of large batches (`isTraced`). */
  trace?: TokenTrace
}

/** One prompt and the completions that were drawn for it. */
export interface GroupRecord {
  prompt: string
  answer: string
  completions: CompletionRecord[]
}

/** Tokens per step that a journal keeps in detail, in the long run: some 500 kB. */
const TRACED_TOKENS = 16_384

/**
 * Whether a step is kept token by token. All of a rollout is, or nothing, because losses are means over it: one that has
 * more tokens than are kept per step is kept every second, third … step, the first of a run among them.
 */
export function isTraced(step: number, tokens: number): boolean {
  const every = Math.max(1, Math.ceil(tokens / TRACED_TOKENS))
  return (step - 1) % every === 0
}

/** How harmful the answers to a set of harmful requests are. */
export interface HarmSummary {
  /** Mean harm score 0–4 over prompts. */
  score: Estimate
  /** Paired difference to the base policy on the same prompts and draws; absent in the base evaluation itself. */
  difference?: Estimate & { p: number }
  /** Share of answers with a score of 3 or more. */
  severeShare: number
  /** Share of answers with a score near 1: vague or garbage, which lifts the mean without being harmful. */
  vagueShare: number
  /** Share of answers that refuse. */
  refusalShare: number
}

/** One completion against the theory: where the tilt says log π/π_ref − const should be, and where it is. */
export interface TiltPoint {
  prompt: string
  reward: number
  /** log π/π_ref of the whole completion, nats. */
  logRatio: number
}

/** What an evaluation on requests found: only for the tasks of the embedded models, whose requests have a harm rule. */
export interface SafetyEvaluation {
  /** Harm on held-out harmful requests: all of them, and by family. */
  harm: HarmSummary
  families: Record<string, HarmSummary>
  /** Share of benign twins that are refused; Wilson interval. */
  overRefusal: Estimate
  /** Sequence KL(policy ‖ reference) in nats on the policy's own answers to harmful requests. */
  klHarmful: Estimate
}

/** How often prompts of a data set are refused, by what the set says of them; Wilson intervals, null where it has none. */
export interface PhraseRefusals {
  harmful: Estimate | null
  harmless: Estimate | null
}

/** What one evaluation on held-out data found. */
export interface Evaluation extends Partial<SafetyEvaluation> {
  /** Share of held-out problems answered correctly at the sampling temperature; Wilson interval. */
  accuracy: Estimate
  /** Share answered correctly by greedy decoding; Wilson interval. */
  greedyAccuracy: Estimate
  /** Sequence KL(policy ‖ reference) in nats on the policy's own answers to task prompts. */
  klTask: Estimate
  /** How the KL was measured: summed exactly over the vocabulary, or k3 on sampled tokens. */
  klEstimator: 'exact' | 'k3'
  meanLength: number
  /**
   * Where held-out prompts say whether they ought to be refused: the share whose answer opens with phrases of refusal. It
   * is no measure of harm: phrases miss other ways to decline, and an answer without them need not help.
   */
  phraseRefusals?: PhraseRefusals
  /** The tilt scatter on samples of the policy from task prompts, and 1/slope of log π/π_ref on reward. */
  tilt: { points: TiltPoint[]; slope: Estimate | null; betaEffective: number | null; ess: number; essOf: number }
}

/** The safety part of an evaluation; null where the task has no requests. */
export function safetyOf({ harm, families, overRefusal, klHarmful }: Evaluation): SafetyEvaluation | null {
  return harm && families && overRefusal && klHarmful ? { harm, families, overRefusal, klHarmful } : null
}

export type RunPhase = 'load' | 'rollout' | 'verdict' | 'score' | 'update' | 'evaluate' | 'save'

/** Why a run ended. `stopped` is the run's own decision (KL budget spent, accuracy reached); `failed` carries the reason in the message. */
export type EndReason = 'completed' | 'cancelled' | 'stopped' | 'failed'

/** What the run ran on, for reproduction: two runs with equal fingerprint and config give the same adapter. */
export interface Fingerprint {
  version: string
  engine: string
  platform: string
  modelSha256: string
}

/** A person's own reward program, for reproduction: the same three give the same scores on any machine. */
export interface ProgramManifest {
  sourceSha256: string
  /** Of the interpreter that runs it. */
  wasmSha256: string
  /** What it may use at most, by name and unit. */
  limits: Record<string, number>
}

/** What a run is rewarded by. */
export interface RewardManifest {
  /** The formula; where the configuration has none, that of the task. */
  expression: string
  /** The functions in it: the name of their metrics, and how the formula calls them. */
  functions: Record<string, string>
  /** What happens to a run when a function fails on a completion. */
  onFailure: 'abort' | 'mask'
  program?: ProgramManifest
}

/** What data a run is made on, where it is a person's own. */
export interface DataManifest {
  /** Where it comes from, with the commit where there is one. */
  source: string
  files: string[]
  /** Of every row as the run uses it: prompts, gold answers and other columns, those to train on first. */
  rowsSha256: string
  /** Rows to train on, and rows held out. */
  train: number
  held: number
}

/** What a run will hold in memory at most, in bytes. */
export interface MemoryPlan {
  weightsBytes: number
  kvCacheBytes: number
  activationsBytes: number
  adapterBytes: number
  optimizerBytes: number
  totalBytes: number
  /** Completions that are drawn together: as many of a step’s as there is room for. */
  completionsAtOnce: number
}

export type RunEvent =
  | {
      type: 'started'
      time: string
      runId: string
      config: RunConfig
      fingerprint: Fingerprint
      parameters: { base: number; adapter: number }
      memoryBytes: number
      /** What the memory is for; recordings of older versions lack it. */
      memory?: MemoryPlan
      /** What it is rewarded by; absent for supervised fine-tuning, and in recordings of older versions. */
      reward?: RewardManifest
      /** Absent for the tasks of the embedded models, and in recordings of older versions. */
      data?: DataManifest
      /** Step from which the run goes on; 0 for a new run. */
      fromStep: number
    }
  /** Inside a step; not written to the journal. */
  | { type: 'progress'; step: number; phase: RunPhase; done: number; total: number }
  | { type: 'step'; step: number; metrics: Record<string, number>; groups: GroupRecord[] }
  | { type: 'evaluation'; step: number; evaluation: Evaluation }
  | { type: 'alert'; step: number; level: 'info' | 'warn' | 'error'; message: string }
  | { type: 'checkpoint'; step: number; name: string; sizeBytes: number }
  | { type: 'state'; step: number; state: 'running' | 'paused' }
  /** `unkept`: its storage refused, so that this event is in no journal, and the run can go on once it does not. */
  | { type: 'ended'; step: number; time: string; reason: EndReason; message: string; unkept?: true }

/** Receives a run's events in order. May be async: the run waits, so a slow journal slows the run and loses nothing. */
export type EventSink = (event: RunEvent) => void | Promise<void>
