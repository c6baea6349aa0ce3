// answer.ts: where in a completion the answer stands
//
// A completion states its answer by the first of these conventions that it follows: boxes; "the answer is …"; `####`;
// a completion that is nothing but an answer; the last formula or number. A completion that states several answers
// by one convention has answered only if it takes the others back, so guessing twice never pays.

import { visibleAnswer } from './arithmetic'
import type { Verdict } from './grader'
import { boxes } from './math/boxes'
import { numbersIn } from './numbers'

/** An answer with its place in the text. */
export interface Stated {
  text: string
  start: number
  end: number
  /** Where several stand together: each of them; `text` is their list. */
  parts?: readonly string[]
}

/** The one answer of a text, or why there is none. */
export type Found = { answer: string } | { problem: string }

/** The verdict about a completion that never leaves its thought. */
export const UNFINISHED: Verdict = { correct: false, extracted: null, reason: 'the thought never ends' }

const THINK = '<think>'
const MARK = '####'
/** What ends a turn, where a text was decoded with the special tokens in it. */
const END_TOKENS = /(?:\s{0,9}(?:<\|[\w.-]{1,40}\|>|<\/s>|<eos>|<end_of_turn>)){1,9}\s{0,9}$/
/** Answers stand near the end; what lies further away is not read. */
const MAX_FROM_END = 20_000
const MAX_STATEMENT = 300
/** A completion that is nothing but an answer is short. */
const MAX_BARE = 300
const MAX_STATED = 64
/** Spellings of one answer; a text with more is guessing. */
const MAX_SPELLINGS = 5

/**
 * The part of a completion that answers: after the last `</think>`, inside the last `<answer>…</answer>` if there is
 * one.
 *
 * @returns undefined if a thought never ends
 */
export function answerPart(completion: string): string | undefined {
  const visible = visibleAnswer(completion)
  if (visible.includes(THINK)) return undefined
  const close = visible.lastIndexOf('</answer>')
  const open = close < 0 ? -1 : visible.lastIndexOf('<answer>', close)
  const part = open < 0 ? visible : visible.slice(open + '<answer>'.length, close)
  return part.slice(-MAX_FROM_END).replace(END_TOKENS, '')
}

/**
 * The answer that a text settles on.
 *
 * @param statements every answer that it states, in order
 * @param areSame    whether two statements say the same answer
 */
export function settledAnswer(
  text: string,
  statements: readonly Stated[],
  areSame: (a: string, b: string) => boolean,
): Found {
  const stated = statements.slice(-MAX_STATED)
  const last = stated.at(-1)
  if (!last) return { problem: 'no answer' }
  const differing = lastDiffering(stated, areSame)
  if (differing && !isTakenBack(text.slice(differing.end, last.start))) {
    return { problem: `several answers that differ: ${differing.text.trim()}, then ${last.text.trim()}` }
  }
  if (isDenied(text, last)) return { problem: `${last.text.trim()} is denied or doubted` }
  const rival = rivalBeside(text, last)
  if (rival !== undefined && !areSame(last.text, rival)) return { problem: `${last.text.trim()}, or ${rival}` }
  return { answer: wholeAnswer(last, areSame) }
}

/** What a statement says: its list, unless that is one answer in several spellings, as in "2.5, or 5/2". */
export function wholeAnswer({ text, parts = [] }: Stated, areSame: (a: string, b: string) => boolean): string {
  const spellings = [...new Set(parts)]
  const isOne =
    parts.length > 1 &&
    spellings.length <= MAX_SPELLINGS &&
    spellings.slice(1).every((other) => areSame(spellings[0], other))
  return isOne ? spellings.at(-1)! : text
}

/** The last statement that says something else than the very last one. */
function lastDiffering(stated: readonly Stated[], areSame: (a: string, b: string) => boolean): Stated | undefined {
  const same = new Set([stated.at(-1)!.text])
  return stated.findLast(({ text }) => {
    if (same.has(text)) return false
    if (same.size >= MAX_SPELLINGS || !areSame(stated.at(-1)!.text, text)) return true
    same.add(text)
    return false
  })
}

