// length.ts: rewards for the length of a completion, and for not repeating itself
//
// Lengths are in tokens unless a function says otherwise, as in TRL; open-r1 counts characters.

import { ConfigError } from '../core/errors'

/** The number of characters that people see (code points, not UTF-16 units). */
export function characters(completion: string): number {
  let count = 0
  for (const _ of completion) count++
  return count
}

/**
 * 0 up to max − buffer tokens, then down in a straight line to −1 at max, and −1 beyond.
 *
 * @param max    L_max ≥ 1, in tokens
 * @param buffer L_cache, 0 to max: how long before the end the punishment sets in
 * @throws {ConfigError} naming the parameter that is out of range
 * @see DAPO (arXiv 2503.14476) eq. 13; TRL get_soft_overlong_punishment
 */
export function softOverlong(tokens: number, { max, buffer }: { max: number; buffer: number }): number {
  if (!(max >= 1)) throw new ConfigError('max', `expected a number of tokens ≥ 1, got ${max}`)
  if (!(buffer >= 0 && buffer <= max)) throw new ConfigError('buffer', `expected 0 to ${max} tokens, got ${buffer}`)
  if (tokens <= max - buffer) return 0
  return tokens > max ? -1 : (max - buffer - tokens) / buffer
}

/** The rewards at both ends of the cosine. */
export interface CosineBounds {
  /** Of a right answer: at length 0, and at `max`. */
  right: readonly [short: number, long: number]
  /** Of a wrong answer. */
  wrong: readonly [short: number, long: number]
}

const COSINE: CosineBounds = { right: [1, 0.5], wrong: [-1, -0.5] }

/**
 * Right answers earn more the shorter they are, wrong ones lose less the longer they are, along half a cosine; from
 * `max` tokens on nothing changes.
 *
 * @param max in tokens, > 0
 * @throws {ConfigError} if it is not
 * @see Yeo et al. 2025 (arXiv 2502.03373) app. C.1; TRL get_cosine_scaled_reward. open-r1 counts characters and
 *   climbs again beyond `max`.
 */
export function cosineLength(isRight: boolean, tokens: number, max: number, bounds: CosineBounds = COSINE): number {
  if (!(max > 0)) throw new ConfigError('max', `expected a number of tokens > 0, got ${max}`)
  const [short, long] = isRight ? bounds.right : bounds.wrong
  return long + ((short - long) / 2) * (1 + Math.cos(Math.PI * Math.min(tokens / max, 1)))
}

/**
 * How short each completion is among those that answer the same prompts: ½ for the shortest, −½ for the longest, and
 * at most 0 for wrong answers. All 0 where all are equally long.
 *
 * @param lengths in tokens
 * @returns       one reward a completion, −½ to ½
 * @see Kimi k1.5 (arXiv 2501.12599) §2.3.3
 */
export function relativeLength(lengths: readonly number[], isRight: readonly boolean[]): number[] {
  const shortest = lengths.reduce((a, b) => Math.min(a, b), Infinity)
  const longest = lengths.reduce((a, b) => Math.max(a, b), -Infinity)
  if (longest <= shortest) return lengths.map(() => 0)
  return lengths.map((length, index) => {
    const lambda = 0.5 - (length - shortest) / (longest - shortest)
    return isRight[index] ? lambda : Math.min(0, lambda)
  })
}

/**
 * 0 for a completion that repeats no n-gram, down to −1 for one that repeats one throughout: minus the share of
 * n-grams that were there before.
 *
 * @param tokens of the completion, by id; or words
 * @param n      length of the n-grams, a whole number ≥ 1
 * @throws {ConfigError} if n is not
 * @see Yeo et al. 2025 (arXiv 2502.03373) app. C.2; TRL get_repetition_penalty_reward. open-r1 counts words.
 */
export function repetition(tokens: readonly (number | string)[], n = 3): number {
  if (!Number.isInteger(n) || n < 1) throw new ConfigError('n', `expected a whole number ≥ 1, got ${n}`)
  const total = tokens.length - n + 1
  if (total < 1) return 0
  const distinct = new Set<string>()
  for (let start = 0; start < total; start++) distinct.add(tokens.slice(start, start + n).join('\u0000'))
  return distinct.size / total - 1
}
