// faults.ts: everything that can be wrong with a reward, in one shape, at the place where a person can mend it

import { ConfigError, DataFileError, messageOf } from '../../core/errors'
import { ExpressionError } from '../../rewards/expression'
import { RewardSourceError } from '../../rewards/sandbox/contract'
import type { FailureSummary } from '../../lab/workbench/report'
import { counted } from '../../core/format'
import type { TypeFault } from './language/service'

/** Something wrong at a place of the program; line and column count from 1. */
export interface Fault {
  line: number
  column: number
  /** Characters that it covers, over line ends too; absent: the word there. */
  length?: number
  severity: 'error' | 'warning'
  message: string
}

/** Why the workbench could not do its work, plain enough to be posted by a worker. */
export type Problem =
  | { about: 'program'; message: string; at?: { line: number; column: number } }
  /** `position`: the character at fault, from 0. */
  | { about: 'formula'; message: string; position: number }
  | { about: 'data'; message: string }
  /** Of the model, or a fault of tiltlab itself. */
  | { about: 'other'; message: string }

/** What an error is about. Messages keep their words; those of the program and the formula lose the place, which is shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RewardSourceError)
    return { about: 'program', message: capital(error.problem), ...(error.at && { at: error.at }) }
  if (error instanceof ExpressionError) {
    const message = capital(error.message.replace(/^.*?at character \d+: /, ''))
    return { about: 'formula', message: `${message}.`, position: error.position }
  }
  const message = messageOf(error)
  const isData =
    error instanceof DataFileError || (error instanceof ConfigError && error.field.startsWith('config.data'))
  return { about: isData ? 'data' : 'other', message }
}

/** Everything to show in the editor, the worst first: what stops the program, what failed on completions, types. */
export function faultsOf(
  source: string,
  problem: Problem | null,
  failures: readonly FailureSummary[],
  types: readonly TypeFault[],
): Fault[] {
  const refused =
    problem?.about === 'program'
      ? [{ line: 1, column: 1, ...problem.at, severity: 'error' as const, message: problem.message }]
      : []
  // What ran out of steps or memory did so nowhere in particular: that is told at the function itself.
  const failed = failures.flatMap(({ part, line = rewardLine(source), column = 1, kind, message, count }): Fault[] =>
    !/^user(?:_\d+)?$/.test(part)
      ? []
      : [
          {
            line,
            column,
            severity: 'error',
            message: `${capital(kind)} on ${counted(count, 'completion')}: ${message}`,
          },
        ],
  )
  const typed = types.map(({ from, to, severity, message }) => ({
    ...placeOf(source, from),
    length: to - from,
    severity: severity === 'error' ? ('warning' as const) : severity,
    message,
  }))
  return [...refused, ...failed, ...typed]
}

/** The line of the exported function, from 1; the first line where it is not seen. */
function rewardLine(source: string): number {
  const found = source.search(/\brewards?\b\s*[=(]/)
  return found < 0 ? 1 : placeOf(source, found).line
}

/** Line and column, from 1, of a character. */
export function placeOf(source: string, position: number): { line: number; column: number } {
  const before = source.slice(0, position)
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