/** Every statement of an answer, in order, by the first convention that a text follows. */
export function statedAnswers(text: string): Stated[] {
  const boxed = joined(
    text,
    boxes(text).map(({ start, end, content }) => ({ start, end, text: content })),
  )
  const said = statements(text)
  const lastBoxed = boxed.at(-1)
  if (lastBoxed)
    return [
      ...boxed,
      ...said.filter(({ start, isFinal, text: answer }) => isFinal && start >= lastBoxed.end && /[\d$\\]/.test(answer)),
    ]
  if (said.length > 0) return said
  const marked = markedLines(text)
  if (marked.length > 0) return marked
  if (isBare(text)) return [{ text: text.trim(), start: 0, end: text.length }]
  return [...joined(text, lastOnes(text))].slice(-1)
}

const TAKEN_BACK =
  /\b(?:final answer|correct(?:ed|ion|ing)|mistake|wrong|incorrect|wait|scratch that|let me re(?:do|check|calculate|consider))\b/i
const UNSURE = /\b(?:or|maybe|perhaps|possibly|alternatively|either|might|could)\b/i

/** Whether what stands between two answers takes the first one back. */
function isTakenBack(between: string): boolean {
  const near = between.slice(-MAX_FROM_END)
  return TAKEN_BACK.test(near) && !UNSURE.test(near.slice(-120))
}

const DENIED_BEFORE = /(?:\b(?:not|never|anything but|maybe|perhaps|possibly)|n['’]t)(?: be)?[\s$(\\*]{1,6}$/i
const DENIED_AFTER =
  /^[ $,)\\\]}*]{0,8}(?:(?:or )?(?:maybe|perhaps|possibly)\b|(?:[\w°/^]{1,12} )?(?:is|was) (?:wrong|incorrect|not (?:right|correct|the (?:right|correct|answer)))\b)/i

/** "not 5", "5 is wrong", "maybe 5" and "5, perhaps" do not say 5. */
function isDenied(text: string, { start, end }: Stated): boolean {
  return DENIED_BEFORE.test(text.slice(Math.max(0, start - 30), start)) || DENIED_AFTER.test(text.slice(end, end + 60))
}

