// embedded.ts: the prompt sets that come with tiltlab, in models/data

import * as v from 'valibot'
import { ModelFileError } from '../../core/errors'
import { validate } from '../../core/run/validate'
import { readModelFile, type FileSource } from '../../engine/hub'

const MAX_LINE_BYTES = 1 << 20
const sign = v.picklist(['+', '-'])

const ProblemSchema = v.strictObject({
  prompt: v.string(),
  answer: v.string(),
  problem: v.strictTuple([v.number(), sign, v.number(), sign, v.number()]),
})

const StringProblemSchema = v.strictObject({ prompt: v.string(), answer: v.string() })

const RequestSchema = v.strictObject({
  prompt: v.string(),
  family: v.string(),
  harmful: v.boolean(),
  twin: v.pipe(v.number(), v.integer()),
})

/** A sum with its answer: `[a, sign, b, sign, c]`, evaluated from left to right. */
export type Problem = v.InferOutput<typeof ProblemSchema>

/** A question about digits or words, with the text that answers it. */
export type StringProblem = v.InferOutput<typeof StringProblemSchema>

/** A harmful request or its benign twin; twins share a number and differ in one word. */
export type Request = v.InferOutput<typeof RequestSchema>

/** Which of the two prompt sets: they share no problem and no request. */
export type Split = 'train' | 'test'

/** Arithmetic problems, in the order of the file. @throws {ModelFileError | ConfigError} */
export function loadProblems(data: FileSource, split: Split): Promise<Problem[]> {
  return loadLines(data, `arithmetic-${split}.jsonl`, ProblemSchema)
}

/** Problems on digits and words, in the order of the file. @throws {ModelFileError | ConfigError} */
export function loadStrings(data: FileSource, split: Split): Promise<StringProblem[]> {
  return loadLines(data, `strings-${split}.jsonl`, StringProblemSchema)
}

/** Requests, in the order of the file. @throws {ModelFileError | ConfigError} */
export function loadRequests(data: FileSource, split: Split): Promise<Request[]> {
  return loadLines(data, `requests-${split}.jsonl`, RequestSchema)
}

/** A JSON document of the data folder. @throws {ModelFileError} */
export async function loadJson(data: FileSource, name: string): Promise<unknown> {
  const bytes = await readModelFile(data, name)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new ModelFileError(name, 'is not JSON. Restore the file from the repository.')
  }
}

/** The lines of a file of the data folder, checked. @throws {ModelFileError | ConfigError} */
export async function loadLines<T>(data: FileSource, name: string, schema: v.GenericSchema<T>): Promise<T[]> {
  return parseLines(await readModelFile(data, name), name, schema)
}

/** Every line of a JSONL file, checked. @throws {ModelFileError} for a line that is too long or not JSON @throws {ConfigError} */
export function parseLines<T>(bytes: Uint8Array, name: string, schema: v.GenericSchema<T>): T[] {
  const decoder = new TextDecoder()
  const rows: T[] = []
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    if (end - start > MAX_LINE_BYTES) throw new ModelFileError(name, `line ${line} is longer than 1 MiB. Split it.`)
    if (end > start) rows.push(parseLine(decoder.decode(bytes.subarray(start, end)), name, line, schema))
    start = end + 1
  }
  return rows
}

function parseLine<T>(text: string, name: string, line: number, schema: v.GenericSchema<T>): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ModelFileError(name, `line ${line} is not JSON. Write one object per line.`)
  }
  return validate(schema, value, `${name} line ${line}`)
}
