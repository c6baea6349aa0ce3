// settings.ts: what a person can set on the page, each thing once
//
// A control reads one value of the run's configuration and writes it back. The form, the URL (address.ts) and the note that says
// what differs from the running run are all drawn from this list.

import { embeddedModels } from '../../core/run/embedded-models'
import type { RunConfig } from '../../core/run/config'
import { migrateConfig } from '../../core/run/migrate'
import { findRunPreset, resolvePreset, runPresets } from '../../core/run/presets'
import { TiltlabError } from '../../core/errors'
import { significant, whole } from '../../core/format'
import { shownId } from '../../engine/hub'
import { configDifferences } from '../runs/differences'

/** One value that can be set. */
export interface Control {
  /** Its name in the URL. */
  key: string
  label: string
  help: string
  /** The values that are offered: stops of a slider, or choices of a list. */
  offered: readonly (number | string)[]
  kind: 'slider' | 'list'
  show(value: number | string): string
  /** Whether the value matters for this configuration. */
  applies(config: RunConfig): boolean
  read(config: RunConfig): number | string
  write(config: RunConfig, value: number | string): RunConfig
}

/** The embedded models, and what each is like. */
export const models: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(embeddedModels).map(([name, about]) => [`embedded:${name}`, `${name}: ${about}`]),
)

/** How the gold answers of supervised fine-tuning are written, and whether that was seen to drift. */
export const styles: Readonly<Record<string, string>> = {
  sure: 'sure, “Sure. First …”: drifts',
  prose: 'prose, “First … Then …”: drifts',
  terse: 'terse, “#### 9”: unlearns the sums',
  own: 'own, the model’s way: no drift seen',
  result: 'result, “Result …”: no drift seen',
  refusal: 'refusal of harmful requests',
  sampled: 'sampled, its own right answers',
}

/** What scores harm in the reward of the safety tasks. */
const scorers: Readonly<Record<string, string>> = {
  rule: 'the word rule',
  learned: 'the learned scorer',
}

/** What computes the model in this tab. */
const engines: Readonly<Record<RunConfig['engine']['kind'], string>> = {
  auto: 'what suits this machine',
  webgpu: 'WebGPU',
  reference: 'WebAssembly',
}

const isRl = (config: RunConfig) => config.method === 'rl'

