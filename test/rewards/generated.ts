// generated.ts: many items and a reward that does a little of everything with them, for scores that must be equal to the bit

import { sha256 } from '../../src/core/run/hash'
import { uniformStream } from '../../src/core/random/stream'
import { DEFAULT_LIMITS, type RewardItem } from '../../src/rewards/sandbox/contract'
import type { StartSandboxWorker } from '../../src/rewards/sandbox/messages'
import { openRewardSandbox } from '../../src/rewards/sandbox/sandbox'

const ALPHABET = [...'abcdefgh .,#-+0123456789éßπ字🙂', '\ud800', '\n', '"', '\\']

/** Not powers: engines differ in the last bit of these, which is why rewards do not run in them. */
const SCALES = [1e-7, 1, 1e3, 1e9, 1e21]

/** Items of random text, numbers and columns; the same on every machine. */
export function generatedItems(count: number): RewardItem[] {
  const next = uniformStream(11, 'data')
  const integer = (n: number) => Math.floor(next() * n)
  const text = (length: number) => Array.from({ length }, () => ALPHABET[integer(ALPHABET.length)]).join('')
  return Array.from({ length: count }, () => ({
    prompt: text(integer(40)),
    completion: `${text(integer(200))}#### ${next() * SCALES[integer(SCALES.length)]}`,
    answer: String(integer(1000)),
    columns: { level: next() * 2 - 1, tags: [text(3), text(3)], nested: { weight: next() * 1e-30, none: null } },
    tokens: Array.from({ length: integer(30) }, () => integer(50_000)),
  }))
}

/** Elementary functions, sums in floating point, regular expressions, sorting, dates, big integers, random numbers. */
export const GENERATED_REWARD = `
interface Item { prompt: string; completion: string; answer: string; columns: any; tokens: number[] }

const words = (text: string): string[] => text.toLowerCase().normalize('NFC').split(/[^\\p{L}\\p{N}]+/u)

export function reward({ prompt, completion, answer, columns, tokens }: Item) {
  const number = Number(/####\\s*(-?[\\d.e+-]+)/.exec(completion)?.[1] ?? 'NaN')
  const close = Math.exp(-Math.abs(Math.log1p(number) - Math.log1p(Number(answer))))
  const spread = tokens.reduce((sum, token, i) => sum + Math.sin(token) * Math.tan(i / 7) + Math.cbrt(token), 0)
  const order = words(completion).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('|').length
  const day = new Date(Date.UTC(2000, tokens.length, order)).getUTCDay()
  const digits = Number(BigInt(order + 7) ** 31n % 1000003n)
  const power = Math.pow(columns.level, 3) + Math.hypot(columns.level, columns.nested.weight) + Math.atan2(day, order)
  const score = close + spread / 3 + power * Math.random() + digits / 7 + parseFloat((order / 3).toFixed(5))
  return { score, info: { order, day, title: prompt.slice(0, 5), rounded: score.toPrecision(6) } }
}
`

/** What a host makes of the generated items. */
export interface Fingerprint {
  scored: number
  /** SHA-256 of the scores as 64-bit floats, little-endian. */
  scores: string
  /** SHA-256 of every info, as JSON. */
  infos: string
  wasmSha256: string
}

/** Scores generated items, so many in one call. */
export async function fingerprint(count: number, start: StartSandboxWorker, perCall = count): Promise<Fingerprint> {
  const program = { source: GENERATED_REWARD, name: 'generated.ts' }
  const sandbox = await openRewardSandbox(program, DEFAULT_LIMITS, start, 5)
  const items = generatedItems(count)
  const scores = new Float64Array(count)
  const infos: unknown[] = []
  for (let from = 0; from < count; from += perCall) {
    for (const outcome of await sandbox.score(items.slice(from, from + perCall))) {
      if (outcome.kind === 'error') throw new Error(`item ${infos.length}: ${outcome.message}`)
      scores[infos.length] = outcome.score!
      infos.push(outcome.info)
    }
  }
  sandbox.dispose()
  return {
    scored: infos.length,
    scores: await sha256(new Uint8Array(scores.buffer)),
    infos: await sha256(new TextEncoder().encode(JSON.stringify(infos))),
    wasmSha256: sandbox.manifest.wasmSha256,
  }
}
