// logs.ts: what TRL, OpenRLHF and verl write about a training run, as numbers per step under the names that are used here
//
//   TRL       trainer_state.json: log_history, a list of objects with `step`
//   verl      its logger `file`: {"step": 7, "data": {"actor/entropy": …}}, a line a step
//             its logger `console`: step:7 - actor/entropy:0.31 - …
//   OpenRLHF  its log: ✨ Global step 7: {'policy_loss': -0.01, …}
//
// Numbers that mean the same are given the name of metrics.ts, which is TRL's where TRL has one; others keep their own.

import * as v from 'valibot'
import { DataFileError } from '../../core/errors'
import { finiteMetrics } from '../../core/run/metrics'
import { trainers, type Trainer } from '../../core/run/setups/setup'

/** The numbers of one step. */
export interface LoggedStep {
  step: number
  metrics: Record<string, number>
}

/** What was understood of a log. */
export interface TrainerLog {
  trainer: Trainer
  steps: LoggedStep[]
  /** Steps that the trainer was to make; null where the log does not say. */
  planned: number | null
}

type Numbers = Record<string, number>

/**
 * Reads a log, whichever of the systems has written it.
 *
 * @param name for messages: the file
 * @throws {DataFileError} if nothing in it is the number of a step
 */
export function readTrainerLog(text: string, name: string): TrainerLog {
  const log = trlLog(text) ?? verlFile(text) ?? verlConsole(text) ?? openrlhfConsole(text)
  if (log && log.steps.length > 0) return log
  throw new DataFileError(
    name,
    'holds no steps. Read are TRL’s trainer_state.json, the lines of verl’s loggers file and console, and OpenRLHF’s log.',
  )
}

/** What is said of the numbers of a system. */
export const systemName = (trainer: Trainer) => trainers[trainer]

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const TrlSchema = v.object({
  max_steps: v.optional(v.number()),
  log_history: v.array(v.looseObject({ step: count })),
})

/** Not of a step, but of the whole training. */
const TRL_TOTALS = /^(?:train_|total_flos$|epoch$|step$)/

function trlLog(text: string): TrainerLog | null {
  const { success, output } = v.safeParse(TrlSchema, jsonOf(text))
  if (!success) return null
  const entries = output.log_history.map(({ step, ...entry }) => ({
    step,
    metrics: numbersOf(Object.entries(entry).filter(([key]) => !TRL_TOTALS.test(key))),
  }))
  return { trainer: 'trl', steps: byStep(entries), planned: output.max_steps ?? null }
}

const VerlSchema = v.object({ step: count, data: v.record(v.string(), v.unknown()) })

function verlFile(text: string): TrainerLog | null {
  const entries = text.split('\n').flatMap((line) => {
    const { success, output } = v.safeParse(VerlSchema, jsonOf(line))
    return success ? [{ step: output.step, metrics: numbersOf(Object.entries(output.data)) }] : []
  })
  return entries.length > 0 ? { trainer: 'verl', steps: fromVerl(byStep(entries)), planned: null } : null
}

/** Ray puts the name of the worker before a line. */
const VERL_LINE = /(?:^|\s)step:(\d+) - (.+)$/

function verlConsole(text: string): TrainerLog | null {
  const entries = text.split(/\r?\n/).flatMap((line) => {
    const found = VERL_LINE.exec(line)
    if (!found) return []
    const pairs = found[2].split(' - ').map((pair): [string, unknown] => {
      const at = pair.lastIndexOf(':')
      return [pair.slice(0, at), pythonNumber(pair.slice(at + 1))]
    })
    return [{ step: Number(found[1]), metrics: numbersOf(pairs) }]
  })
  return entries.length > 0 ? { trainer: 'verl', steps: fromVerl(byStep(entries)), planned: null } : null
}

const OPENRLHF_LINE = /Global step (\d+): \{(.*)\}/
const OPENRLHF_PAIR = /'([^']+)': ([^,{}[\]]+)(?:,|$)/g

