// reference.ts: the lists in docs/, written from the definitions themselves

import { readFileSync } from 'node:fs'
import type { Option } from 'commander'
import { format } from 'prettier'
import { dataPresets, INSTRUCTIONS, type DataPreset } from '../../src/core/data/presets'
import { fields, type Field } from '../../src/core/run/fields'
import { metricCatalogue } from '../../src/core/run/metrics'
import { runPresets } from '../../src/core/run/presets'
import { experiments } from '../../src/lab/experiments/catalogue'
import type { Parameter } from '../../src/rewards/function'
import { rewardFunctions } from '../../src/rewards/functions'
import { examples } from '../../src/runner/examples'
import { configFlags } from '../../src/runner/flags'
import { commandsBelow, createProgram, EXIT_CODES, pathOf } from '../../src/runner/program'

const generated = '<!-- Written from the source by `npx vitest run test/docs -u`; do not edit. -->'

/** docs/config.md */
export function configPage(): Promise<string> {
  const sections = new Map<string, Field[]>()
  for (const field of fields()) {
    const section = field.path.includes('.') ? field.path.split('.')[0] : ''
    sections.set(section, [...(sections.get(section) ?? []), field])
  }
  return page([
    '# Configuration',
    'Everything a run is configured by. The command line takes each field as a flag (`--rollout.groupSize 16`), the page ' +
      'as a control, a file as JSON. Start from a preset and change what you mean to change.',
    '## Presets',
    table(
      ['name', 'what it does'],
      runPresets.map(({ name, description }) => [code(name), description]),
    ),
    ...[...sections].flatMap(([section, own]) => [
      section ? `## ${section}` : '## The run',
      table(['field', 'default', 'values', 'meaning'], own.map(row)),
    ]),
  ])
}

/** docs/data-sets.md */
export function dataSetsPage(): Promise<string> {
  return page([
    '# Data sets that are recognised',
    'Each is known by its columns; `--data.preset NAME` says it outright. [data.md](data.md) tells how data is read, and ' +
      '`tiltlab data --data FILE` what a file would be read as. Licences are those of the data, not of tiltlab: look ' +
      'them up where the data comes from before you pass anything on.',
    table(
      ['preset', 'data set', 'prompts are', 'prompt', 'answer', 'compared as', 'licence', 'from'],
      dataPresets.map((preset: DataPreset) => [
        code(preset.name),
        preset.title,
        preset.kind,
        preset.prompt.map(code).join(' or '),
        preset.answer ? preset.answer.paths.map(code).join(' or ') + (preset.answer.boxed ? ', its last box' : '') : '',
        preset.grader ?? '',
        preset.licence || 'look where the file comes from',
        preset.source,
      ]),
    ),
    '## What to know before use',
    dataPresets.map(({ name, traps }) => `- ${code(name)}: ${traps.join(' ').replaceAll('<', '\\<')}`).join('\n'),
    '## What is asked for',
    'Where `data.instruction` is null, a prompt ends with what suits the grader of its answers.',
    table(
      ['grader', 'instruction'],
      Object.entries(INSTRUCTIONS).map(([grader, instruction]) => [code(grader), code(instruction)]),
    ),
  ])
}

