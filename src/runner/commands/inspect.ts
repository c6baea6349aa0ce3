// inspect.ts: `tiltlab inspect WHAT`, the numbers without the page
//
// A document in, an answer out; an array of documents in, an array of answers out. Nothing is written unless every
// document was answered.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Argument, Option, type Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { parseJson, printJson } from '../../core/inspect/json'
import { inspectSubjects as pureSubjects, type InspectSubject } from '../../core/inspect/registry'
import { fields } from '../../core/run/fields'
import { answerEach } from '../inspect/each'
import { gradeSubject } from '../inspect/grade'
import { modelSubjects } from '../inspect/model'
import type { ModelOptions } from '../models'
import { writeAtomically } from '../storage'

const inspectSubjects: Readonly<Record<string, InspectSubject>> = { ...pureSubjects, grade: gradeSubject }

interface InspectOptions extends ModelOptions {
  in?: string
  out?: string
}

/** Adds the command. */
export function addInspect(program: Command): void {
  const subjects = { ...inspectSubjects, ...modelSubjects }
  const lines = Object.entries(subjects).map(([name, { description }]) => `  ${name.padEnd(12)}${description}`)
  program
    .command('inspect')
    .description('answer a JSON document with the functions that training uses')
    .addArgument(new Argument('<what>', 'what to compute').choices(Object.keys(subjects)))
    .option('--in <file>', 'document, or array of documents; - is the standard input')
    .option('--out <file>', 'where the answer goes (default: the standard output)')
    .option('--model <id>', 'model of score, gradient and sample: embedded:guess, a folder, or a Hub id')
    .option('--adapter <folder>', 'PEFT adapter laid over the model')
    .addOption(choiceOption('--engine <name>', 'engine.kind'))
    .addOption(choiceOption('--dtype <name>', 'model.dtype'))
    .addOption(choiceOption('--embedding <name>', 'model.embedding'))
    .addHelpText('after', `\nSubjects:\n${lines.join('\n')}`)
    .action((what: string, options: InspectOptions) => inspect(what, options))
}

/** A field of the run configuration as an option, with its choices and its default. */
function choiceOption(flag: string, path: string): Option {
  const field = fields().find((candidate) => candidate.path === path)!
  return new Option(flag, field.description).choices(field.choices).default(field.default)
}

async function inspect(what: string, options: InspectOptions): Promise<void> {
  if (what === 'gradient' && options.out === undefined) {
    throw new ConfigError('--out', 'gradient writes a safetensors file; say where with --out FILE.safetensors')
  }
  if (what in modelSubjects) {
    const document = await readDocument(what, options.in)
    await write(options.out, await modelSubjects[what].answer(document, options))
    return
  }
  const { needsDocument, answer } = inspectSubjects[what]
  const document = needsDocument ? await readDocument(what, options.in) : undefined
  await write(options.out, await answerEach(document, options.engine === 'webgpu' ? await onGpu(what) : answer))
}

/** The few answers that a graphics device can give without a model. */
async function onGpu(what: string): Promise<(document: unknown) => unknown> {
  if (what !== 'random') throw new ConfigError('--engine', `${what} is computed on the CPU only. Leave --engine out.`)
  return (await import('../inspect/random-on-gpu')).randomOnGpu
}

async function readDocument(what: string, path: string | undefined): Promise<unknown> {
  if (path === undefined)
    throw new ConfigError('--in', `${what} needs a document: a file’s name, or - for the standard input`)
  if (path === '-') return parseJson(await text(process.stdin), 'standard input')
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError('--in', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`)
  })
  return parseJson(content, path)
}

/** Bytes are a file's content; anything else is printed as JSON. */
async function write(path: string | undefined, answer: unknown): Promise<void> {
  const content = answer instanceof Uint8Array ? answer : `${printJson(answer)}\n`
  if (path === undefined) process.stdout.write(content)
  else await writeAtomically(path, content).catch(unwritable(path))
}

function unwritable(path: string): (cause: NodeJS.ErrnoException) => never {
  return ({ code }) => {
    throw new ConfigError('--out', `${path} cannot be written (${code}). Check the folder.`)
  }
}
