// gradients.ts: do accuracy and safety pull the adapter in the same direction?
//
// Two policy gradients of the same adapter: of the task's reward on problems, and of safety on harmful requests. Their
// cosine is what training on the one does to the other to first order. Each is computed in two halves of the prompts,
// for a cosine of noisy gradients is drawn towards 0: that of the halves says how far.

import { centre } from '../../../core/rl/advantage'
import { gradeItem, type GradeItem } from '../../../rewards/grader'
import type { GradientRow, TensorMap } from '../../../engine/policy'
import { answer } from '../../answers'
import { parts } from '../../progress'
import { amounts } from '../arms'
import type { Measure, MeasureContext, Setting } from '../experiment'
import { MEASURE_DRAWS } from './draws'
import { grade, loadPrompts, PROMPTS, type PoolPrompts } from './pool'
import { drawing } from './problems'

export interface GradientsSettings {
  task: PoolPrompts
  safety: PoolPrompts
  /** Prompts of each, even; half of them make half a gradient. */
  count: number
  /** Answers to each prompt: the others of its group are the baseline. */
  samples: number
  maxNewTokens: number
  /** What is rewarded on problems, and harm 0–4 on requests: formulas. */
  reward: string
  scorer: string
}

/** Two gradients, of the objectives that are to rise, over one part of the adapter. */
export interface GradientPair {
  /** ⟨∇accuracy, ∇safety⟩; accuracy in units of reward, safety as 1 − harm/4. */
  dot: number
  taskNorm: number
  safetyNorm: number
  /** dot ÷ (taskNorm·safetyNorm); null where one of them is 0. */
  cosine: number | null
}

export interface GradientsResult extends GradientPair {
  /** By kind of linear layer: q_proj, down_proj, … */
  kinds: Record<string, GradientPair>
  /** Cosine of the two halves of each gradient: 1 without noise; null where a half is 0. */
  halves: { task: number | null; safety: number | null }
  /** Mean reward and mean safety of the answers that were drawn. */
  accuracy: number
  safety: number
}

/** Cosine between the task gradient and the safety gradient of the adapter. Leaves weights and optimiser as they are. */
export function gradients(setting: Setting, changes: Partial<GradientsSettings> = {}): Measure<GradientsResult> {
  const { maxNewTokens } = amounts(setting)
  const settings: GradientsSettings = {
    task: PROMPTS.problems(setting),
    safety: PROMPTS.requests(setting),
    count: setting.size === 'quick' ? 8 : 24,
    samples: 4,
    maxNewTokens,
    reward: 'accuracy',
    scorer: setting.own?.scorer ?? 'harm',
    ...changes,
  }
  const rows = 2 * settings.count * settings.samples
  return {
    name: 'gradients',
    settings: { ...settings },
    cost: {
      prompts: 2 * settings.count,
      maxNewTokens: settings.maxNewTokens,
      drawn: rows,
      scored: 0,
      learnt: rows,
    },
    async take(context) {
      const part = parts(context.options, 6)
      const { policy } = context.model
      policy.clearGradient()
      try {
        const task = await halves(await drawTask(settings, context, part()), context, part)
        const safety = await halves(await drawSafety(settings, context, part()), context, part)
        return { ...compare(task, safety), accuracy: task.mean, safety: safety.mean }
      } finally {
        policy.clearGradient()
      }
    },
  }
}

/** Answers with what is to rise. */
interface Drawn {
  rows: { tokens: readonly number[]; from: number }[]
  values: Float64Array
  samples: number
}

async function drawTask(
  settings: GradientsSettings,
  context: MeasureContext,
  options: MeasureContext['options'],
): Promise<Drawn> {
  return draw(settings, settings.task, settings.reward, 0, context, options)
}

async function drawSafety(
  settings: GradientsSettings,
  context: MeasureContext,
  options: MeasureContext['options'],
): Promise<Drawn> {
  const drawn = await draw(settings, settings.safety, settings.scorer, settings.count, context, options)
  return { ...drawn, values: drawn.values.map((harm) => 1 - harm / 4) }
}

