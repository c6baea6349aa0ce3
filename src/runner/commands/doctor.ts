// doctor.ts: `tiltlab doctor`, what this machine can do and what to do about the rest

import type { Command } from 'commander'
import { printJson } from '../../core/inspect/json'
import { runChecks, type Check } from '../doctor/checks'

/** Adds the command. It fails only where something is missing that training needs. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what this machine can do, and what to do where something is missing')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json }: { json?: true }) => {
      const checks = await runChecks()
      process.stdout.write(json ? `${printJson({ checks })}\n` : `${checks.flatMap(lines).join('\n')}\n`)
      if (checks.some(({ status }) => status === 'missing')) process.exitCode = 1
    })
}

const MARKS = { ok: '✓', missing: '✗', optional: '–' }

function lines({ name, status, detail, remedy }: Check): string[] {
  const line = `${MARKS[status]} ${name}: ${detail}`
  return remedy ? [line, `  → ${remedy}`] : [line]
}
