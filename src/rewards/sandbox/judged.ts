// judged.ts: from what the driver answers to an outcome that anyone may read
//
// The driver's answer was made beside a program that may be hostile, so its parts are measured before they are kept.

import { messageOf } from '../../core/errors'
import { JSException } from 'quickjs-wasi'
import type { FailedItem, Json, SandboxLimits, ScoredItem, VerdictClass } from './contract'
import { stackPosition, type CompiledSource } from './source'

/** The driver's answer for one item; info is JSON once more. */
export type Judged =
  | { kind: 'score'; score: number | null; info?: string }
  | { kind: 'error'; class: VerdictClass; message: string; stack: string }

/** Deeper JSON is a mistake, and whatever copies it by recursion would fail. */
const LARGEST_DEPTH = 64
const LONGEST_MESSAGE_CHARACTERS = 500

/** The outcome of one item. */
export function outcomeOf(judged: Judged, limits: SandboxLimits, source: CompiledSource): ScoredItem | FailedItem {
  if (judged.kind === 'error') {
    const message = shortened(judged.message)
    return { kind: 'error', class: judged.class, message, ...stackPosition(judged.stack, source) }
  }
  // JSON has no −0, and a reward of −0 means 0.
  const score = judged.score === null ? null : judged.score + 0
  if (judged.info === undefined) return { kind: 'score', score }
  const bytes = new TextEncoder().encode(judged.info).length
  if (bytes > limits.outputBytes) {
    return {
      kind: 'error',
      class: 'output',
      message: `info has ${bytes} bytes; at most ${limits.outputBytes} are kept`,
    }
  }
  if (depthOf(judged.info) > LARGEST_DEPTH) {
    return { kind: 'error', class: 'not-a-score', message: `info is nested more than ${LARGEST_DEPTH} deep` }
  }
  return { kind: 'score', score, info: JSON.parse(judged.info) as Record<string, Json> }
}

export function timedOut(message: string): Judged & { kind: 'error' } {
  return { kind: 'error', class: 'timeout', message, stack: '' }
}

/** What it means that the driver itself could not go on. Nearly always the machine is at one of its limits. */
export function broken(error: unknown): Judged & { kind: 'error' } {
  const message = messageOf(error)
  if (!(error instanceof JSException)) {
    const verdict = error instanceof RangeError ? 'stack' : 'memory'
    return { kind: 'error', class: verdict, message: `the machine broke down (${message})`, stack: '' }
  }
  return { kind: 'error', class: LIMITS[message] ?? 'exception', message, stack: error.stack ?? '' }
}
/** QuickJS' own words. */
const LIMITS: Record<string, VerdictClass> = {
  'out of memory': 'memory',
  'Maximum call stack size exceeded': 'stack',
}

function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    else if (token === '}' || token === ']') depth--
  }
  return deepest
}

function shortened(text: string): string {
  return text.length <= LONGEST_MESSAGE_CHARACTERS ? text : `${text.slice(0, LONGEST_MESSAGE_CHARACTERS)}…`
}
