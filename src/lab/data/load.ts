// load.ts: a data set as a configuration describes it: read, understood, cleaned and split
//
//   files ─▶ rows ─▶ prompts ─▶ no duplicates ─▶ held out | train ─▶ not too long ─▶ (train) of the right difficulty
//
// The split comes before the filters, so that another bound on length or difficulty never moves a held-out prompt into
// training. Everything that is left out on the way is counted.

import { INSTRUCTIONS, type DataGrader, type DataPreset } from '../../core/data/presets'
import { CancelledError, ConfigError, DataFileError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { ChatMessage } from '../../engine/tokenizer'
import type { LocalFiles } from './file'
import { createMapping, graderFor, mapRow } from './map'
import { byDifficulty, readPassRates } from './pass-rates'
import { readRows } from './read'
import { conversationOf, type DataRow } from './rows'
import { split, unique } from './select'
import { openSource } from './source'

/** What became of every row, in numbers. */
export interface DataReport {
  /** Where the rows come from, with the commit where there is one. */
  source: string
  files: string[]
  /** What is known of the licence; empty if nothing. */
  licence: string
  /** Rows that were read and understood. */
  rows: number
  /** Rows that could not be used; the first ones in words. */
  bad: number
  badExamples: string[]
  duplicates: number
  /** Duplicates with another gold answer than the row that was kept. */
  contradictions: number
  tooLong: number
  /** Training rows that are too easy or too hard, and those of which no pass rate is known. */
  outside: number
  unmeasured: number
  train: number
  held: number
}

/** Prompts to train on and prompts that no training step sees. */
export interface DataSet {
  train: DataRow[]
  held: DataRow[]
  preset: DataPreset
  /** What compares answers with the gold; null where there is none. */
  grader: DataGrader | null
  report: DataReport
  /** Tokens of the longest prompt that is left, chat template included; 0 if lengths were not measured. */
  longestPrompt: number
}

export interface LoadDataOptions {
  /** Files of the host; without them only addresses and the Hub can be read. */
  files?: LocalFiles
  /** Tokens of a conversation in the chat template of the model; without it no prompt is too long. */
  length?: (messages: readonly ChatMessage[]) => number
  signal?: AbortSignal
}

/**
 * Loads the data set that a configuration describes.
 *
 * @throws {ConfigError | DataFileError} naming the field, or the file, the line and the column
 */
export async function loadDataSet(data: RunConfig['data'], options: LoadDataOptions = {}): Promise<DataSet> {
  const { files, length, signal } = options
  const read = await readAll(data, files, signal)
  const { preset, rows: all, ...counts } = read
  const kept = data.deduplicate ? unique(all) : { rows: all, duplicates: 0, contradictions: 0 }
  const parts = split(kept.rows, data.heldOut, data.splitSeed)
  const grader = graderFor(preset, kept.rows)
  const instruction = data.instruction ?? (grader ? INSTRUCTIONS[grader] : '')
  const ask = (row: DataRow) => withInstruction(row, instruction)
  const lengths = new Map(kept.rows.map((row) => [row, length?.(conversationOf(ask(row))) ?? 0]))
  const fits = (row: DataRow) => lengths.get(row)! <= data.maxPromptTokens
  const held = parts.held.filter(fits)
  const short = parts.train.filter(fits)
  const chosen = await ofRightDifficulty(short, data, files)
  const longestPrompt = [...chosen.rows, ...held].reduce((most, row) => Math.max(most, lengths.get(row)!), 0)
  return {
    train: chosen.rows.map(ask),
    held: held.map(ask),
    preset,
    grader,
    longestPrompt,
    report: {
      ...counts,
      rows: all.length,
      duplicates: kept.duplicates,
      contradictions: kept.contradictions,
      tooLong: kept.rows.length - short.length - held.length,
      outside: chosen.outside,
      unmeasured: chosen.unmeasured,
      train: chosen.rows.length,
      held: held.length,
    },
  }
}

type ReadRows = Pick<DataReport, 'source' | 'files' | 'licence' | 'bad' | 'badExamples'> & {
  preset: DataPreset
  rows: DataRow[]
}

const BAD_EXAMPLES = 5
const SKIP = 'Or leave bad rows out, and have them counted, with data.badRows skip.'

async function readAll(data: RunConfig['data'], local?: LocalFiles, signal?: AbortSignal): Promise<ReadRows> {
  const source = await openSource(data, local)
  const rows: DataRow[] = []
  const badExamples: string[] = []
  let bad = 0
  let preset: DataPreset | undefined
  for (const file of source.files) {
    for await (const raw of readRows(file)) {
      if (signal?.aborted) throw new CancelledError('Reading the data')
      if ('values' in raw) preset ??= createMapping(data, raw.values, file.name)
      const row = 'values' in raw ? mapRow(preset!, raw.values) : raw
      if (!('problem' in row)) {
        rows.push(row)
        continue
      }
      const error = new DataFileError(file.name, row.problem, raw.place)
      if (data.badRows === 'error') throw new DataFileError(file.name, `${sentence(row.problem)} ${SKIP}`, raw.place)
      bad++
      if (badExamples.length < BAD_EXAMPLES) badExamples.push(error.message)
    }
  }
  if (!preset || rows.length === 0)
    throw new DataFileError(source.name, `has no rows that can be used (${bad} bad ones).`)
  // Columns are not proof: a person's own file may look like a known one.
  const licence = source.licence || (preset.licence && `${preset.licence}, if this is ${preset.title}`)
  return { source: source.name, files: source.files.map(({ name }) => name), licence, preset, rows, bad, badExamples }
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}

/** Also in a conversation the instruction belongs to what the user says last. */
function withInstruction(row: DataRow, instruction: string): DataRow {
  if (instruction === '') return row
  const prompt = `${row.prompt}\n\n${instruction}`
  const messages = row.messages?.map((message, i) =>
    i === row.messages!.length - 1 ? { ...message, content: prompt } : message,
  )
  return { ...row, prompt, ...(messages && { messages }) }
}

async function ofRightDifficulty(rows: DataRow[], data: RunConfig['data'], local?: LocalFiles) {
  const isBounded = data.minPassRate > 0 || data.maxPassRate < 1
  if (data.passRates === '') {
    if (!isBounded) return { rows, outside: 0, unmeasured: 0 }
    const problem = 'the bounds on pass rates need a file of them: tiltlab data measure writes it'
    throw new ConfigError('config.data.passRates', problem)
  }
  const file = await local?.open(data.passRates)
  if (!file) throw new ConfigError('config.data.passRates', `there is no file ${data.passRates}`)
  return byDifficulty(rows, await readPassRates(file), data)
}
