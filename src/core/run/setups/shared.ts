// shared.ts: what the setups of all trainers have in common: the model, the reward, and the lines that head the file

import type { RunConfig } from '../config'

/** A file, and what it does not say. */
export interface Setup {
  fileName: string
  text: string
  /** What this trainer does otherwise than this run, a sentence each. */
  differences: string[]
}

/**
 * A folder in which model, data, reward and adapter lie beside the setup, as `tiltlab export` writes it. Without one a setup
 * has places to fill in.
 */
export interface SetupFolder {
  /** Steps that the run has made already, from whose adapter the trainer goes on; 0 begins anew. */
  fromStep: number
}

/** What lies in such a folder. */
export const folderPaths = {
  model: 'model',
  adapter: 'adapter',
  merged: 'merged',
  train: 'data/train.jsonl',
  trainParquet: 'data/train.parquet',
  heldOutParquet: 'data/held-out.parquet',
  out: 'out',
} as const

/** A word of a shell: a text, or something that lies in the folder of the script. */
export type Word = string | { here: string }

/** The model as a trainer finds it: those that are part of this page are on no hub. */
export function modelOf({ model }: RunConfig): string {
  return model.id.startsWith('embedded:') || model.id.startsWith('folder:') ? 'PATH/TO/MODEL' : model.id.split('@')[0]
}

/** The data of a run, a place for it where they are made by this page. */
export function dataOf({ data, task }: RunConfig, ending: string): string {
  return task.kind === 'data' && data.source !== '' ? data.source : `PATH/TO/prompts.${ending}`
}

/** Differences that hold for every trainer. */
export function sharedDifferences(config: RunConfig, folder: SetupFolder | null): string[] {
  const { controller, rollout, adapter, optimizer } = config
  return [
    ...(folder ? folderDifferences(folder) : placeDifferences(config)),
    ...(controller.kind === 'budget'
      ? [`The KL budget of ${controller.allowanceNats} nats has no counterpart: watch the KL, and stop by hand.`]
      : []),
    ...(rollout.topK !== 0 || rollout.topP !== 1 || rollout.minP !== 0
      ? ['Log-probabilities are those of the full distribution, whatever the sampling leaves out.']
      : []),
    ...(optimizer.warmupSteps > 0
      ? ['The warm-up of the learning rate starts at 0: the first step changes nothing.']
      : []),
    ...(adapter.average > 0 ? ['The moving average of the adapter has no counterpart.'] : []),
  ]
}

function folderDifferences({ fromStep }: SetupFolder): string[] {
  return [
    'Random draws are this trainer’s own: the same prompts, and other completions.',
    ...(fromStep > 0
      ? [
          `It goes on from the adapter after step ${fromStep}; AdamW’s moments and the warm-up of the learning rate begin anew.`,
        ]
      : []),
  ]
}

function placeDifferences({ method, model, reward, task }: RunConfig): string[] {
  if (method === 'sft') return modelDifferences(model.id)
  return [
    ...modelDifferences(model.id),
    ...(reward.program !== ''
      ? [
          'The reward is a program in TypeScript, which stands in the file as a comment: write it in Python in the place shown.',
        ]
      : reward.expression !== ''
        ? [`The reward is the formula ${reward.expression}: write its functions in Python in the place shown.`]
        : [`The reward is that of the task ${task.kind}: write it in Python in the place shown.`]),
  ]
}

function modelDifferences(id: string): string[] {
  if (!id.startsWith('embedded:')) return []
  return [`The model ${id} is part of tiltlab and on no hub: put a path or a Hub id in its place.`]
}
/** Comment lines, each of them short enough for a narrow window. @param mark what begins a comment */
export function heading({ preset }: RunConfig, trainer: string, differences: readonly string[], mark = '#'): string {
  const lines = [
    `The settings of the tiltlab run "${preset}" for ${trainer}.`,
    ...(differences.length > 0 ? ['', 'Not the same here:', ...differences.map((each) => `- ${each}`)] : []),
  ]
  return lines
    .flatMap((line) => wrapped(line))
    .map((line) => `${mark} ${line}`.trimEnd())
    .join('\n')
}

/** The reward as it stands in tiltlab, as comment lines. */
export function rewardComment({ reward, task }: RunConfig, indent = ''): string {
  const source = reward.program || reward.expression || `the reward of the task ${task.kind}`
  return source
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `${indent}# ${line}`.trimEnd())
    .join('\n')
}

/** A number as Python, YAML and shells read it. */
export function number(value: number): string {
  return value === Infinity ? '1e9' : String(value)
}

/** A text as a string of Python. JSON’s is one. */
export function quoted(text: string): string {
  return JSON.stringify(text)
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** A word of a shell script whose folder is in the variable HERE (`hereLine`). @param before stands before a path, in one word */
export function wordOf(word: Word, before = ''): string {
  if (typeof word === 'string') return shellWord(before + word)
  return `${before === '' ? '' : shellWord(before)}"$HERE/${word.here}"`
}

/** Workers on a cluster have working directories of their own. */
export const hereLine = 'HERE=$(cd "$(dirname "$0")" && pwd)'

const WIDTH = 96

function wrapped(line: string): string[] {
  const lines = ['']
  // A comment ends with its line, and what follows would be run.
  for (const word of line.split(/\s+/)) {
    if (lines.at(-1) !== '' && `${lines.at(-1)} ${word}`.length > WIDTH) lines.push(`  ${word}`)
    else lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : ' '}${word}`
  }
  return lines
}
