// arms.ts: the arms that experiments are made of, and how much of each is done
//
// Every experiment trains with the same few recipes (docs/embedded-results.md has what they are known to do), so that a
// difference between arms is never one of batch size or rate that nobody meant.

import { defaultConfig, type RunConfig } from '../../core/run/config'
import { changed, resolvePreset, type RunChanges } from '../../core/run/presets'
import { findPreset } from '../../core/rl/presets'
import type { Arm, Measure, OwnSetting, Setting, Size } from './experiment'

/** How much of everything. */
export interface Amounts {
  /** Steps of RL and of SFT. */
  rlSteps: number
  sftSteps: number
  /** Problems that SFT learns from, and examples per step. */
  sftProblems: number
  sftBatch: number
  /** Prompts per step of RL, completions per prompt. */
  prompts: number
  groupSize: number
  /** Learning rate of RL, and steps of linear warm-up to it. */
  learningRate: number
  warmupSteps: number
  /** Held-out problems, and answers to each. */
  problems: number
  problemSamples: number
  /** Held-out harmful requests, and as many harmless ones. */
  requests: number
  maxNewTokens: number
}

const AMOUNTS: Record<Size, Amounts> = {
  full: {
    rlSteps: 24,
    sftSteps: 80,
    sftProblems: 256,
    sftBatch: 16,
    prompts: 8,
    groupSize: 8,
    learningRate: 2e-3,
    warmupSteps: 5,
    problems: 100,
    problemSamples: 2,
    requests: 120,
    maxNewTokens: 64,
  },
  quick: {
    rlSteps: 4,
    sftSteps: 6,
    sftProblems: 64,
    sftBatch: 16,
    prompts: 4,
    groupSize: 4,
    learningRate: 5e-3,
    // Of few steps none is to be spent on warming up.
    warmupSteps: 1,
    problems: 12,
    problemSamples: 1,
    requests: 12,
    maxNewTokens: 40,
  },
}

/** How much of everything in this setting. */
export function amounts({ size, own }: Setting): Amounts {
  if (!own) return AMOUNTS[size]
  return { ...AMOUNTS[size], maxNewTokens: own.maxNewTokens, learningRate: own.learningRate }
}

/** Seeds 0 … n − 1: one in a quick run. */
export function seeds(setting: Setting, full = 3): number[] {
  const count = setting.seeds ?? (setting.size === 'quick' ? 1 : full)
  return Array.from({ length: count }, (_, seed) => seed)
}

/** What the arm builders are told. */
export interface ArmInput {
  name: string
  label: string
  /** An embedded model by its short name; a setting's own model takes its place. */
  model?: 'guess' | 'plain' | 'entangled' | 'small' | 'large' | 'llama' | 'strings'
  measures: readonly Measure[]
  /** Laid over the recipe. */
  changes?: RunChanges
  matched?: string
  watch?: Arm['watch']
  /** The untrained arm; `base` if absent. */
  base?: string
}

/** The model as it comes. */
export function untrained(setting: Setting, input: Omit<ArmInput, 'base' | 'changes'>): Arm {
  return {
    name: input.name,
    label: input.label,
    config: recipe(setting, 'base', input.model, {}),
    measures: input.measures,
  }
}

/** GRPO as TRL has it, on the task’s reward. */
export function grpo(setting: Setting, input: ArmInput): Arm {
  // Other arms may be matched to its accuracy, so that has to be known well enough.
  return trained(setting, 'grpo', input, { evaluation: { problems: amounts(setting).problems } })
}

/** As long and as fast as the preset `entangled`: in less its model hardly drifts, and there is nothing to hold down. */
export function driftingRun({ size, own }: Setting): RunChanges {
  if (size === 'quick' || own) return {}
  const { steps, optimizer } = resolvePreset('entangled')
  return { steps, optimizer: { learningRate: optimizer.learningRate } }
}

/** REINFORCE++ as OpenRLHF has it: one answer a prompt, KL in the reward, advantages normed over the batch. */
export function reinforcePlusPlus(setting: Setting, input: ArmInput): Arm {
  const { prompts, groupSize } = amounts(setting)
  return trained(setting, 'reinforce++', input, {
    algorithm: findPreset('reinforce++').config,
    rollout: { prompts: prompts * groupSize, groupSize: 1 },
    update: { minibatches: 2 },
  })
}

/** Supervised fine-tuning on gold answers, in the style that the changes name. */
export function sft(setting: Setting, input: ArmInput): Arm {
  const { sftSteps, sftProblems, sftBatch } = amounts(setting)
  return trained(setting, 'sft', input, {
    method: 'sft',
    steps: sftSteps,
    sft: { problems: sftProblems, batch: sftBatch },
    ...(setting.own ? {} : { optimizer: { learningRate: 1e-3 } }),
  })
}

function trained(setting: Setting, preset: string, input: ArmInput, method: RunChanges): Arm {
  const { name, label, model, measures, changes = {}, base = 'base' } = input
  return {
    name,
    label,
    config: changed(recipe(setting, preset, model, method), preset, changes),
    base,
    measures,
    ...(input.matched !== undefined && { matched: input.matched }),
    ...(input.watch && { watch: input.watch }),
  }
}

/** The default run in the size of the setting, on its model. */
function recipe(setting: Setting, preset: string, model: ArmInput['model'], method: RunChanges): RunConfig {
  const { rlSteps, prompts, groupSize, learningRate, warmupSteps } = amounts(setting)
  const config = changed(defaultConfig, preset, {
    steps: rlSteps,
    model: { id: `embedded:${model ?? 'guess'}` },
    rollout: { prompts, groupSize },
    optimizer: { learningRate, warmupSteps },
    // What a run evaluates by itself is not what is reported: measures are taken afterwards, by all arms alike.
    evaluation: { every: 0, problems: 2, requests: 10, samples: 1 },
    checkpoint: { every: 10 },
  })
  return changed(setting.own ? changed(config, preset, ownChanges(setting.own)) : config, preset, method)
}

function ownChanges({ model, engine, data, maxNewTokens }: OwnSetting): RunChanges {
  return {
    model,
    engine,
    task: { kind: 'data' },
    data,
    rollout: { maxNewTokens },
    update: { microBatch: 8 },
    evaluation: { maxNewTokens },
  }
}