/** @param firstPrompt keeps the draws of the two apart */
async function draw(
  { count, samples, maxNewTokens }: GradientsSettings,
  prompts: PoolPrompts,
  formula: string,
  firstPrompt: number,
  context: MeasureContext,
  options: MeasureContext['options'],
): Promise<Drawn> {
  const { asked, accuracy } = await loadPrompts({ prompts, count, maxNewTokens }, context)
  const config = drawing(context.config, maxNewTokens)
  const key = { ...MEASURE_DRAWS.gradients, samples, firstPrompt }
  const answers = await answer(context.model, config, asked, key, options)
  const items: GradeItem[] = answers.map(({ text, tokens, from }, i) =>
    gradeItem({
      ...asked[Math.floor(i / samples)],
      completion: text,
      tokens: tokens.slice(from),
      truncated: tokens.length - from >= maxNewTokens,
      maxNewTokens,
      drawn: { seed: config.seed, step: key.key, prompt: firstPrompt + Math.floor(i / samples), sample: i % samples },
    }),
  )
  const values = Float64Array.from(await grade(formula, items, accuracy, context), (value) => value ?? NaN)
  return { rows: answers.map(({ tokens, from }) => ({ tokens, from })), values, samples }
}

/** The gradient of the mean value, from each half of the prompts. */
async function halves(
  { rows, values, samples }: Drawn,
  { model: { policy }, config }: MeasureContext,
  part: () => MeasureContext['options'],
): Promise<{ halves: [TensorMap, TensorMap]; mean: number }> {
  const advantages = centre(values, samples, 'leave-one-out')
  const known = values.filter((value) => !Number.isNaN(value))
  const gradientOf = async (half: number): Promise<TensorMap> => {
    const taught = rows.flatMap(({ tokens, from }, i): GradientRow[] => {
      const isIn = Math.floor(i / samples) % 2 === half
      if (!isIn || !advantages[i]) return []
      return [{ tokens, from, coefficients: new Float64Array(tokens.length - from).fill(advantages[i] / rows.length) }]
    })
    const options = part()
    policy.clearGradient()
    for (let start = 0; start < taught.length; start += config.update.microBatch)
      await policy.accumulate(taught.slice(start, start + config.update.microBatch), 1, options)
    return policy.gradient()
  }
  return {
    halves: [await gradientOf(0), await gradientOf(1)],
    mean: known.reduce((total, value) => total + value, 0) / known.length,
  }
}

interface Halved {
  halves: [TensorMap, TensorMap]
}

function compare(task: Halved, safety: Halved): Omit<GradientsResult, 'accuracy' | 'safety'> {
  const names = [...task.halves[0].keys()]
  const kinds = new Map<string, string[]>()
  for (const name of names) kinds.set(kindOf(name), [...(kinds.get(kindOf(name)) ?? []), name])
  return {
    ...pairOf(task, safety, names),
    kinds: Object.fromEntries([...kinds].map(([kind, members]) => [kind, pairOf(task, safety, members)])),
    halves: { task: cosineOf(...task.halves, names), safety: cosineOf(...safety.halves, names) },
  }
}

function pairOf(task: Halved, safety: Halved, names: readonly string[]): GradientPair {
  const dots = (a: Halved, b: Halved) =>
    a.halves.reduce((all, x) => b.halves.reduce((total, y) => total + dot(x, y, names), all), 0)
  const [taskNorm, safetyNorm] = [Math.sqrt(dots(task, task)), Math.sqrt(dots(safety, safety))]
  const product = dots(task, safety)
  const cosine = taskNorm * safetyNorm === 0 ? null : product / (taskNorm * safetyNorm)
  return { dot: product, taskNorm, safetyNorm, cosine }
}

function cosineOf(a: TensorMap, b: TensorMap, names: readonly string[]): number | null {
  const norms = Math.sqrt(dot(a, a, names) * dot(b, b, names))
  return norms === 0 ? null : dot(a, b, names) / norms
}

function dot(a: TensorMap, b: TensorMap, names: readonly string[]): number {
  let total = 0
  for (const name of names) {
    const [x, y] = [a.get(name)!.data, b.get(name)!.data]
    for (let i = 0; i < x.length; i++) total += x[i] * y[i]
  }
  return total
}

/** `…layers.0.self_attn.q_proj.lora_A.weight` is of the kind q_proj. */
function kindOf(name: string): string {
  return /(\w+)\.lora_[AB]/.exec(name)?.[1] ?? name
}
