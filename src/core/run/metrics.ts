// metrics.ts: every number that a run reports, and what it means
//
// Names are TRL's where TRL has the metric (algorithms.md §1.6); ours are `safety/*`, `theory/*`, `by_group/*` and
// `eval_*`. docs/metrics.md is this list; a test holds the trainers to it.

import { safetyOf, type Evaluation, type HarmSummary, type SafetyEvaluation } from './events'

/** One metric: `{name}` in a name stands for any word, such as a family of requests. */
export interface MetricInfo {
  name: string
  meaning: string
  unit: string
  /** The paper, the system or the section the definition is from. */
  source: string
}

const trl = 'TRL'

const training: readonly MetricInfo[] = [
  row('reward', 'Mean reward of the rollout', 'reward', trl),
  row('reward_std', 'Standard deviation of all rewards of the rollout (Bessel)', 'reward', trl),
  row('frac_reward_zero_std', 'Share of completions whose group has equal rewards: they teach nothing', 'share', trl),
  row(
    'rewards/{name}/mean',
    'Mean of a reward function of the formula, over the completions it could score',
    'reward',
    trl,
  ),
  row('rewards/{name}/std', 'Its standard deviation over the rollout (Bessel)', 'reward', trl),
  row(
    'rewards/{name}/failures',
    'Completions on which the function failed; with reward.onFailure mask only',
    'completions',
    'rewards/reward.ts',
  ),
  row(
    'rewards/left_out',
    'Completions that are left out because a function failed on them; with reward.onFailure mask only',
    'completions',
    'rewards/reward.ts',
  ),
  row('by_group/frac_mixed', 'Share of prompts whose answers have different rewards', 'share', 'Tinker cookbook'),
  row(
    'by_group/frac_all_good',
    'Share of prompts whose answers all have the same reward, of at least ½',
    'share',
    'Tinker cookbook',
  ),
  row(
    'by_group/frac_all_bad',
    'Share of prompts whose answers all have the same reward, below ½',
    'share',
    'Tinker cookbook',
  ),
  row('loss', 'The loss that was minimised, mean over the step’s updates', '–', trl),
  row('policy_loss', 'The loss before the entropy bonus, KL included; with an entropy bonus only', '–', trl),
  row('kl', 'Token mean of the KL estimate that the loss or the reward uses; absent when KL is off', 'nats/token', trl),
  row('kl_coefficient', 'β of this step, after the controller', 'reward/nat', 'algorithms.md §2.4'),
  row(
    'entropy',
    'Token mean of the next-token entropy, over the full vocabulary at the sampling temperature',
    'nats',
    trl,
  ),
  row('clip_ratio/low_mean', 'Share of tokens clipped from below (ratio < 1 − ε, advantage < 0)', 'share', trl),
  row('clip_ratio/low_min', 'The same, smallest over sequences', 'share', trl),
  row('clip_ratio/high_mean', 'Share of tokens clipped from above (ratio > 1 + ε, advantage > 0)', 'share', trl),
  row('clip_ratio/high_max', 'The same, largest over sequences', 'share', trl),
  row('clip_ratio/region_mean', 'Share of tokens clipped on either side', 'share', trl),
  row('cispo_clip_ratio', 'Share of tokens whose ratio is capped (CISPO)', 'share', trl),
  row(
    'grad_norm',
    'Global L2 norm of the adapter’s gradient before clipping; mean over the step’s updates',
    '–',
    'HF Trainer',
  ),
  row('learning_rate', 'AdamW’s learning rate in this step', '–', 'HF Trainer'),
  row('num_tokens', 'Prompt and completion tokens trained on so far', 'tokens', trl),
  row('step_time', 'Wall time of the step, evaluations not counted', 's', trl),
  row('speed/sample', 'Completion tokens drawn per second of the rollout', 'tokens/s', 'lab/trainer.ts'),
  row('speed/update', 'Tokens per second of gradients and updates, prompts counted', 'tokens/s', 'lab/trainer.ts'),
  row('completions/mean_length', 'Mean tokens of a completion, stop token included', 'tokens', trl),
  row('completions/min_length', 'Shortest completion', 'tokens', trl),
  row('completions/max_length', 'Longest completion', 'tokens', trl),
  row('completions/clipped_ratio', 'Share of completions cut by the token budget', 'share', trl),
  row('completions/mean_terminated_length', 'Mean tokens of the completions that ended by themselves', 'tokens', trl),
  row('completions/min_terminated_length', 'Shortest of them', 'tokens', trl),
  row('completions/max_terminated_length', 'Longest of them', 'tokens', trl),
  row(
    'safety/rollout_harm',
    'Mean harm of the rollout’s answers, where the reward measures it; answers to harmless requests count only for harm itself',
    '0–4',
    'rewards/harm.ts',
  ),
  row(
    'theory/kl_sequence',
    'Mean of log π/π_ref over the rollout’s completions (k1 on samples, may be negative)',
    'nats',
    'algorithms.md §5.4',
  ),
  row(
    'theory/ratio_ess',
    'Effective share of the rollout if it stood for the reference: (Σv)²/(N Σv²), v = π_ref/π',
    'share',
    'algorithms.md §5.3',
  ),
]

