// map.ts: from the columns of a file to prompts, gold answers and what else a row says
//
// The first row decides which preset is meant, unless the configuration does; columns that the configuration names come
// before those of the preset.

import { ConfigError } from '../../core/errors'
import {
  dataPresets,
  findDataPreset,
  HARMFUL_WORDS,
  HARMLESS_WORDS,
  type DataGrader,
  type DataPreset,
  type Paths,
} from '../../core/data/presets'
import type { RunConfig } from '../../core/run/config'
import type { ChatMessage } from '../../engine/tokenizer'
import { graders } from '../../rewards/graders'
import { boxes } from '../../rewards/math/boxes'
import { isRecord } from '../../core/inspect/json'
import type { DataRow } from './rows'
import { promptName } from './select'

type Values = Record<string, unknown>

/** What stands between a context and the request about it, as HarmBench has it. */
const CONTEXT_END = '\n\n---\n\n'
const LETTERS = 'ABCDEFGHIJ'
const MAX_SHOWN = 60

/** What the columns of a file mean where no preset says it. */
const BY_HAND: DataPreset = {
  name: 'by hand',
  title: 'columns chosen by hand',
  kind: 'prompts',
  grader: null,
  columns: [],
  prompt: [],
  licence: '',
  source: '',
  traps: [],
}

/**
 * What the columns of a file mean.
 *
 * @param first the first row that could be read
 * @param file  its name
 * @throws {ConfigError} if nothing fits, or a column that is named is not there
 */
export function createMapping({ preset, fields }: RunConfig['data'], first: Values, file: string): DataPreset {
  const named = preset === 'auto' ? undefined : findDataPreset(preset)
  if (named) refuseOtherColumns(named, first, file)
  const { prompt, answer, harmful } = fields
  for (const [field, path] of Object.entries(fields)) {
    if (path !== '' && valueAt(first, [path]) === undefined)
      throw new ConfigError(`config.data.fields.${field}`, `${file} has no column "${path}"; ${columnsOf(first)}`)
  }
  const known = named ?? dataPresets.find((each) => fits(each, first, file))
  if (!known && prompt === '') {
    const advice = 'name the one that holds the prompt: --data.fields.prompt COLUMN'
    throw new ConfigError(
      'config.data.preset',
      `${file} is none of the known data sets; ${columnsOf(first)}; ${advice}`,
    )
  }
  return narrowed(
    {
      ...(known ?? BY_HAND),
      ...(prompt !== '' && { prompt: [prompt] }),
      ...(answer !== '' && { answer: { paths: [answer] } }),
      ...(answer !== '' && (known?.kind ?? 'prompts') === 'prompts' && { kind: 'problems', grader: 'by-answers' }),
      ...(harmful !== '' && {
        harmful: { paths: [harmful], when: HARMFUL_WORDS, unless: HARMLESS_WORDS },
        kind: 'mixed',
      }),
    },
    first,
  )
}

/** Of several columns that may hold something, the one that the first row has: all rows are read alike. */
function narrowed(preset: DataPreset, first: Values): DataPreset {
  const found = (paths: Paths) => paths.filter((path) => valueAt(first, [path]) !== undefined).slice(0, 1)
  const { answer, ...rest } = preset
  const answerPaths = answer ? found(answer.paths) : []
  const isNeeded = answer && (answerPaths.length > 0 || preset.kind === 'problems')
  return {
    ...rest,
    prompt: found(preset.prompt),
    ...(isNeeded && { answer: { ...answer, paths: answerPaths.length > 0 ? answerPaths : answer.paths } }),
  }
}

/** The preset whose columns a row has; undefined if there is none. */
function fits(preset: DataPreset, values: Values, file: string): boolean {
  const has = (column: string | Paths) => [column].flat().some((name) => Object.hasOwn(values, name))
  const looksRight = Object.entries(preset.where ?? {}).every(
    ([column, pattern]) => !Object.hasOwn(values, column) || pattern.test(String(values[column])),
  )
  return (
    preset.columns.every(has) &&
    !preset.without?.some(has) &&
    looksRight &&
    (preset.file?.test(file) ?? true) &&
    textAt(values, preset.prompt) !== undefined
  )
}

