// corruptions.ts: ways to spoil a gold answer that a reward ought to notice

import { integer } from '../../core/random/stream'

/** One way to spoil an answer. */
export interface Corruption {
  name: string
  /** What it does, in a few words. */
  title: string
  /**
   * @param answer the bare gold answer
   * @param others gold answers of other prompts
   * @param next   uniform numbers in (0, 1)
   * @returns null where it cannot be done
   */
  change(answer: string, others: readonly string[], next: () => number): string | null
}

/** Every corruption, the nearest to the gold first. */
export const corruptions: readonly Corruption[] = [
  {
    name: 'off-by-one',
    title: 'one too high or too low, or another letter',
    change: (answer, _, next) => changeLetter(answer, next) ?? changeNumber(answer, (digits) => offByOne(digits, next)),
  },
  {
    name: 'other-row',
    title: 'the gold answer of another prompt',
    change(answer, others, next) {
      const different = others.filter((other) => other !== answer)
      return different.length === 0 ? null : different[integer(different.length, next)]
    },
  },
  {
    name: 'digits-swapped',
    title: 'two neighbouring digits swapped',
    change: (answer) => changeNumber(answer, swapDigits),
  },
  {
    name: 'sign-flipped',
    title: 'the other sign',
    change(answer) {
      if (!/[1-9]/.test(answer)) return null
      return /^[-−]/.test(answer) ? answer.slice(1) : `-${answer}`
    },
  },
  {
    name: 'digit-dropped',
    title: 'without its last digit',
    change: (answer) => changeNumber(answer, (digits) => (digits.length > 1 ? digits.slice(0, -1) : null)),
  },
]

/** Changes the last whole number of an answer that can be changed. */
function changeNumber(answer: string, change: (digits: string) => string | null): string | null {
  const isOneNumber = /^\D{0,3}\d{1,3}(?:,\d{3})+(?:\.\d+)?\D{0,3}$/.test(answer)
  const plain = isOneNumber ? answer.replaceAll(',', '') : answer
  for (const { 0: digits, index } of [...plain.matchAll(/\d{1,15}/g)].reverse()) {
    const changed = change(digits)
    if (changed !== null) return plain.slice(0, index) + changed + plain.slice(index + digits.length)
  }
  return null
}

function offByOne(digits: string, next: () => number): string {
  const value = Number(digits)
  const changed = value === 0 || next() < 0.5 ? value + 1 : value - 1
  return String(changed).padStart(digits.length, '0')
}

function swapDigits(digits: string): string | null {
  const last = [...digits].findLastIndex((digit, i) => i > 0 && digit !== digits[i - 1])
  if (last < 0) return null
  return digits.slice(0, last - 1) + digits[last] + digits[last - 1] + digits.slice(last + 1)
}

/** The letter of an option: one of the others of the first four. */
function changeLetter(answer: string, next: () => number): string | null {
  if (!/^[A-J]$/.test(answer)) return null
  const others = [...'ABCD'].filter((letter) => letter !== answer)
  return others[integer(others.length, next)]
}
