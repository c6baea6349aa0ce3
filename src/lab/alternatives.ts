// alternatives.ts: what else the policy and the reference could have said in the place of one token
//
// Nothing of this is kept while a run is trained: it is computed for the one token that is asked about. A run keeps the
// texts of its tokens, so they are made tokens again; where that gives others than were sampled, it is said.

import { TiltlabError } from '../core/errors'
import { tokenTexts } from '../engine/token-texts'
import { conversationOf } from './data/rows'
import type { LoadedModel } from './hosts'

/** The place of a token: what comes before it, and the completion that it is of. */
export interface AskedToken {
  prompt: string
  /** The text of each token of the completion. */
  texts: readonly string[]
  /** Which of them. */
  token: number
  temperature: number
}

/** One token that was possible. */
export interface Alternative {
  id: number
  text: string
  /** Probability under the policy; null where there is none to ask. */
  policy: number | null
  reference: number
  /** Whether it is the one that was sampled. */
  sampled: boolean
}

/** What was possible: the likeliest of either, and the one that was sampled. */
export interface Alternatives {
  /** Likeliest first, under the policy where there is one. */
  rows: Alternative[]
  /** Probability of all that are not in `rows`. */
  rest: { policy: number | null; reference: number }
  /** Whether the texts gave the tokens that were sampled, as far as that can be told from them. */
  isSameTokens: boolean
}

/**
 * The tokens that were possible in a place.
 *
 * @param model     in an engine that gives whole distributions (`nextLogps`)
 * @param hasPolicy whether its adapter is that of the run; else the reference alone is asked
 * @param count     likeliest tokens of each that are told
 * @throws {TiltlabError} if the engine has no whole distributions
 */
export async function alternativesAt(
  { policy, tokenizer }: Pick<LoadedModel, 'policy' | 'tokenizer'>,
  { prompt, texts, token, temperature }: AskedToken,
  hasPolicy: boolean,
  count = 8,
): Promise<Alternatives> {
  if (!policy.nextLogps) throw new TiltlabError(`The engine ${policy.engine} gives no whole distributions.`)
  const before = tokenizer.encode(texts.slice(0, token).join(''))
  const upTo = tokenizer.encode(texts.slice(0, token + 1).join(''))
  const sampled = upTo[before.length]
  const prefix = [...tokenizer.encodeChat(conversationOf({ prompt })), ...before]
  const reference = await policy.nextLogps(prefix, { adapter: false, temperature })
  const own = hasPolicy ? await policy.nextLogps(prefix, { adapter: true, temperature }) : null
  const ids = new Set([...likeliest(own ?? reference, count), ...likeliest(reference, count), sampled])
  const names = tokenTexts(tokenizer, [...ids])
  const rows = [...ids].map((id, i) => ({
    id,
    text: names[i],
    policy: own && Math.exp(own[id]),
    reference: Math.exp(reference[id]),
    sampled: id === sampled,
  }))
  rows.sort((a, b) => (b.policy ?? b.reference) - (a.policy ?? a.reference))
  const rest = (value: (row: Alternative) => number) => Math.max(0, 1 - rows.reduce((sum, row) => sum + value(row), 0))
  return {
    rows,
    rest: { policy: own && rest((row) => row.policy!), reference: rest((row) => row.reference) },
    isSameTokens: upTo.length === token + 1 && tokenTexts(tokenizer, upTo)[token] === texts[token],
  }
}

/** Ids of the largest values, the smaller id first among equals. */
function likeliest(logps: Float64Array, count: number): number[] {
  const best: number[] = []
  for (let id = 0; id < logps.length; id++) {
    let place = best.length
    while (place > 0 && logps[best[place - 1]] < logps[id]) place--
    if (place < count) best.splice(place, 0, id)
    if (best.length > count) best.pop()
  }
  return best
}