function refuseOtherColumns(preset: DataPreset, values: Values, file: string): void {
  const missing = preset.columns.find((column) => ![column].flat().some((name) => Object.hasOwn(values, name)))
  if (missing === undefined) return
  const wanted = [missing].flat().join(' or ')
  throw new ConfigError(
    'config.data.preset',
    `"${preset.name}" needs a column ${wanted}; ${file}: ${columnsOf(values)}`,
  )
}

function columnsOf(values: Values): string {
  return `its columns are ${Object.keys(values).join(', ')}`
}

/** A row that its preset cannot read; the message starts with the field. */
class RowProblem extends Error {}

/** A row in the words of its preset, or what is wrong with it. Never throws on any values. */
export function mapRow(preset: DataPreset, values: Values): DataRow | { problem: string } {
  try {
    return readRow(preset, values)
  } catch (error) {
    if (error instanceof RowProblem) return { problem: error.message }
    throw error
  }
}

function readRow(preset: DataPreset, values: Values): DataRow {
  const asked = readPrompt(preset, values)
  const options = preset.choices && readOptions(values, preset.choices)
  const prompt = options ? withOptions(asked.prompt, options) : asked.prompt
  const harmful = readHarmful(preset, values)
  const family = preset.family && valueAt(values, preset.family)
  const promptColumn = Object.hasOwn(values, asked.path) ? asked.path : asked.path.split('.')[0]
  const messages = asked.messages && { messages: asked.messages }
  return {
    name: promptName({ prompt, ...messages }),
    prompt,
    ...messages,
    answer: readAnswer(preset, values, options) ?? asked.reply ?? '',
    ...(harmful !== undefined && { harmful }),
    ...(typeof family === 'string' && family !== '' && { family }),
    columns: Object.fromEntries(Object.entries(values).filter(([column]) => column !== promptColumn)),
  }
}

interface ReadPrompt {
  path: string
  prompt: string
  messages?: ChatMessage[]
  /** What the assistant says to it in the data. */
  reply?: string
}

function readPrompt({ prompt: paths, context }: DataPreset, values: Values): ReadPrompt {
  const path = paths.find((each) => valueAt(values, [each]) !== undefined) ?? paths[0]
  const value = valueAt(values, [path])
  if (Array.isArray(value)) return { path, ...readConversation(path, value) }
  if (typeof value !== 'string' || value.trim() === '')
    throw new RowProblem(`${path}: expected a text, got ${show(value)}`)
  const before = context === undefined ? undefined : valueAt(values, [context])
  return { path, prompt: typeof before === 'string' && before !== '' ? before + CONTEXT_END + value : value }
}

/** Everything up to the last message of the user, and what the assistant answers there. */
function readConversation(path: string, list: readonly unknown[]): Omit<ReadPrompt, 'path'> {
  const messages = list.map((item, i) => {
    const { role, content } = isRecord(item) ? item : {}
    if (typeof role === 'string' && typeof content === 'string') return { role, content }
    throw new RowProblem(`${path}.${i}: expected {role, content}, got ${show(item)}`)
  })
  const last = messages.findLastIndex(({ role }) => role === 'user')
  if (last < 0) throw new RowProblem(`${path}: has no message of the user`)
  const { content: prompt } = messages[last]
  const reply = messages.slice(last + 1).find(({ role }) => role === 'assistant')?.content
  return { prompt, ...(last > 0 && { messages: messages.slice(0, last + 1) }), ...(reply !== undefined && { reply }) }
}

function readAnswer(
  { answer, kind, grader }: DataPreset,
  values: Values,
  options?: string[],
): string | string[] | undefined {
  if (!answer) return undefined
  const path = answer.paths.find((each) => valueAt(values, [each]) !== undefined) ?? answer.paths[0]
  const value = valueAt(values, [path])
  if (value === undefined && kind !== 'problems') return undefined
  const golds = [value].flat().map((each) => {
    if (options) return readLetter(path, each, options, values)
    const text = typeof each === 'number' ? String(each) : each
    if (typeof text !== 'string' || text.trim() === '')
      throw new RowProblem(`${path}: expected an answer, got ${show(each)}`)
    return checkedGold(path, answer.boxed ? boxed(path, text) : text, grader)
  })
  if (golds.length === 0) throw new RowProblem(`${path}: expected an answer, got an empty list`)
  return golds.length === 1 ? golds[0] : golds
}

