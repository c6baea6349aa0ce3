// select.ts: which rows are kept, and which of them are never trained on
//
// A prompt is told by its text, not by its row: prompts that differ in case and white space alone are one, lie on one side
// of the split, and have one measured pass rate.

import { textHash } from '../../core/random/text-hash'
import type { Gold } from '../../rewards/grader'
import type { Asked, DataRow } from './rows'

/** What a prompt is known by: its text and that of what was said before it, in one case and with single spaces. */
export function promptKey({ prompt, messages }: Asked): string {
  const said = messages?.map(({ role, content }) => `${role}: ${content}`) ?? [prompt]
  return said.join('\n').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** The name of a prompt in files of measured pass rates. */
export function promptName(row: Asked): string {
  return textHash(promptKey(row), 0)
}

/** Rows without those whose prompt came before. */
export interface Unique {
  rows: DataRow[]
  duplicates: number
  /** Duplicates whose gold answer is another than that of the row that was kept. */
  contradictions: number
}

/** Keeps the first row of every prompt. */
export function unique(rows: readonly DataRow[]): Unique {
  const firsts = new Map<string, DataRow>()
  let contradictions = 0
  for (const row of rows) {
    const key = promptKey(row)
    const first = firsts.get(key)
    if (!first) firsts.set(key, row)
    else if (!isSameGold(first.answer, row.answer)) contradictions++
  }
  return { rows: [...firsts.values()], duplicates: rows.length - firsts.size, contradictions }
}

function isSameGold(a: Gold, b: Gold): boolean {
  return JSON.stringify([a].flat()) === JSON.stringify([b].flat())
}

/**
 * Keeps some prompts out of training: those whose hashes are smallest, so that a row that is added or left out elsewhere
 * moves no other one (but for the last of a share).
 *
 * @param amount a share of the prompts if below 1, else their number
 * @param seed   unsigned 32-bit; which prompts are held out depends on it and on nothing else
 */
export function split(rows: readonly DataRow[], amount: number, seed: number): { train: DataRow[]; held: DataRow[] } {
  const hashes = rows.map((row) => textHash(promptKey(row), seed))
  const sorted = [...new Set(hashes)].sort()
  const count = amount < 1 ? Math.ceil(amount * sorted.length) : Math.floor(amount)
  const held = new Set(sorted.slice(0, count))
  return {
    train: rows.filter((_, i) => !held.has(hashes[i])),
    held: rows.filter((_, i) => held.has(hashes[i])),
  }
}