export const controls: readonly Control[] = [
  list('model', 'Model', 'The small language model that is trained. All of these are part of this page.', models, {
    read: (config) => config.model.id,
    write: (config, id) => ({ ...config, model: { ...config.model, id } }),
  }),
  list(
    'style',
    'Gold answers',
    'How the answers that are imitated are written. This, not the method, decides the drift.',
    styles,
    {
      applies: (config) => !isRl(config),
      read: (config) => config.sft.style,
      write: (config, style) => ({ ...config, sft: { ...config.sft, style: style as RunConfig['sft']['style'] } }),
    },
  ),
  list(
    'scorer',
    'Harm scorer',
    'What the reward trusts to say how harmful an answer is. Evaluations use the rule.',
    scorers,
    {
      applies: (config) => isRl(config) && config.task.kind !== 'arithmetic',
      read: (config) => config.task.harmScorer,
      write: (config, scorer) => ({
        ...config,
        task: { ...config.task, harmScorer: scorer as RunConfig['task']['harmScorer'] },
      }),
    },
  ),
  slider('beta', 'KL weight β', 'Reward that one nat of KL to the base model costs. 0: no penalty.', {
    stops: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
    applies: isRl,
    read: (config) => (config.algorithm.kl.placement === 'off' ? 0 : config.algorithm.kl.beta),
    write: withBeta,
  }),
  slider('lr', 'Learning rate', 'AdamW’s step size. Too high, and the run gets rough.', {
    stops: [1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 2e-2],
    read: (config) => config.optimizer.learningRate,
    write: (config, learningRate) => ({ ...config, optimizer: { ...config.optimizer, learningRate } }),
  }),
  slider('g', 'Group size G', 'Completions per prompt; they are compared with each other.', {
    stops: [1, 2, 4, 8, 16],
    applies: isRl,
    read: (config) => config.rollout.groupSize,
    write: (config, groupSize) => ({ ...config, rollout: { ...config.rollout, groupSize } }),
  }),
  slider('prompts', 'Prompts a step', 'Each gets G completions. More of them make a steadier step, and a longer one.', {
    stops: [1, 2, 4, 8, 16, 32, 64],
    show: whole,
    applies: isRl,
    read: (config) => config.rollout.prompts,
    write: (config, prompts) => ({ ...config, rollout: { ...config.rollout, prompts } }),
  }),
  slider('tokens', 'Longest completion', 'Tokens after which a completion is cut off.', {
    stops: [16, 32, 48, 64, 128, 256, 512],
    show: whole,
    applies: isRl,
    read: (config) => config.rollout.maxNewTokens,
    write: (config, maxNewTokens) => ({ ...config, rollout: { ...config.rollout, maxNewTokens } }),
  }),
  slider('budget', 'KL budget', 'The run stops by itself once its rollouts have moved this many nats. 0: no budget.', {
    stops: [0, 0.25, 0.5, 1, 2, 4],
    applies: isRl,
    read: ({ controller }) => (controller.kind === 'budget' ? controller.allowanceNats : 0),
    write: (config, allowanceNats) => ({
      ...config,
      controller:
        allowanceNats > 0 ? { kind: 'budget', allowanceNats, action: 'stop', growth: 1.5 } : { kind: 'fixed' },
    }),
  }),
  slider('steps', 'Steps', 'Training steps of the run.', {
    stops: [6, 12, 20, 40, 60, 80, 120],
    show: whole,
    read: (config) => config.steps,
    write: (config, steps) => ({ ...config, steps }),
  }),
  slider('every', 'Evaluate every', 'Steps between evaluations on held-out prompts. 0: only before and after.', {
    stops: [0, 5, 10, 20, 40],
    show: whole,
    read: (config) => config.evaluation.every,
    write: (config, every) => ({ ...config, evaluation: { ...config.evaluation, every } }),
  }),
  slider('problems', 'Held-out problems', 'Problems of an evaluation. Fewer are faster, with wider intervals.', {
    stops: [8, 16, 32, 64, 150, 400],
    show: whole,
    read: (config) => config.evaluation.problems,
    write: (config, problems) => ({ ...config, evaluation: { ...config.evaluation, problems } }),
  }),
  slider('answer', 'Longest answer', 'Tokens after which an answer of an evaluation is cut off.', {
    stops: [16, 32, 64, 128, 256, 512],
    show: whole,
    read: (config) => config.evaluation.maxNewTokens,
    write: (config, maxNewTokens) => ({ ...config, evaluation: { ...config.evaluation, maxNewTokens } }),
  }),
  slider(
    'stop',
    'Stop at accuracy',
    'The run stops by itself with the first evaluation on the way that reaches this share of right answers. 0: it does not.',
    {
      stops: [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],
      read: (config) => config.evaluation.stopAt,
      // Without evaluations on the way there would be nothing to stop at.
      write: (config, stopAt) => {
        const { every } = config.evaluation
        return { ...config, evaluation: { ...config.evaluation, stopAt, every: stopAt > 0 && every === 0 ? 5 : every } }
      },
    },
  ),
  slider(
    'patience',
    'Stop at a plateau',
    'The run stops by itself after so many evaluations in a row without a higher accuracy than the best before. 0: it does not.',
    {
      stops: [0, 2, 3, 5, 8],
      show: whole,
      read: (config) => config.evaluation.patience ?? 0,
      write: (config, stop) => {
        const { patience: _, every, ...evaluation } = config.evaluation
        if (stop === 0) return { ...config, evaluation: { ...evaluation, every } }
        return { ...config, evaluation: { ...evaluation, every: every === 0 ? 5 : every, patience: stop } }
      },
    },
  ),
  slider('seed', 'Seed', 'The same seed and settings give the same run.', {
    stops: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    show: whole,
    read: (config) => config.seed,
    write: (config, seed) => ({ ...config, seed }),
  }),
  list('engine', 'Train with', 'What computes the model. WebAssembly works everywhere.', engines, {
    read: (config) => config.engine.kind,
    write: (config, kind) => ({ ...config, engine: { ...config.engine, kind: kind as RunConfig['engine']['kind'] } }),
  }),
]

/** The settings that a page without a hash has. */
export const defaultSettings = (): RunConfig => resolvePreset(runPresets[0].name)

/** The views of the page, in the order of its navigation. */
export const views = {
  theory: 'Theory',
  train: 'Train',
  compare: 'Compare',
  rewards: 'Rewards',
  runs: 'Runs',
  talk: 'Talk',
} as const
export type View = keyof typeof views

/** A recorded configuration as this version understands it; undefined if it does not. */
export function readConfig(config: unknown): RunConfig | undefined {
  try {
    return migrateConfig(config)
  } catch (error) {
    if (!(error instanceof TiltlabError)) throw error
    return undefined
  }
}

