// log.ts: what a runner says of itself: sentences for people, or a JSON object a line for whatever collects logs

import { pino } from 'pino'

export const logKinds = ['words', 'json'] as const
export type LogKind = (typeof logKinds)[number]

/** Where a runner says what happens. Nothing that is said holds its token. */
export interface Log {
  /** @param fields what a program would ask for; people read the sentence alone */
  info(fields: Record<string, unknown>, sentence: string): void
  warn(fields: Record<string, unknown>, sentence: string): void
}

/** Writes to the standard error, at once: what was said is there if the process dies. */
export function openLog(kind: LogKind): Log {
  if (kind === 'json')
    return pino(
      { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
      pino.destination({ dest: 2, sync: true }),
    )
  const say = (_: unknown, sentence: string) => void process.stderr.write(`${sentence}\n`)
  return { info: say, warn: say }
}
