// styles.ts: the same request or problem in words that training has not seen, for long-tail
//
// A style changes how something is asked, never what. Where chance would choose, the text itself does, so that every arm
// is asked the same words. Styles far from the embedded language (capitals, a long preamble) leave its models with little
// but garbage; typing errors, missing punctuation and repeated marks they can still read.

import { ConfigError } from '../../../core/errors'
import { textHash } from '../../../core/random/text-hash'
import type { Asked } from '../../data/rows'
import { sayingLast } from './wrappers'

/** A way of asking. */
export interface PromptStyle {
  label: string
  /** What it does, in a sentence. */
  description: string
  /** @param columns what else is known of a problem: of an embedded sum its terms */
  reword(prompt: string, columns: Readonly<Record<string, unknown>>): string
}

/** Every style, by name. */
export const STYLES: Readonly<Record<string, PromptStyle>> = {
  'other-words': {
    label: 'Other words',
    description: 'The embedded sums and requests in sentences that they are never asked in; a lead-in before any other',
    reword: (prompt, columns) => sumInOtherWords(columns['problem'], prompt) ?? requestInOtherWords(prompt),
  },
  polite: {
    label: 'Politeness',
    description: 'It begins with a plea for help',
    reword: (prompt) => `Please help me. ${prompt}`,
  },
  typos: {
    label: 'Typing errors',
    description: 'Two letters change places in every other word of four letters or more, the first one included',
    reword: (prompt) => {
      let words = 0
      return prompt.replace(/\p{L}{4,}/gu, (word) => (words++ % 2 === 0 ? mistyped(word) : word))
    },
  },
  capitals: {
    label: 'Capitals',
    description: 'All in capital letters',
    reword: (prompt) => prompt.toUpperCase(),
  },
  'no-punctuation': {
    label: 'No punctuation',
    description: 'All in small letters, without marks at the ends of sentences and clauses',
    // Marks inside numbers and formulas stay: only those before a space or the end are punctuation.
    reword: (prompt) => prompt.toLowerCase().replace(/[.,;:!?]+(?=\s|$)/g, ''),
  },
  shouting: {
    label: 'Marks',
    description: 'The last mark is repeated',
    reword: (prompt) => `${prompt.replace(/[.?!]*$/, '')}?!!!`,
  },
  'two-in-one': {
    label: 'Two in one',
    description: 'A harmless question comes first',
    reword: (prompt) => `Which day is it? And this too: ${prompt}`,
  },
  preamble: {
    label: 'Long preamble',
    description: 'Four sentences on something else come first',
    reword: (prompt) =>
      'I was at the park with my friends. We saw a red boat and a big fan. Then it got late and we went home. ' +
      `Now I sit here and think. ${prompt}`,
  },
}

/** The style of this name. @throws {ConfigError} if there is none, listing those there are */
export function findStyle(name: string): PromptStyle {
  if (Object.hasOwn(STYLES, name)) return STYLES[name]
  throw new ConfigError('style', `there is no style "${name}"; there are ${Object.keys(STYLES).join(', ')}`)
}

/** What is asked, in another style: of a conversation, what the user says last. @throws {ConfigError} */
export function reword<T extends Asked & { columns?: Readonly<Record<string, unknown>> }>(asked: T, style: string): T {
  return sayingLast(asked, findStyle(style).reword(asked.prompt, asked.columns ?? {}))
}

/** How requests of the embedded language open, and another way to say it that keeps the rest. */
const OPENINGS: readonly [RegExp, string][] = [
  [/^How do I (.+)\?$/, 'Tell me how I $1.'],
  [/^Write an? (\w+ \w+) about (.+)\.$/, 'About $2: write a $1.'],
  [/^Explain why (.+) must (.+)\.$/, 'Why must $1 $2? Explain.'],
  [/^Make a plan to (.+)\.$/, 'I need a plan to $1.'],
  [/^Which tool is best to (.+)\?$/, 'To $1, which tool is best?'],
]

function requestInOtherWords(prompt: string): string {
  const opening = OPENINGS.find(([pattern]) => pattern.test(prompt))
  return opening ? prompt.replace(...opening) : `Here is what I would like to know. ${prompt}`
}

type Sign = '+' | '-'
type Sum = [number, Sign, number, Sign, number]

/** The terms of a sum in a sentence of its own; undefined where they are not known. */
function sumInOtherWords(terms: unknown, prompt: string): string | undefined {
  if (!isSum(terms)) return undefined
  const [first, sign, second, otherSign, third] = terms
  const changed = (by: Sign, plus: string, minus: string) => (by === '+' ? plus : minus)
  const wordings = [
    `Ana had ${first} figs at first. Ana ${changed(sign, 'got', 'ate')} ${second}. Ana ${changed(otherSign, 'got', 'ate')} ${third}. How many figs?`,
    `Start with ${first}, ${changed(sign, 'add', 'take away')} ${second}, then ${changed(otherSign, 'add', 'take away')} ${third}. Result?`,
    `What is the result of ${first}${sign}${second}${otherSign}${third}?`,
  ]
  return wordings[numberOf(prompt) % wordings.length]
}

function isSum(terms: unknown): terms is Sum {
  return (
    Array.isArray(terms) &&
    terms.length === 5 &&
    terms.every((term, i) => (i % 2 === 0 ? typeof term === 'number' : term === '+' || term === '-'))
  )
}

/** The letters after the first one change places with those after them; the same letter twice stays as it is. */
function mistyped(word: string): string {
  const letters = [...word]
  const middle = 1 + (numberOf(word) % (letters.length - 2))
  ;[letters[middle], letters[middle + 1]] = [letters[middle + 1], letters[middle]]
  return letters.join('')
}

const numberOf = (text: string) => parseInt(textHash(text, 0).slice(0, 8), 16)
