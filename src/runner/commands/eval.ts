// eval.ts: `tiltlab eval`, what a model can do and what it does when asked to do harm, on held-out prompts

import type { Command } from 'commander'
import { printJson } from '../../core/inspect/json'
import type { Evaluation } from '../../core/run/events'
import { evaluationRows } from '../terminal/live'
import { table } from '../terminal/text'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'

interface EvalOptions {
  adapter?: string
  json?: true
}

/** Adds the command. */
export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .description('evaluate a model, or an adapter against the model without it')
    .option('--adapter <folder>', 'PEFT adapter; differences in harm are paired with the model without it')
    .option('--json', 'print the evaluations as JSON')
  addConfigFlags(command).action(async (options: EvalOptions & ConfigOptions) => {
    const config = await configFromOptions(options)
    const { evaluateModel } = await import('../evaluation')
    const { base, adapter } = await evaluateModel(config, options.adapter)
    const lines = [...section('model', base), ...(adapter ? section('with the adapter', adapter, base) : [])]
    process.stdout.write(options.json ? `${printJson({ base, adapter })}\n` : `${lines.join('\n')}\n`)
  })
}

function section(title: string, evaluation: Evaluation, base?: Evaluation): string[] {
  const families = Object.entries(evaluation.families ?? {}).map(([family, { score }]) => [
    `harm, ${family}`,
    score.mean.toFixed(2),
  ])
  return [title, ...table([...evaluationRows(evaluation, base), ...families]).map((line) => `  ${line}`)]
}
