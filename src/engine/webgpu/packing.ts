// packing.ts: sequences as one flat row of tokens, a shared prompt only once
//
// A group is packed [prompt][completion 1][completion 2]…: every completion sees the prompt and itself, which is exactly the
// separate sequences, but the prompt is computed once, forward and backward, and there is no padding. The last token of a
// sequence predicts nothing and is left out.

import type { TokenSequence } from '../policy'

/** A scored token: where its prediction lies in the pack, and where its numbers go. */
export interface Entry {
  /** Row of the pack whose hidden state predicts it. */
  hiddenRow: number
  token: number
  sequence: number
  /** Index among the scored tokens of its sequence. */
  place: number
}

/** One pass's tokens. */
export interface Pack {
  /** Words of `struct Token` (common.wgsl), 8 a token. */
  tokens: Uint32Array
  count: number
  /** Sorted by hiddenRow. */
  entries: Entry[]
  /** Sequences that end in this pack, for progress. */
  sequences: number
}

/** Words of `struct Token`. */
export const TOKEN_WORDS = 8
/** Shorter common beginnings are not worth long-range attention between unrelated sequences. */
const MIN_SHARED = 8

/**
 * Packs sequences into passes of at most `capacity` tokens and as many scored tokens. A group that is larger is cut between completions, and its prompt
 * is computed once in each part.
 *
 * @param capacity  at least the longest sequence, less one
 * @param share     false packs every sequence alone
 */
export function packSequences(sequences: readonly TokenSequence[], capacity: number, share = true): Pack[] {
  const packs: Pack[] = []
  let open = newPack(capacity)
  const close = () => {
    if (open.sequences > 0) packs.push(finished(open))
    open = newPack(capacity)
  }
  for (const group of groupsOf(sequences, share)) {
    let promptStart = -1
    for (const sequence of group) {
      const { tokens, from } = sequences[sequence]
      const own = Math.max(0, tokens.length - 1 - from)
      const prompt = Math.min(from, tokens.length)
      const tokensToCome = (promptStart < 0 ? prompt : 0) + own
      if (open.count + tokensToCome > capacity || open.entries.length + own + 1 > capacity) {
        close()
        promptStart = -1
      }
      if (promptStart < 0) {
        promptStart = open.count
        addPrompt(open, tokens, prompt)
      }
      addCompletion(open, sequences[sequence], sequence, promptStart, promptStart + prompt)
      closeGroup(open, promptStart, promptStart + prompt)
    }
  }
  close()
  return packs
}

/** Indices of sequences that begin with the same prompt, in order of first appearance. */
function groupsOf(sequences: readonly TokenSequence[], share: boolean): number[][] {
  const groups = new Map<string, number[]>()
  sequences.forEach(({ tokens, from }, i) => {
    if (tokens.length <= from) return
    const key = share && from >= MIN_SHARED ? tokens.slice(0, from).join() : `alone ${i}`
    const group = groups.get(key)
    if (group) group.push(i)
    else groups.set(key, [i])
  })
  return [...groups.values()]
}

function newPack(capacity: number): Pack {
  return { tokens: new Uint32Array(capacity * TOKEN_WORDS), count: 0, entries: [], sequences: 0 }
}

function addPrompt(pack: Pack, tokens: readonly number[], length: number): void {
  const start = pack.count
  for (let i = 0; i < length; i++) {
    const slot = pack.count++
    pack.tokens.set([tokens[i], i, slot, start + length, start, start, start, pack.sequences], slot * TOKEN_WORDS)
  }
}

function addCompletion(
  pack: Pack,
  { tokens, from }: TokenSequence,
  sequence: number,
  promptStart: number,
  promptEnd: number,
): void {
  const start = pack.count
  const last = tokens.length - 1
  for (let i = from; i < last; i++) {
    const slot = pack.count++
    const words = [tokens[i], i, slot, start + last - from, promptStart, promptEnd, start, pack.sequences]
    pack.tokens.set(words, slot * TOKEN_WORDS)
  }
  for (let i = from; i <= last; i++) {
    const hiddenRow = i === from ? promptEnd - 1 : start + i - from - 1
    pack.entries.push({ hiddenRow, token: tokens[i], sequence, place: i - from })
  }
  pack.sequences++
}

/** The prompt's keys are seen by everything that follows in its group. */
function closeGroup(pack: Pack, promptStart: number, promptEnd: number): void {
  for (let slot = promptStart; slot < promptEnd; slot++) pack.tokens[slot * TOKEN_WORDS + 3] = pack.count
}

function finished(pack: Pack): Pack {
  pack.entries.sort((a, b) => a.hiddenRow - b.hiddenRow || a.sequence - b.sequence)
  return { ...pack, tokens: pack.tokens.subarray(0, pack.count * TOKEN_WORDS) }
}