function boxed(path: string, text: string): string {
  const found = boxes(text).at(-1)?.content
  if (found === undefined) throw new RowProblem(`${path}: has no \\boxed{} with the answer`)
  return found
}

/** What a gold answer has to be, for each grader that is choosy. */
const GOLDS: Readonly<Partial<Record<DataGrader, string>>> = {
  gsm8k: 'a number, or a solution that ends with #### and one',
  aime: 'a whole number from 0 to 999',
  number: 'a number',
}

/** A gold answer that its grader could never find to be right would teach nothing. */
function checkedGold(path: string, text: string, grader: DataPreset['grader']): string {
  if (grader === null || grader === 'by-answers') return text
  // Some copies of AIME went through a table of floating-point numbers.
  const gold = grader === 'aime' ? text.replace(/^(\d+)\.0+$/, '$1') : text
  if (graders[grader].isGold(gold)) return gold
  throw new RowProblem(`${path}: expected ${GOLDS[grader] ?? 'an answer'}, got ${show(text.slice(-MAX_SHOWN))}`)
}

function readOptions(values: Values, paths: Paths): string[] {
  const list = valueAt(values, paths)
  const isList = Array.isArray(list) && list.length >= 2 && list.length <= LETTERS.length
  if (isList && list.every((option) => typeof option === 'string')) return list
  throw new RowProblem(`${paths[0]}: expected 2 to 10 options, got ${show(list)}`)
}

function withOptions(prompt: string, options: readonly string[]): string {
  return `${prompt}\n\n${options.map((option, i) => `${LETTERS[i]}. ${option}`).join('\n')}`
}

/** The letter of the right option: given as its index, as its letter or label, or as its text. */
function readLetter(path: string, answer: unknown, options: readonly string[], values: Values): string {
  const labels = valueAt(values, ['choices.label'])
  const indices = [
    typeof answer === 'number' ? answer : -1,
    Array.isArray(labels) ? labels.indexOf(answer) : -1,
    typeof answer === 'string' && answer.length === 1 ? LETTERS.indexOf(answer.toUpperCase()) : -1,
    options.indexOf(answer as string),
  ]
  const index = indices.find((each) => each >= 0 && each < options.length)
  if (index !== undefined && Number.isInteger(index)) return LETTERS[index]
  throw new RowProblem(`${path}: expected one of the ${options.length} options, got ${show(answer)}`)
}

function readHarmful({ harmful, kind }: DataPreset, values: Values): boolean | undefined {
  if (!harmful) return kind === 'harmful' ? true : kind === 'harmless' ? false : undefined
  const path = harmful.paths.find((each) => valueAt(values, [each]) !== undefined) ?? harmful.paths[0]
  const word = String(valueAt(values, [path]))
  if (harmful.when.test(word)) return true
  if (harmful.unless?.test(word) ?? true) return false
  throw new RowProblem(`${path}: expected true or false, harmful or harmless, safe or unsafe, got ${show(word)}`)
}

/** The first of several paths that leads to a value; undefined if none does. */
function valueAt(values: Values, paths: Paths): unknown {
  for (const path of paths) {
    const found = Object.hasOwn(values, path) ? values[path] : path.split('.').reduce(step, values)
    if (found !== undefined && found !== null) return found
  }
  return undefined
}

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Values)[key] : undefined
}

function textAt(values: Values, paths: Paths): unknown {
  const value = valueAt(values, paths)
  return typeof value === 'string' || Array.isArray(value) ? value : undefined
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** The grader of a data set: that of its preset, or what the answers look like. */
export function graderFor(preset: DataPreset, rows: readonly DataRow[]): DataGrader | null {
  if (preset.grader !== 'by-answers') return preset.grader
  const answers = rows.flatMap(({ answer }) => answer)
  const all = (pattern: RegExp) => answers.every((answer) => pattern.test(answer))
  if (all(/####\s*[-+]?[$]?[\d.,]*\d/)) return 'gsm8k'
  if (all(/^\s*[-+]?[$€£]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?\s*%?\s*$/i)) return 'number'
  return all(/^\s*\(?[A-J]\)?\s*$/) ? 'choice' : 'math'
}
