// format.ts: rewards for the form of a completion, whatever it says
//
// Pure functions of a completion. Where libraries differ, TRL's meaning was chosen; docs/graders.md lists the
// differences. None looks further than a text once, so long completions cost no more than their length.

import { boxes } from './math/boxes'

/**
 * 1 if the completion opens with `<think>`, opens no other thought, and closes it; else 0.
 *
 * @see TRL think_format_reward
 */
export function thinkFormat(completion: string): number {
  const isFormat = completion.startsWith('<think>') && occurrences(completion, '<think>') === 1
  return isFormat && completion.includes('</think>') ? 1 : 0
}

/**
 * 1 if the whole completion is `<think>`, a thought, `</think>`, `<answer>`, an answer and `</answer>`, each tag on a
 * line of its own and once; else 0.
 *
 * @see open-r1 format_reward, which lets tags repeat
 */
export function answerFormat(completion: string): number {
  const text = completion.trim()
  const isFramed = text.startsWith('<think>\n') && text.endsWith('\n</answer>')
  return isFramed && text.includes('\n</think>\n<answer>\n') && tagCount(text) === 1 && everyTagOnce(text) ? 1 : 0
}

const TAGS = ['<think>\n', '\n</think>\n', '\n<answer>\n', '\n</answer>']

/**
 * A quarter for each of the four tags that stands exactly once, on a line of its own: 0 to 1.
 *
 * @see open-r1 tag_count_reward
 */
export function tagCount(completion: string): number {
  return TAGS.filter((tag) => occurrences(completion, tag) === 1).length / TAGS.length
}

/** 1 if there is exactly one complete `\boxed{…}` and it is not empty; else 0. */
export function oneBox(completion: string): number {
  const found = boxes(completion)
  return found.length === 1 && found[0].content.trim() !== '' ? 1 : 0
}

/** Scripts that a completion can be asked to be written in, by their Unicode names. */
export const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Bengali',
  'Thai',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
] as const

export type Script = (typeof SCRIPTS)[number]

/**
 * The share of the letters that belong to a script, 0 to 1; 1 for a text without letters. Formulas (LaTeX commands)
 * are not counted.
 */
export function scriptShare(completion: string, script: Script): number {
  const text = completion.replace(/\\[A-Za-z]+/g, ' ')
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters === 0) return 1
  return (
    (text.match(new RegExp(`\\p{Script=${script}}`, 'gu')) ?? []).filter((each) => /\p{L}/u.test(each)).length / letters
  )
}

const ENOUGH_STEPS = 3
const STEP = /^[ \t]{0,8}(?:(?:\*\*)?Step \d{1,3}\b|\d{1,3}[.)] |[-*•] )|\b(?:First|Second|Third|Next|Then|Finally),/gm

/**
 * How much a completion goes step by step: numbered or bulleted lines, and "First," and its kin; a third each, 1 from
 * three on.
 *
 * @see open-r1 reasoning_steps_reward, which knows numbered lines at the very start only
 */
export function reasoningSteps(completion: string): number {
  return Math.min(1, (completion.match(STEP)?.length ?? 0) / ENOUGH_STEPS)
}

function everyTagOnce(text: string): boolean {
  return ['<think>', '</think>', '<answer>', '</answer>'].every((tag) => occurrences(text, tag) === 1)
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1
}