function openrlhfConsole(text: string): TrainerLog | null {
  const entries = text.split(/\r?\n/).flatMap((line) => {
    const found = OPENRLHF_LINE.exec(line)
    if (!found) return []
    const pairs = [...found[2].matchAll(OPENRLHF_PAIR)].map(([, key, value]): [string, unknown] => [
      key,
      pythonNumber(value),
    ])
    return [{ step: Number(found[1]), metrics: numbersOf(pairs) }]
  })
  if (entries.length === 0) return null
  return { trainer: 'openrlhf', steps: byStep(entries).map(renamed(OPENRLHF_NAMES)), planned: null }
}

/** verl's names for what has one here. */
const VERL_NAMES: Readonly<Record<string, string>> = {
  'critic/score/mean': 'reward',
  'actor/entropy': 'entropy',
  'actor/grad_norm': 'grad_norm',
  'actor/lr': 'learning_rate',
  'actor/kl_loss': 'kl',
  'actor/kl_coef': 'kl_coefficient',
  'actor/reward_kl_penalty': 'kl',
  'actor/reward_kl_penalty_coeff': 'kl_coefficient',
  'actor/pg_clipfrac': 'clip_ratio/region_mean',
  'response_length/mean': 'completions/mean_length',
  'response_length/min': 'completions/min_length',
  'response_length/max': 'completions/max_length',
  'response_length/clip_ratio': 'completions/clipped_ratio',
  'timing_s/step': 'step_time',
}

/** OpenRLHF's. */
const OPENRLHF_NAMES: Readonly<Record<string, string>> = {
  policy_loss: 'loss',
  entropy_loss: 'entropy',
  actor_lr: 'learning_rate',
  actor_grad_norm: 'grad_norm',
  ppo_clip_ratio: 'clip_ratio/region_mean',
  response_length: 'completions/mean_length',
  'rollout/truncated_rate': 'completions/clipped_ratio',
  'rollout/reward_std': 'reward_std',
  'timing/step_total': 'step_time',
}

function fromVerl(steps: readonly LoggedStep[]): LoggedStep[] {
  let tokens = 0
  return steps.map(({ step, metrics }) => {
    const { 'perf/total_num_tokens': ofStep, 'actor/pg_loss': policy, 'actor/kl_loss': kl = 0, ...rest } = metrics
    tokens += ofStep ?? 0
    const own = {
      ...rest,
      ...('actor/kl_loss' in metrics && { 'actor/kl_loss': kl }),
      // verl logs the parts of what it minimises.
      ...(policy !== undefined && { loss: policy + (metrics['actor/kl_coef'] ?? 0) * kl }),
      ...(ofStep !== undefined && { num_tokens: tokens }),
    }
    return renamed(VERL_NAMES)({ step, metrics: own })
  })
}

function renamed(names: Readonly<Record<string, string>>) {
  return ({ step, metrics }: LoggedStep): LoggedStep => ({
    step,
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [names[name] ?? name, value])),
  })
}

/** Lines of one step together, steps in order. Step 0, before any training, is no step. */
function byStep(entries: readonly LoggedStep[]): LoggedStep[] {
  const steps = new Map<number, Numbers>()
  for (const { step, metrics } of entries)
    if (step > 0 && Object.keys(metrics).length > 0) steps.set(step, { ...steps.get(step), ...metrics })
  return [...steps].sort(([a], [b]) => a - b).map(([step, metrics]) => ({ step, metrics }))
}

/** Only finite numbers: a journal has no others. */
function numbersOf(pairs: readonly (readonly [string, unknown])[]): Numbers {
  return finiteMetrics(
    Object.fromEntries(pairs.filter((pair): pair is [string, number] => typeof pair[1] === 'number')),
  )
}

/** A number as Python prints it: 0.1, 1e-06, np.float64(0.1), tensor(0.1). NaN for anything else. */
function pythonNumber(text: string): number {
  const inner = /^[\w.]+\(([^(),]+)[^()]*\)$/.exec(text.trim())?.[1] ?? text.trim()
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(inner) ? Number(inner) : NaN
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
