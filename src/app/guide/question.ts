// question.ts: what a question of “Predict, then see” is, and how a guess is judged
//
// A question is data: it deals a situation of the Theory view, asks about it, and reads the answer from the figures of
// that view. No answer is written down anywhere.

import { uniformStream } from '../../core/random/stream'
import type { Choice } from '../theory/choice-schema'
import { figuresOf } from '../theory/figures'
import { makePaths } from '../theory/paths'
import type { Scene } from '../theory/quantities/quantity'
import { sceneOf } from '../theory/scene'

/** A situation that was dealt, with all that follows from it. */
export interface Situation {
  choice: Choice
  scene: Scene
}

/** One of several answers. */
export interface OneOf {
  kind: 'choice'
  options: readonly string[]
  /** Index of the right one. */
  right: number
}

/** A number on a slider. */
export interface Amount {
  kind: 'amount'
  min: number
  max: number
  unit: string
  value: number
  show(value: number): string
}

/** A distribution, drawn bar by bar. */
export interface Drawing {
  kind: 'drawing'
  /** Of each bar. */
  labels: readonly string[]
  /** What is known of it: probabilities before. */
  before: readonly number[]
  values: readonly number[]
}

export type Answer = OneOf | Amount | Drawing

/** What is asked about a situation, and what is right. */
export interface Asked {
  /** Ends with a question mark. */
  text: string
  answer: Answer
  /** Why, in a sentence or two with the numbers of this situation. */
  why: string
  /** The equation that says so, TeX. */
  equation: string
  /** Entries of the glossary that it is about. */
  see: readonly string[]
  /** What the Theory view shows afterwards. */
  shows: Choice
}

export interface Question {
  id: string
  title: string
  /** Draws a situation; the same draws give the same one. */
  deal(next: () => number): Choice
  ask(situation: Situation): Asked
}

/** A question with the numbers of a deal. */
export function dealt(question: Question, deal: number): Asked {
  return question.ask(situationOf(question.deal(uniformStream(deal, 'noise'))))
}

/** Everything that follows from a choice of the Theory view, without draws and before play. */
export function situationOf(choice: Choice): Situation {
  return { choice, scene: sceneOf(choice, figuresOf(makePaths(choice), choice.beta), null, null) }
}

/** A guess: index of an option, number, or one number a bar. */
export type Guess = number | readonly number[]

export interface Verdict {
  tone: 'good' | 'near' | 'bad'
  text: string
}

/** A guess within these shares of the slider’s length is right, or near. */
const RIGHT = 0.04
const NEAR = 0.12

/** @throws {TypeError} if the guess is of another kind than the answer */
export function judge(answer: Answer, guess: Guess): Verdict {
  if (answer.kind === 'choice') {
    const right = answer.options[answer.right]
    return guess === answer.right
      ? { tone: 'good', text: `Right: ${lowerFirst(right)}.` }
      : { tone: 'bad', text: `No: ${lowerFirst(right)}.` }
  }
  if (answer.kind === 'amount') {
    if (typeof guess !== 'number') throw new TypeError('expected one number')
    const off = Math.abs(guess - answer.value) / (answer.max - answer.min)
    const said = `it is ${answer.show(answer.value)}${answer.unit && ` ${answer.unit}`}, you said ${answer.show(guess)}`
    return graded(off, said)
  }
  if (typeof guess === 'number') throw new TypeError('expected one number a bar')
  const moved = totalVariation(normalised(guess), answer.values)
  return graded(moved, `${Math.round(100 * moved)} % of the probability is elsewhere than you drew it`)
}

/** Shares of a whole; equal ones where nothing was drawn. */
export function normalised(heights: readonly number[]): number[] {
  const total = heights.reduce((sum, height) => sum + height, 0)
  return heights.map((height) => (total > 0 ? height / total : 1 / heights.length))
}

/** One of some values. */
export function pick<T>(next: () => number, values: readonly T[]): T {
  return values[Math.floor(next() * values.length)]
}

function graded(off: number, said: string): Verdict {
  if (off <= RIGHT) return { tone: 'good', text: `Right: ${said}.` }
  if (off <= NEAR) return { tone: 'near', text: `Near: ${said}.` }
  return { tone: 'bad', text: `Not yet: ${said}.` }
}

function totalVariation(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, each, i) => sum + Math.abs(each - q[i]), 0) / 2
}

function lowerFirst(text: string): string {
  // A symbol or an abbreviation stays as it is.
  return /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text
}
