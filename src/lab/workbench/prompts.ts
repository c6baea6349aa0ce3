// prompts.ts: the prompts that a reward is tried out on, with their gold answers as completions

import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { goldText } from '../../rewards/grader'
import type { Compare } from '../../rewards/graders'
import type { Tokenizer } from '../../engine/tokenizer'
import { loadDataSet, type DataSet, type LoadDataOptions } from '../data/load'
import type { Hosts } from '../hosts'
import { loadExamples } from '../sft'
import { loadCompare, loadTask, type Task, type TaskPrompt } from '../tasks'
import { goldForm, type GoldForm, type OwnGrader } from './gold'

/** A prompt, and its gold answer if it has one. */
export interface TriedPrompt extends TaskPrompt {
  gold: GoldForm | null
}

/** What a reward is tried out on. */
export interface TriedTask {
  task: Task
  prompts: TriedPrompt[]
  /** The data set with its licence, or the task. */
  source: string
  /** Compares answers with the gold; null where there is none. */
  compare: Compare | null
  grader: OwnGrader | null
}

/** Where the prompts come from. */
interface DataHosts extends Pick<Hosts, 'data' | 'files'> {
  loadData?(config: RunConfig, options: LoadDataOptions): Promise<DataSet>
}

/**
 * The prompts of a step of a run, if that took `count` of them; fewer where there are fewer.
 *
 * @throws {ConfigError | DataFileError | ModelFileError}
 */
export async function loadTriedTask(
  config: RunConfig,
  { count, step }: { count: number; step: number },
  hosts: DataHosts,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<TriedTask> {
  const set = config.task.kind === 'data' ? await loadOwn(config, hosts, tokenizer, signal) : null
  const task = await loadTask(config.task, hosts, set)
  const grader = set ? set.grader : OWN_GRADERS[config.task.kind]
  const compare = grader && (await loadCompare(config.task.kind, set))
  const worked = grader === 'sums' ? await workedSums(config, hosts) : new Map<string, string>()
  const drawn = new Map(task.batch(count, config.seed, step).map((prompt) => [prompt.id, prompt]))
  const prompts = [...drawn.values()].map((prompt) => ({
    ...prompt,
    gold:
      grader && compare && goldText(prompt.answer) !== ''
        ? goldForm(prompt.answer, grader, compare, [worked.get(prompt.text), prompt.columns.solution])
        : null,
  }))
  return { task, prompts, compare, grader, source: set ? sourceOf(set) : NAMES[task.name] }
}

async function loadOwn(
  config: RunConfig,
  { files, loadData = ({ data }, options) => loadDataSet(data, options) }: DataHosts,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): Promise<DataSet> {
  if (config.data.source === '')
    throw new ConfigError('config.data.source', 'the task "data" needs a data set: --data FILE.jsonl')
  return loadData(config, {
    length: (messages) => tokenizer.encodeChat(messages).length,
    ...(files && { files }),
    ...(signal && { signal }),
  })
}

/** The sums as the embedded models work them out. */
async function workedSums({ sft }: RunConfig, { data }: Pick<Hosts, 'data'>): Promise<Map<string, string>> {
  const examples = await loadExamples(
    { task: { kind: 'arithmetic' }, sft: { ...sft, style: 'own', problems: Infinity } },
    data,
  )
  return new Map(examples.map(({ prompt, completion }) => [prompt, completion]))
}

function sourceOf({ report }: DataSet): string {
  return `${report.source} (${report.licence === '' ? 'licence not known' : `licence: ${report.licence}`})`
}

/** What the answers of a task that comes with tiltlab are compared by; null where there are none. */
const OWN_GRADERS: Readonly<Record<Task['name'], OwnGrader | null>> = {
  arithmetic: 'sums',
  strings: 'marked',
  safety: null,
  'safety-mixed': null,
  mixed: 'sums',
  data: null,
}

const NAMES: Readonly<Record<Task['name'], string>> = {
  arithmetic: 'the sums that come with tiltlab',
  strings: 'the digits and words that come with tiltlab',
  safety: 'the harmful requests that come with tiltlab',
  'safety-mixed': 'the requests that come with tiltlab, half of them harmful',
  mixed: 'the sums and the requests that come with tiltlab',
  data: 'a data set',
}