const OR_AFTER =
  /^[\s$.,)\\\]}*]{0,12}\(?or\s+(?:maybe |perhaps |possibly |even |is it )?(?:\$([^$\n]{0,30}\d[^$\n]{0,30})\$|\\\((.{1,60}?)\\\)|[$\\( ]{0,4}([-−]?\d[\d.,/]{0,20}|[A-Z](?![\w'])))/
const OR_BEFORE =
  /(?:\$([^$\n]{0,30}\d[^$\n]{0,30})\$|(?<![\w'])([-−]?\d[\d.,/]{0,20}|[A-Z]))[\s)\\$]{0,4},?\s?\bor\s(?:maybe |perhaps |possibly )?[\s$(\\]{0,6}$/

/** The other answer of "3 or 4". */
function rivalBeside(text: string, { start, end }: Stated): string | undefined {
  const after = OR_AFTER.exec(text.slice(end, end + 120))
  const before = OR_BEFORE.exec(text.slice(Math.max(0, start - 100), start))
  return [...(after?.slice(1) ?? []), ...(before?.slice(1) ?? [])].find((rival) => rival !== undefined)
}

/** Answers with nothing but "and" between them are one answer of several parts. */
export function joined(text: string, parts: readonly Stated[]): Stated[] {
  const groups: Stated[] = []
  for (const part of parts) {
    const before = groups.at(-1)
    if (before && isJoint(text.slice(before.end, part.start))) {
      const parts = [...(before.parts ?? [before.text]), part.text]
      groups[groups.length - 1] = { text: parts.join(', '), start: before.start, end: part.end, parts }
    } else groups.push(part)
  }
  return groups
}

/** Whether two answers belong together; a name may precede the second, as in `y_2 = `. */
function isJoint(between: string): boolean {
  if (between.length > 60) return false
  const rest = between
    .replace(/\\(?:quad|qquad|text|mbox|[()[\],;! ])/g, ' ')
    .replace(/\b(?:and|or|for|part)\b|\([a-z]\)/gi, ' ')
    .replace(/[A-Za-z](?:_\{?\w{1,3}\}?)?\s{0,3}=/g, ' ')
  return !/\n\s*\n/.test(between) && /^[\s,;$&+{}]*$/.test(rest)
}

const STATEMENT = /\b(final\s+)?answers?\b[*_]{0,2}\s{0,3}(?:is|are|was|:|=)[*_:]{0,3}/gi

/** What follows "the answer is", up to the end of the sentence. */
function statements(text: string): (Stated & { isFinal: boolean })[] {
  return [...text.matchAll(STATEMENT)].slice(-MAX_STATED).flatMap(({ 0: opening, 1: final, index }) => {
    const from = index + opening.length
    const rest = text.slice(from, from + MAX_STATEMENT)
    const blank = /^\s*/.exec(rest)![0].length
    const sentence = sentenceOf(rest.slice(blank))
    const answer = /[\p{L}\d]/u.test(sentence) ? afterVerb(sentence) : ''
    const start = from + blank
    return answer === '' ? [] : [{ text: answer, start, end: start + sentence.length, isFinal: final !== undefined }]
  })
}

function sentenceOf(rest: string): string {
  const display = /^(?:\\\[|\$\$)/.exec(rest)?.[0]
  const close = display ? rest.indexOf(display === '$$' ? '$$' : '\\]', 2) : -1
  if (close >= 0) return rest.slice(0, close + 2)
  const end = /\.(?=\s|$)|\n|<\||\*\*(?=\s|$)/.exec(rest)?.index ?? rest.length
  return rest.slice(0, end)
}

/** "the largest n is 34" says 34, and "4, since it is even" says 4. */
function afterVerb(sentence: string): string {
  const [claim] = sentence.split(/,?\s(?:since|because|as|where|when|which|with)\s/)
  const pieces = claim.split(/\b(?:is|are|equals)\b/)
  const answering = pieces.findLast((piece) => /[\d$\\]/.test(piece)) ?? pieces.at(-1)!
  return answering.replace(/!$/, '').trim()
}

function markedLines(text: string): Stated[] {
  const lines: Stated[] = []
  for (let at = text.indexOf(MARK); at >= 0 && lines.length < 1000; at = text.indexOf(MARK, at + MARK.length)) {
    const start = at + MARK.length
    const line = /^\s{0,9}([^\n#]{1,300})/.exec(text.slice(start, start + MAX_STATEMENT))
    if (line && line[1].trim() !== '') lines.push({ text: line[1].trim(), start, end: start + line[0].length })
  }
  return lines
}

/** Whether a text is nothing but an answer: no words before it, and hardly any after. */
function isBare(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > MAX_BARE) return false
  const plain = trimmed
    .replace(/\\(?:begin|end)\s?\{[a-z]*\}/g, '1')
    .replace(/\\(?:text|mbox|textbf|textrm|textnormal|mathrm)\s?\{[^{}]*\}/g, '1')
    .replace(/\\[A-Za-z]+/g, '1')
  const words = plain.match(/[A-Za-z]{2,}/g) ?? []
  const isOnlyWords = !/\d/.test(plain)
  if (isOnlyWords) return words.length <= 3
  // "a + b = 7, so 7" derives its answer.
  if (/\b(?:so|thus|hence|then|therefore)\b/i.test(plain)) return false
  return words.length <= 2 && !/[A-Za-z][a-z]/.test(plain.slice(0, plain.search(/\d/)))
}

/** Formulas and numbers near the end. */
function lastOnes(text: string): Stated[] {
  const formulas = formulasIn(text)
  const from = Math.max(0, text.length - 2000)
  const numbers = numbersIn(text.slice(from))
    .map(({ text: number, index }) => {
      const end = from + index + number.length
      const percent = /^\s?\\?%/.exec(text.slice(end, end + 3))?.[0] ?? ''
      return { text: number + percent, start: from + index, end: end + percent.length }
    })
    .filter(({ start }) => !formulas.some((formula) => formula.start <= start && start < formula.end))
  return [...formulas, ...numbers].sort((a, b) => a.start - b.start)
}

const DELIMITERS = [
  ['$$', '$$'],
  ['\\[', '\\]'],
  ['\\(', '\\)'],
  ['$', '$'],
] as const

function formulasIn(text: string): Stated[] {
  const formulas: Stated[] = []
  for (let at = 0; at < text.length && formulas.length < 1000;) {
    const opening = /\$\$|\$|\\[[(]/g
    opening.lastIndex = at
    const found = opening.exec(text)
    if (!found) break
    const [open, close] = DELIMITERS.find(([delimiter]) => delimiter === found[0])!
    const start = found.index
    const end = text.slice(start + open.length, start + open.length + 600).indexOf(close)
    const content = end < 0 ? '' : text.slice(start + open.length, start + open.length + end)
    // One dollar is a currency where nothing closes it on its line.
    if (content.trim() === '' || (open === '$' && content.includes('\n'))) at = start + open.length
    else {
      at = start + open.length + end + close.length
      formulas.push({ text: content, start, end: at })
    }
  }
  return formulas
}
