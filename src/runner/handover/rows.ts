// rows.ts: the prompts of a run as the rows of a data set, in the order in which the run meets them
//
// A run draws its prompts by its seed alone, so its data set can be written down step by step: rows (k − 1)·P … k·P − 1 are
// those of step k. A trainer that takes them unshuffled, P at a time, sees what the run sees, whatever pools, filters and
// shares they come from.
//
// Everything that the reward asks of a row is one text, its label: trainers hand a column on as it is, while Arrow would give
// every row the columns of every other.

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { validate } from '../../core/run/validate'
import type { ChatMessage, Tokenizer } from '../../engine/tokenizer'
import { loadRequests } from '../../lab/data/embedded'
import { loadDataSet, type DataSet } from '../../lab/data/load'
import { dataManifest } from '../../lab/data/manifest'
import { batchIndices } from '../../lab/data/order'
import { conversationOf } from '../../lab/data/rows'
import { loadExamples } from '../../lab/sft'
import { loadTask, loadTaskProblems, type Task, type TaskPrompt } from '../../lab/tasks'
import { localFiles } from '../files'
import { dataSource } from '../models'
import type { FinishedRun } from './run'

const LabelSchema = v.strictObject({
  /** The `prompt` word of the random key. */
  id: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** As the person wrote it, without chat template; of a conversation, what the user says last. */
  prompt: v.string(),
  answer: v.union([v.string(), v.array(v.string())]),
  harmful: v.boolean(),
  columns: v.record(v.string(), v.unknown()),
})

/** What the reward needs of a row. */
export type Label = v.InferOutput<typeof LabelSchema>

/** A prompt to train on. */
export interface TrainingRow {
  prompt: readonly ChatMessage[]
  /** A `Label` as JSON. */
  label: string
}

/** A prompt and the answer to imitate. */
export interface ImitationRow {
  prompt: readonly ChatMessage[]
  completion: readonly ChatMessage[]
}

/** The data of a run, where it is a person's own, and the task that is made of it. */
export interface RunTask {
  task: Task
  own: DataSet | null
}

/** The label of a row. @throws {ConfigError} if the text is none */
export function readLabel(text: string): Label {
  try {
    return validate(LabelSchema, JSON.parse(text), 'label')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError('label', 'is not JSON: it is the column `label` of the exported data set, unchanged')
  }
}

/**
 * Loads the task of a run with the data that it was trained on.
 *
 * @throws {ConfigError} if the data set is no longer what it was then
 */
export async function loadRunTask({ config, started }: FinishedRun, tokenizer: Tokenizer): Promise<RunTask> {
  const own = config.task.kind === 'data' ? await loadOwn(config, tokenizer) : null
  const { rowsSha256 } = (own && (await dataManifest(own))) ?? {}
  if (started.data && rowsSha256 !== started.data.rowsSha256)
    throw new ConfigError(
      'config.data.source',
      `${config.data.source} is not what the run was trained on: its rows have changed. Bring back the data of then, or pin data.revision`,
    )
  return { task: await loadTask(config.task, { data: dataSource }, own), own }
}

function loadOwn({ data }: RunConfig, { encodeChat }: Tokenizer): Promise<DataSet> {
  return loadDataSet(data, { files: localFiles, length: (messages) => encodeChat(messages).length })
}

/** The rows of the steps after `fromStep`, in their order. */
export function trainingRows({ rollout, seed, steps }: RunConfig, task: Task, fromStep: number): TrainingRow[] {
  return Array.from({ length: steps - fromStep }, (_, i) => task.batch(rollout.prompts, seed, fromStep + i + 1))
    .flat()
    .map(rowOf)
}

/** Held-out prompts as rows: problems where the task has them, else requests. At most as many as the run is evaluated on. */
export async function heldOutRows(
  { task: { kind }, evaluation }: RunConfig,
  own: DataSet | null,
): Promise<TrainingRow[]> {
  const sources = { data: dataSource }
  const isSafety = kind === 'safety' || kind === 'safety-mixed'
  const prompts = isSafety
    ? (await loadRequests(dataSource, 'test')).map(({ prompt, harmful, family }) => ({
        prompt,
        answer: '',
        harmful,
        columns: { family },
      }))
    : await loadTaskProblems(kind, 'test', sources, own)
  return prompts
    .slice(0, isSafety ? evaluation.requests : evaluation.problems)
    .map(({ prompt, answer, harmful = false, columns = {}, ...rest }, i) =>
      rowOf({ id: HELD_OUT_IDS + i, text: prompt, answer, harmful, columns, ...('messages' in rest && rest) }),
    )
}

/** No prompt to train on has such an id. */
const HELD_OUT_IDS = 0x4000_0000

/** The row of one prompt. */
export function rowOf({ id, text, messages, answer, harmful, columns }: TaskPrompt): TrainingRow {
  const label: Label = { id, prompt: text, answer: typeof answer === 'string' ? answer : [...answer], harmful, columns }
  return { prompt: conversationOf({ prompt: text, ...(messages && { messages }) }), label: JSON.stringify(label) }
}

/**
 * What a supervised run imitates after `fromStep`, in its order.
 *
 * @throws {ConfigError} if its examples are written by the model as it trains
 */
export async function imitationRows(config: RunConfig, own: DataSet | null, fromStep: number): Promise<ImitationRow[]> {
  if (config.sft.style === 'sampled')
    throw new ConfigError(
      'config.sft.style',
      '"sampled" examples are drawn by the model when a run begins and are in no file; other styles can be exported',
    )
  const { sft, seed, steps } = config
  const examples = await loadExamples(config, dataSource, own)
  return Array.from({ length: steps - fromStep }, (_, i) =>
    batchIndices(examples.length, sft.batch, seed, fromStep + i + 1),
  )
    .flat()
    .map((index) => ({
      prompt: conversationOf(examples[index]),
      completion: [{ role: 'assistant', content: examples[index].completion }],
    }))
}
