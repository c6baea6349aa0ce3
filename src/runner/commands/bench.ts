// bench.ts: `tiltlab bench`, what each kind of kernel reaches here

import type { Command } from 'commander'
import { defaultConfig } from '../../core/run/config'
import type { Dtype } from '../../engine/dtypes'
import type { KernelSpeed, SpeedReport } from '../../engine/webgpu/speed'
import { openDawn } from '../dawn'
import { modelSource } from '../models'

/** Adds the command to the program. */
export function addBench(program: Command): void {
  program
    .command('bench')
    .description('time every kernel of sampling and of a gradient, and set it against what the adapter can do')
    .option('--model <id>', 'model as for train', defaultConfig.model.id)
    .option('--dtype <name>', 'which of the model’s ONNX files', defaultConfig.model.dtype)
    .option('--json', 'print the report as JSON')
    .action(async ({ model, dtype, json }: { model: string; dtype: Dtype; json?: boolean }) => {
      const { measureSpeed } = await import('../../engine/webgpu/speed')
      const { adapter } = defaultConfig
      const report = await measureSpeed(modelSource(model), { gpu: await openDawn(), dtype, adapter })
      process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : speedTable(report))
    })
}

/** The report as text. */
export function speedTable({ adapter, rates, phases }: SpeedReport): string {
  const peak = `${rates.gflops.toFixed(0)} GFLOP/s multiply-add, ${rates.gigabytesPerSecond.toFixed(1)} GB/s copy`
  const tables = phases.map(({ phase, ms, tokensPerSecond, kernels }) =>
    [
      `${phase}: ${ms.toFixed(1)} ms, ${tokensPerSecond.toFixed(0)} tokens/s`,
      line('kernel', 'launches', 'ms', 'GFLOP/s', 'of peak', 'GB/s', 'of copy'),
      ...kernels.map((kernel) => kernelLine(kernel, rates)),
    ].join('\n'),
  )
  return `${[`${adapter}: ${peak}`, ...tables].join('\n\n')}\n`
}

function kernelLine(
  { label, launches, ms, gflops, gigabytesPerSecond }: KernelSpeed,
  rates: SpeedReport['rates'],
): string {
  const share = (value: number, most: number) => `${Math.round((100 * value) / most)} %`
  return line(
    label,
    String(launches),
    ms.toFixed(2),
    gflops.toFixed(1),
    share(gflops, rates.gflops),
    gigabytesPerSecond.toFixed(1),
    share(gigabytesPerSecond, rates.gigabytesPerSecond),
  )
}

function line(label: string, ...numbers: string[]): string {
  return label.padEnd(28) + numbers.map((number) => number.padStart(9)).join('')
}
