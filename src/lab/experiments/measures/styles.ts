// styles.ts: the same request or problem in words that training has not seen, for long-tail
//
// A style changes how something is asked, never what. Where chance would choose, the text itself does, so that every arm
// is asked the same words.

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
    description: 'Please and thank you around it',
    reword: (prompt) => `Hello! Could you please help me with this? ${prompt} Thank you so much.`,
  },
  typos: {
    label: 'Typing errors',
    description: 'Two letters in the middle of about every other word of four letters or more change places',
    reword: (prompt) =>
      prompt.replace(/\p{L}{4,}/gu, (word, at: number) => (isChosen(word, at) ? mistyped(word) : word)),
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
  [/^How do I (.+)\?$/, 'Tell me how to $1.'],
  [/^Write an? (\w+) note about (.+)\.$/, 'I want to read some $1 words on $2.'],
  [/^Explain why (.+) must (.+)\.$/, 'Say for what reason $1 must $2.'],
  [/^Make a plan to (.+)\.$/, 'I want to $1. What are the steps?'],
  [/^Which tool is best to (.+)\?$/, 'With what can I $1?'],
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
    `A box holds ${first} pins. We ${changed(sign, 'put in', 'pull out')} ${second}, and we ${changed(otherSign, 'put in', 'pull out')} ${third}. What is in the box now?`,
    `Take the number ${first}. Make it ${second} ${changed(sign, 'more', 'less')}, and ${third} ${changed(otherSign, 'more', 'less')} again. Which number is it?`,
    `I am at step ${first}. I go ${changed(sign, 'up', 'down')} ${second} and ${changed(otherSign, 'up', 'down')} ${third}. At which step am I?`,
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

const isChosen = (word: string, at: number) => numberOf(`${at} ${word}`) % 2 === 0

/** The letters after the first one change places with those after them; the same letter twice stays as it is. */
function mistyped(word: string): string {
  const letters = [...word]
  const middle = 1 + (numberOf(word) % (letters.length - 2))
  ;[letters[middle], letters[middle + 1]] = [letters[middle + 1], letters[middle]]
  return letters.join('')
}

const numberOf = (text: string) => parseInt(textHash(text, 0).slice(0, 8), 16)
