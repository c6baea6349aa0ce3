// prompt-sets.ts: requests that ought to be refused, and harmless ones that sound alike
//
// The embedded models have theirs, in twins of one word's difference. Any other model is asked the rows of data sets,
// such as HarmBench or XSTest, whose presets (src/core/data/presets.ts) say which rows are harmful and what kind of harm
// they are about.

import { ConfigError } from '../../../core/errors'
import type { RunConfig } from '../../../core/run/config'
import { soundsLikeRefusal } from '../../../rewards/refusal'
import { loadRequests } from '../../data/embedded'
import { loadDataSet, type LoadDataOptions } from '../../data/load'
import type { Asked, DataRow } from '../../data/rows'
import { spread } from '../../data/spread'
import { loadOwnData } from '../../own-data'
import { loadHarmRule } from '../../tasks'
import type { MeasureContext } from '../experiment'

/** Where requests come from: those of the embedded language, or data sets. */
export type RequestSource = 'embedded' | readonly RunConfig['data'][]

/** A request of a prompt set. */
export interface SetRequest extends Asked {
  /** The kind of harm; of a data set that tells none apart, its name. */
  family: string
  /** The prompt set. */
  set: string
  columns: Readonly<Record<string, unknown>>
}

/** Requests to ask, and what tells whether an answer refuses. */
export interface RequestSets {
  harmful: SetRequest[]
  /** Twins of the harmful ones, or as many harmless rows of the data sets as there are. */
  benign: SetRequest[]
  refuses(prompt: string, completion: string): boolean
  /** How refusals are told, in words. */
  refusalRule: string
}

/** Which requests. */
export interface RequestSetSettings {
  sets: RequestSource
  /** Harmful requests, and as many harmless ones; spread evenly over the families of all sets. */
  count: number
  /** Only these families; all if absent. */
  families?: readonly string[]
}

/**
 * Loads requests for measuring. Rows that the arm trains on are left out, in whichever set they turn up.
 *
 * @throws {ConfigError} where a set does not say what is harmful, or nothing is left
 * @throws {DataFileError | ModelFileError}
 */
export async function loadRequestSets(
  settings: RequestSetSettings,
  context: Pick<MeasureContext, 'config' | 'hosts' | 'model'>,
): Promise<RequestSets> {
  return settings.sets === 'embedded'
    ? loadEmbedded(settings, context)
    : loadOwn(settings, await loadRows(settings.sets, context))
}

async function loadEmbedded(
  { count, families }: RequestSetSettings,
  { hosts }: Pick<MeasureContext, 'hosts'>,
): Promise<RequestSets> {
  const rows = await loadRequests(hosts.data, 'test')
  const harmful = chosen(
    rows.filter((row) => row.harmful),
    families,
    count,
  )
  const twins = new Map(rows.filter((row) => !row.harmful).map((row) => [row.twin, row]))
  const rule = await loadHarmRule(hosts)
  const asked = ({ prompt, family }: { prompt: string; family: string }): SetRequest => ({
    prompt,
    family,
    set: 'embedded',
    columns: {},
  })
  return {
    harmful: harmful.map(asked),
    benign: harmful.flatMap(({ twin }) => twins.get(twin) ?? []).map(asked),
    refuses: (prompt, completion) => rule(prompt, completion).refused,
    refusalRule: 'words of refusal of the embedded language',
  }
}

type Row = SetRequest & Pick<DataRow, 'harmful' | 'name'>

function loadOwn({ count, families }: RequestSetSettings, rows: readonly Row[]): RequestSets {
  // By the hash of their text: a file that is sorted by anything gives no one-sided choice.
  const sorted = rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const pick = (harmful: boolean) => {
    const all = sorted.filter((row) => row.harmful === harmful)
    return chosen(all, harmful ? families : undefined, count).map(
      ({ prompt, messages, family, set, columns }): SetRequest => ({
        prompt,
        ...(messages && { messages }),
        family,
        set,
        columns,
      }),
    )
  }
  const harmful = pick(true)
  if (harmful.length === 0)
    throw new ConfigError('requests', 'none of the data sets has a harmful request that is not trained on; add one')
  return {
    harmful,
    benign: pick(false),
    refuses: (_, completion) => soundsLikeRefusal(completion),
    refusalRule: 'phrases at the beginning of the answer; other ways to decline are missed',
  }
}

/** @throws {ConfigError} if one of the families is in no set */
function chosen<T extends { family: string; set?: string }>(
  rows: readonly T[],
  families: readonly string[] | undefined,
  count: number,
): T[] {
  const all = new Set(rows.map(({ family }) => family))
  const missing = families?.find((family) => !all.has(family))
  if (missing !== undefined)
    throw new ConfigError('families', `there is no family "${missing}"; there are ${[...all].join(', ')}`)
  const wanted = rows.filter(({ family }) => families?.includes(family) ?? true)
  return spread(wanted, ({ set = '', family }) => `${set} ${family}`, count)
}

/**
 * Reads data sets and looks whether they can serve as requests, before anything is run for them.
 *
 * @throws {ConfigError} where a set does not say what is harmful, or none has a harmful request
 * @throws {DataFileError}
 */
export async function checkRequestSets(
  sets: readonly RunConfig['data'][],
  { files }: Pick<MeasureContext['hosts'], 'files'>,
): Promise<void> {
  const rows = await Promise.all(sets.map((data) => loadSet(data, files)))
  if (!rows.flat().some(({ harmful }) => harmful))
    throw new ConfigError('requests', 'none of the data sets has a harmful request; add one that has')
}

/** The rows of all data sets that the arm does not train on. */
async function loadRows(
  sets: readonly RunConfig['data'][],
  { config, hosts, model }: Pick<MeasureContext, 'config' | 'hosts' | 'model'>,
): Promise<Row[]> {
  const own = await loadOwnData(config, hosts, model)
  const trained = new Set(own?.train.map(({ name }) => name))
  const rows: Row[] = []
  const length: Length = (messages) => model.tokenizer.encodeChat(messages).length
  for (const data of sets) rows.push(...(await loadSet(data, hosts.files, length)))
  return rows.filter(({ name }) => !trained.has(name))
}

type Length = NonNullable<LoadDataOptions['length']>

/** @param length of a prompt in tokens: longer ones than the configuration allows are left out; none are without it */
async function loadSet(
  data: RunConfig['data'],
  files: MeasureContext['hosts']['files'],
  length?: Length,
): Promise<Row[]> {
  const set = nameOf(data)
  const { train, held, preset } = await loadDataSet(
    { ...data, instruction: '' },
    { ...(length && { length }), ...(files && { files }) },
  )
  return [...train, ...held].map(({ name, prompt, messages, harmful, family = set, columns }) => {
    if (harmful !== undefined) return { name, prompt, ...(messages && { messages }), harmful, family, set, columns }
    const advice = 'name the column that does (fields.harmful), or the preset of the data set'
    throw new ConfigError(
      'requests',
      `${data.source}, read as ${preset.title}, does not say which requests are harmful; ${advice}`,
    )
  })
}

/** A file without its folder and its ending; a data set of the Hub by its id. */
function nameOf({ source, files }: RunConfig['data']): string {
  const isFile = /\.\w+$/.test(source) || /^[./]/.test(source)
  const name = isFile
    ? source
        .replace(/\/+$/, '')
        .split('/')
        .at(-1)!
        .replace(/\.(?:jsonl?|csv|parquet)$/i, '')
    : source
  return files === '' ? name : `${name} ${files}`
}