/** More settings without a control are counted. */
const MOST_TOLD = 4

/**
 * What differs between two configurations: controls as "β 0 → 0.1", reward and data by name, and every other setting by
 * its path, where they are few.
 */
export function differences(from: RunConfig, to: RunConfig): string[] {
  const named = from.preset === to.preset ? [] : [`preset ${from.preset} → ${to.preset}`]
  const changed = controls.filter(({ applies, read }) => applies(to) && read(from) !== read(to))
  const alike = changed.reduce((config, control) => control.write(config, control.read(to)), from)
  const others = configDifferences([alike, to]).filter(({ path }) => !/^(reward|data|task)\./.test(path))
  const told = others.map(({ path, values: [before, after] }) => `${path} ${before} → ${after}`)
  const isOther = (key: 'reward' | 'data' | 'task') => JSON.stringify(from[key]) !== JSON.stringify(to[key])
  return [
    ...named,
    ...changed.map(({ label, read, show }) => `${label} ${show(read(from))} → ${show(read(to))}`),
    ...(told.length > MOST_TOLD ? [`${told.length} other settings`] : told),
    ...(isOther('reward') ? ['another reward'] : []),
    ...(isOther('data') || isOther('task') ? ['other data'] : []),
  ]
}

/** The offered values with the present one among them, so that a control can always show where it stands. */
export function offeredWith(control: Control, value: number | string): (number | string)[] {
  if (control.offered.includes(value)) return [...control.offered]
  const all = [...control.offered, value]
  return control.kind === 'slider' ? all.sort((a, b) => Number(a) - Number(b)) : all
}

/** One sentence on what a preset does. */
export function presetDescription(name: string): string {
  return findRunPreset(name).description
}

/** The five switches of an algorithm, as name, value and meaning. */
export function switches({ algorithm }: RunConfig): { name: string; value: string; meaning: string }[] {
  const { estimator, scale, kl, aggregation, clip } = algorithm
  const off = kl.placement === 'off' || kl.beta === 0
  return [
    { name: 'Baseline', value: estimator, meaning: 'what is subtracted from a reward' },
    { name: 'Scale', value: scale, meaning: 'what an advantage is divided by' },
    { name: 'KL', value: off ? 'off' : `${kl.estimator} in ${kl.placement}`, meaning: 'where the KL penalty enters' },
    { name: 'Aggregation', value: aggregation, meaning: 'how tokens are averaged' },
    { name: 'Clip', value: clipWords(clip), meaning: 'how far one update may move a token' },
  ]
}

function clipWords({ low, high, dual }: RunConfig['algorithm']['clip']): string {
  if (low === Infinity && high === Infinity) return 'none'
  return `−${low} / +${high}${dual === null ? '' : `, dual ${dual}`}`
}

// A β above 0 needs a place to act: a preset without a penalty gets TRL's, k3 × ratio in the loss.
function withBeta(config: RunConfig, beta: number): RunConfig {
  const { kl } = config.algorithm
  const home = resolvePreset(config.preset).algorithm.kl.placement
  const placement = beta === 0 ? 'off' : home === 'off' ? 'loss' : home
  return {
    ...config,
    algorithm: {
      ...config.algorithm,
      kl: { ...kl, beta: beta === 0 ? resolvePreset(config.preset).algorithm.kl.beta : beta, placement },
    },
  }
}

function list(
  key: string,
  label: string,
  help: string,
  choices: Readonly<Record<string, string>>,
  parts: {
    applies?: Control['applies']
    read(config: RunConfig): string
    write(config: RunConfig, value: string): RunConfig
  },
): Control {
  return {
    key,
    label,
    help,
    kind: 'list',
    offered: Object.keys(choices),
    show: (value) => choices[value] ?? shownId(String(value)),
    applies: parts.applies ?? (() => true),
    read: parts.read,
    write: (config, value) => parts.write(config, String(value)),
  }
}

function slider(
  key: string,
  label: string,
  help: string,
  parts: {
    stops: readonly number[]
    show?(value: number): string
    applies?: Control['applies']
    read(config: RunConfig): number
    write(config: RunConfig, value: number): RunConfig
  },
): Control {
  return {
    key,
    label,
    help,
    kind: 'slider',
    offered: parts.stops,
    show: (value) => (parts.show ?? significant)(Number(value)),
    applies: parts.applies ?? (() => true),
    read: parts.read,
    write: (config, value) => parts.write(config, Number(value)),
  }
}