/** docs/cli.md: every command, but for the flags that are the fields of the configuration. */
export function commandsPage(): Promise<string> {
  const settings = new Set([...configFlags().map(({ path }) => path), 'preset', 'config'])
  const commands = commandsBelow(createProgram()).filter((command) => examples[pathOf(command)])
  return page([
    '# The command line',
    '`npx tiltlab COMMAND --help` says the same. Commands that take a run’s settings take every field of ' +
      '[config.md](config.md) as a flag, `--preset NAME`, and `--config FILE`: flags lie over the file, the file over the preset.',
    ...commands.flatMap((command) => {
      const own = command.options.filter((option) => !settings.has(option.attributeName()))
      const takesSettings = own.length < command.options.length ? ' Takes a run’s settings.' : ''
      const about = command.description()
      return [
        `## ${[pathOf(command), ...command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`))].join(' ')}`,
        `${about[0].toUpperCase()}${about.slice(1)}.${takesSettings}`,
        ['```sh', ...examples[pathOf(command)].flatMap(([line, says]) => [`# ${says}`, line]), '```'].join('\n'),
        ...(own.length > 0 ? [table(['flag', 'what it does'], own.map(flagRow))] : []),
      ]
    }),
    '## How a command ends',
    table(
      ['exit code', 'meaning'],
      EXIT_CODES.map(([exitCode, meaning]) => [String(exitCode), meaning]),
    ),
  ])
}

function flagRow({ flags, description, defaultValue, argChoices = [] }: Option): string[] {
  const initial = ['string', 'number'].includes(typeof defaultValue) ? ` (default: ${code(String(defaultValue))})` : ''
  const choices = argChoices.length > 0 ? ` (${argChoices.map(code).join(', ')})` : ''
  return [code(flags), description.replaceAll('<', '\\<') + choices + initial]
}

/** docs/metrics.md */
export function metricsPage(): Promise<string> {
  return page([
    '# Metrics',
    'Every number that a run reports. Names are TRL’s where TRL has the metric; `{…}` stands for any word. Metrics that ' +
      'start with `eval_`, `safety/` or `theory/` come from evaluations unless their meaning says otherwise.',
    table(
      ['metric', 'meaning', 'unit', 'source'],
      metricCatalogue.map(({ name, meaning, unit, source }) => [code(name), meaning, unit, source]),
    ),
  ])
}

/** docs/rewards.md: written by people but for the table between its marks. */
export function rewardsPage(): Promise<string> {
  const rows = rewardFunctions.map(({ name, description, parameters }) => [
    code(name),
    description,
    parameters.map(parameterText).join('; '),
  ])
  return withTable('docs/rewards.md', 'functions', ['function', 'what it gives', 'what it can be told'], rows)
}

/** docs/experiments.md: written by people but for the table between its marks. */
export function experimentsPage(): Promise<string> {
  const rows = experiments.map(({ name, question, source, plan }) => {
    const { arms, seeds } = plan({ size: 'full', seeds: null, own: null })
    return [code(name), question, source, `${arms.length} × ${seeds.length}`]
  })
  return withTable('docs/experiments.md', 'experiments', ['experiment', 'what it asks', 'source', 'arms × seeds'], rows)
}

/** A page as it is, with the table between its marks `<!-- name -->` and `<!-- /name -->` written anew. */
function withTable(
  path: string,
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [before, rest] = readFileSync(path, 'utf8').split(open)
  const [, after] = rest.split(close)
  const page = [before + open, table(head, rows), close + after].join('\n\n')
  return format(page, { parser: 'markdown', printWidth: 120 })
}

function parameterText({ name, kind, description, choices, ...rest }: Parameter): string {
  const isLong = typeof rest.default === 'string' && rest.default.length > 20
  const values = choices ? ` (${choices.join(', ')})` : ''
  const default_ = rest.default === undefined || rest.default === '' || isLong ? '' : ` = ${rest.default}`
  return `${code(name + default_)}${kind === 'reward' ? ' (a formula)' : ''}: ${description}${values}`
}

function row(field: Field): string[] {
  const condition = field.onlyIf ? ` (only with ${code(`${field.onlyIf.path} = ${field.onlyIf.value}`)})` : ''
  const value = field.default === undefined ? '' : code(JSON.stringify(field.default))
  return [code(field.path), value, values(field), field.description + condition]
}

function values({ kind, choices, nullable, minimum, maximum, exclusive }: Field): string {
  const bounds = [
    ...(minimum === undefined ? [] : [`${exclusive ? '>' : '≥'} ${minimum}`]),
    ...(maximum === undefined ? [] : [`≤ ${maximum}`]),
  ].join(', ')
  const own = kind === 'choice' ? choices.map(code).join(', ') : [kind, bounds].filter(Boolean).join(' ')
  return nullable ? `${own} or ${code('null')}` : own
}

function page(parts: readonly string[]): Promise<string> {
  return format([parts[0], generated, ...parts.slice(1)].join('\n\n'), { parser: 'markdown', printWidth: 120 })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