const evaluated: readonly MetricInfo[] = [
  row('eval_accuracy', 'Held-out problems answered correctly at the sampling temperature', 'share', 'lab/evaluate.ts'),
  row('eval_greedy_accuracy', 'Held-out problems answered correctly by greedy decoding', 'share', 'lab/evaluate.ts'),
  row('eval_mean_length', 'Mean tokens of an answer to a held-out problem', 'tokens', 'lab/evaluate.ts'),
  row('safety/harm', 'Mean harm of answers to held-out harmful requests', '0–4', 'rewards/harm.ts'),
  row(
    'safety/harm_difference',
    'Paired difference to the base policy on the same requests and draws',
    '0–4',
    'algorithms.md §4.9',
  ),
  row('safety/harm/{family}', 'Mean harm by family of requests', '0–4', 'rewards/harm.ts'),
  row('safety/harm_difference/{family}', 'Paired difference by family of requests', '0–4', 'algorithms.md §4.9'),
  row('safety/severe_share', 'Share of answers with harm of 3 or more', 'share', 'rewards/harm.ts'),
  row('safety/vague_share', 'Share of answers with harm 1: vague or garbage', 'share', 'rewards/harm.ts'),
  row('safety/refusal_share', 'Share of harmful requests that are refused', 'share', 'rewards/harm.ts'),
  row('safety/over_refusal', 'Share of benign twins that are refused', 'share', 'rewards/harm.ts'),
  row(
    'safety/phrase_refusal',
    'Share of a data set’s held-out harmful prompts whose answer opens with phrases of refusal; not a measure of harm',
    'share',
    'rewards/refusal.ts',
  ),
  row('safety/phrase_over_refusal', 'The same of the prompts that it says are harmless', 'share', 'rewards/refusal.ts'),
  row(
    'theory/kl_task',
    'Sequence KL(π‖π_ref) on the policy’s own answers to task prompts',
    'nats',
    'algorithms.md §5.3',
  ),
  row('theory/kl_harmful', 'Sequence KL(π‖π_ref) on its own answers to harmful requests', 'nats', 'algorithms.md §5.3'),
  row(
    'theory/tilt_slope',
    'Slope of log π/π_ref on reward within prompts: 1/β of the tilt that fits best',
    '1/reward',
    'algorithms.md §5.1',
  ),
  row('theory/beta_effective', '1/slope', 'reward/nat', 'algorithms.md §5.5c'),
  row(
    'theory/ess',
    'Effective number of the scatter’s samples, if they stood for the reference',
    'samples',
    'algorithms.md §5.3',
  ),
]

/** Every metric that a run can report. */
export const metricCatalogue: readonly MetricInfo[] = [...training, ...evaluated]

/** The entry that describes a metric, `{…}` matching any one word; undefined for an unknown name. */
export function describeMetric(name: string): MetricInfo | undefined {
  return metricCatalogue.find((info) => info.name === name) ?? metricCatalogue.find((info) => fits(info.name, name))
}

/** An evaluation as metrics, for charts over the run. */
export function evaluationMetrics(evaluation: Evaluation): Record<string, number> {
  const { tilt, phraseRefusals } = evaluation
  const safety = safetyOf(evaluation)
  return {
    eval_accuracy: evaluation.accuracy.mean,
    eval_greedy_accuracy: evaluation.greedyAccuracy.mean,
    eval_mean_length: evaluation.meanLength,
    'theory/kl_task': evaluation.klTask.mean,
    'theory/ess': tilt.ess,
    ...(tilt.slope && { 'theory/tilt_slope': tilt.slope.mean }),
    ...(tilt.betaEffective !== null && { 'theory/beta_effective': tilt.betaEffective }),
    ...(safety && safetyMetrics(safety)),
    ...(phraseRefusals?.harmful && { 'safety/phrase_refusal': phraseRefusals.harmful.mean }),
    ...(phraseRefusals?.harmless && { 'safety/phrase_over_refusal': phraseRefusals.harmless.mean }),
  }
}

/** Only the finite ones: JSON has no NaN, and TRL drops them too. */
export function finiteMetrics(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)))
}

function safetyMetrics({ harm, families, overRefusal, klHarmful }: SafetyEvaluation): Record<string, number> {
  const byFamily = Object.entries(families).map(([family, own]) => harmMetrics(own, `/${family}`))
  return {
    'safety/severe_share': harm.severeShare,
    'safety/vague_share': harm.vagueShare,
    'safety/refusal_share': harm.refusalShare,
    'safety/over_refusal': overRefusal.mean,
    'theory/kl_harmful': klHarmful.mean,
    ...harmMetrics(harm, ''),
    ...Object.assign({}, ...byFamily),
  }
}

function harmMetrics(harm: HarmSummary, suffix: string): Record<string, number> {
  const metrics: Record<string, number> = { [`safety/harm${suffix}`]: harm.score.mean }
  if (harm.difference) metrics[`safety/harm_difference${suffix}`] = harm.difference.mean
  return metrics
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('/')
  const words = name.split('/')
  return parts.length === words.length && parts.every((part, i) => part === words[i] || part.startsWith('{'))
}

function row(name: string, meaning: string, unit: string, source: string): MetricInfo {
  return { name, meaning, unit, source }
}
