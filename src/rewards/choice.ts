// choice.ts: is the right option chosen? For problems with options A, B, C, …

import { answerPart, settledAnswer, UNFINISHED, type Stated } from './answer'
import type { Verdict } from './grader'
import { boxes } from './math/boxes'
import { clean } from './math/clean'

/** A to J. */
const MAX_OPTIONS = 10
const A = 'A'.charCodeAt(0)
const STATEMENT =
  /\b(?:answers?|options?|choices?)\b[*_]{0,2}\s{0,3}(?:is|are|was|must be|:|=)?[*_:]{0,3}\s{0,9}(?=([^\n]{1,200}))/gi

/**
 * Compares the option that a completion chooses with the gold one. Never throws on a completion.
 *
 * @param gold    a letter, several letters where all must be chosen, or the text of an option
 * @param options the texts of the options in order, where known: then their texts answer too
 */
export function gradeChoice(completion: string, gold: string, options: readonly string[] = []): Verdict {
  const part = answerPart(completion)
  if (part === undefined) return UNFINISHED
  const read = (text: string) => lettersOf(text, options)
  const found = settledAnswer(part, statedChoices(part, read), (a, b) => read(a) === read(b))
  if ('problem' in found) return { correct: false, extracted: null, reason: found.problem }
  const letters = read(found.answer)!
  const expected = lettersOf(gold, options)
  if (expected === undefined) return { correct: false, extracted: letters, reason: 'the problem has no gold option' }
  const correct = letters === expected
  return { correct, extracted: letters, reason: correct ? `${letters}, right` : `${letters}, expected ${expected}` }
}

/** The letters of a gold option; undefined if it is none. */
export function goldLetters(gold: string, options: readonly string[] = []): string | undefined {
  return lettersOf(gold, options)
}

/** By the first that there is: boxes; "the answer is …"; a choice that opens the text or stands on a line; the last (B). */
function statedChoices(text: string, read: (text: string) => string | undefined): Stated[] {
  const isChoice = (stated: Stated) => read(stated.text) !== undefined
  const boxed = boxes(text).map(({ start, end, content }) => ({ start, end, text: content }))
  if (boxed.length > 0) return boxed.filter(isChoice)
  const said = [...text.matchAll(STATEMENT)].map(({ 0: whole, 1: rest, index }) => {
    const sentence = rest.split(/\.(?=\s|$)/)[0]
    const start = index + whole.length
    return { text: sentence, start, end: start + sentence.length }
  })
  const lines = [...text.matchAll(/^[^\n]{1,200}$/gm)].map(({ 0: line, index }) => ({
    text: line,
    start: index,
    end: index + line.length,
  }))
  const bracketed = [...text.matchAll(/\(([A-J])\)|\*\*([A-J])\*\*/g)].map(({ 0: whole, index }) => ({
    text: whole,
    start: index,
    end: index + whole.length,
  }))
  return [said, lines, bracketed].map((stated) => stated.filter(isChoice)).find((stated) => stated.length > 0) ?? []
}

/** "(B)", "B. Paris", "B and C" or an option's own text, as its letters in order: "B", "B,C". */
function lettersOf(text: string, options: readonly string[]): string | undefined {
  const plain = clean(text.slice(0, 400))
    .replace(/\\(?:text|mbox|textbf|textrm|mathrm|mathbf)\s?\{([^{}]*)\}/g, '$1')
    .replace(/^(?:so|thus|therefore|hence),?\s/i, '')
    .replace(/^I(?:'d| would| will)?\s(?:choose|pick|select|go with)\s/i, '')
    .replace(/^(?:option|choice|answer)s?\s*:?\s*/i, '')
    .replace(/,?\s(?:because|since|as|which|where|with)\b.*$|\sis\s(?:the\s)?(?:correct|right|best)\b.*$/i, '')
    .replace(/^_+|_+$/g, '')
    .trim()
  const last = String.fromCharCode(A + (options.length || MAX_OPTIONS) - 1)
  const opening = /^\(?([A-Ja-j])(?:\)[.:]?|[.:])?(?:$|\s(?!or\b|and\b))/.exec(plain)
  const isLetter = (letter: string) => letter <= last
  const byText = options.findIndex((option) => comparable(option) === comparable(plain))
  if (byText >= 0) return String.fromCharCode(A + byText)
  if (opening && isOnly(plain, opening)) {
    const letter = opening[1].toUpperCase()
    return isLetter(letter) ? letter : undefined
  }
  if (!/^\(?[A-J]\)?(?:\s{0,2}(?:,|;|and|or|&)\s{0,2}(?:and\s|or\s)?\(?[A-J]\)?){1,9}$/.test(plain)) return undefined
  const letters = [...new Set(plain.match(/\b[A-J]\b/g))].filter(isLetter).sort()
  // "A or B" leaves it open; several that must all be chosen are joined by "and" or commas.
  return /\bor\b/.test(plain) ? `${letters.join(' or ')}` : letters.join(',')
}

/** A letter alone, or with the text of its option after ")" or "."; "A man" is no choice. */
function isOnly(plain: string, { 0: whole, 1: letter }: RegExpExecArray): boolean {
  if (plain.length === whole.trimEnd().length) return letter <= 'Z' || whole.length > 1 || plain.length === 1
  return letter <= 'Z' && /[).:]/.test(whole) && !/\bor\s+\(?[A-J]\b/.test(plain)
}

function comparable(text: string): string {
  return clean(text).toLowerCase().replace(/\s+/g, ' ').replace(/[.!]$/, '')
}
