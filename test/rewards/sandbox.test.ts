// A person's own reward: what it gets and may answer, that nothing passes from one item to another, and where errors point.

import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CancelledError, TiltlabError } from '../../src/core/errors'
import { sha256 } from '../../src/core/run/hash'
import {
  DEFAULT_LIMITS,
  RewardSourceError,
  type RewardItem,
  type SandboxLimits,
  type SandboxOutcome,
} from '../../src/rewards/sandbox/contract'
import { openRewardSandbox, type RewardSandbox } from '../../src/rewards/sandbox/sandbox'
import { startSandboxWorker } from '../../src/runner/sandbox'
import { fingerprint } from './generated'
import { longestPause } from './hostile'
import { builtSandboxWorker } from './sandbox-worker'

let worker: Awaited<ReturnType<typeof builtSandboxWorker>>
const docs = readFileSync('docs/user-rewards.md', 'utf8')
const opened: RewardSandbox[] = []

beforeAll(async () => {
  worker = await builtSandboxWorker()
})
afterEach(() => opened.splice(0).forEach((sandbox) => sandbox.dispose()))
afterAll(() => worker?.remove())

async function open(source: string, limits: Partial<SandboxLimits> = {}, seed = 1, name = 'mine.ts') {
  const sandbox = await openRewardSandbox({ source, name }, { ...DEFAULT_LIMITS, ...limits }, worker.start, seed)
  opened.push(sandbox)
  return sandbox
}

/** Why a program is refused. */
async function refusal(source: string, name = 'mine.ts'): Promise<RewardSourceError> {
  const error: unknown = await open(source, { timeMs: 500 }, 1, name).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(RewardSourceError)
  return error as RewardSourceError
}

function items(...completions: string[]): RewardItem[] {
  return completions.map((completion) => ({ prompt: 'p', completion, answer: '42', columns: {}, tokens: [1] }))
}

/** Outcomes without their times. */
function plain(outcomes: readonly SandboxOutcome[]): unknown[] {
  return outcomes.map(({ ms, ...outcome }) => {
    expect(ms).toBeGreaterThanOrEqual(0)
    return outcome
  })
}

const scores = (outcomes: readonly SandboxOutcome[]) =>
  outcomes.map((outcome) => (outcome.kind === 'score' ? outcome.score : outcome.class))

test('a reward in TypeScript gets an item and answers a number, a score with info, or null', async () => {
  const sandbox = await open(`
    interface Item { prompt: string; completion: string; answer: string; columns: { level: number }; tokens: number[] }
    enum Mark { Right = 1, Wrong = 0 }
    export function reward({ prompt, completion, answer, columns, tokens }: Item): number | object | null {
      if (completion === 'skip') return null
      if (completion === 'all') return { score: columns.level, info: { prompt, answer, tokens } }
      return completion.includes(answer) ? Mark.Right : Mark.Wrong
    }`)
  const [all] = items('all')
  const outcomes = await sandbox.score([
    ...items('It is 42.', 'It is 43.', 'skip'),
    { ...all, columns: { level: 0.1 }, tokens: [5, 6] },
  ])
  expect(plain(outcomes)).toEqual([
    { kind: 'score', score: 1 },
    { kind: 'score', score: 0 },
    { kind: 'score', score: null },
    { kind: 'score', score: 0.1, info: { prompt: 'p', answer: '42', tokens: [5, 6] } },
  ])
})

test('the rewards of docs/user-rewards.md do what they say', async () => {
  const [single, batched] = [...docs.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  const one = await open(single)
  expect(plain(await one.score(items('So\n#### 42', '#### 4,2', '#### 43', '42')))).toEqual([
    { kind: 'score', score: 1 },
    { kind: 'score', score: 1 },
    { kind: 'score', score: 0 },
    { kind: 'score', score: 0, info: { why: 'no number behind ####' } },
  ])
  expect(scores(await (await open(batched)).score(items('42', '42 it is', 'no')))).toEqual([1 - 2 / 8 / 2, 0.5, 0])
})

test('a name that ends in .js is read as JavaScript', async () => {
  expect((await refusal('export const reward = (item: any): number => 1', 'mine.js')).fault).toBe('syntax')
  const sandbox = await open('export const reward = (item) => 1 < (item.tokens.length > 0) + 1', {}, 1, 'mine.mjs')
  expect(scores(await sandbox.score(items('a')))).toEqual(['not-a-score'])
})

test('a batched reward sees all items of a call; each gets its own outcome', async () => {
  const sandbox = await open(`
    export function rewards(items) {
      const longest = Math.max(...items.map(({ completion }) => completion.length))
      return items.map(({ completion }, i) => {
        if (completion === 'trap') return { get score() { throw new Error('caught') } }
        if (completion === 'nan') return NaN
        return { score: completion.length / longest, info: { i } }
      })
    }`)
  expect(sandbox.batched).toBe(true)
  expect(plain(await sandbox.score(items('ab', 'abcd', 'trap', 'nan')))).toEqual([
    { kind: 'score', score: 0.5, info: { i: 0 } },
    { kind: 'score', score: 1, info: { i: 1 } },
    { kind: 'error', class: 'exception', message: 'Error: caught', line: 5, column: 69 },
    { kind: 'error', class: 'non-finite', message: 'answered NaN' },
  ])
  expect(await sandbox.score([])).toEqual([])
})

test.for([
  ['export const rewards = () => 1', 'rewards answered a number and not an array'],
  ['export const rewards = () => null', 'rewards answered null and not an array'],
  ['export const rewards = () => [1]', 'rewards answered 1 scores for 2 items'],
  ['export const rewards = async () => [1, 2]', 'a promise'],
])('a batch that is no list of scores fails every item: %s', async ([source, message]) => {
  const outcomes = await (await open(source)).score(items('a', 'b'))
  expect(scores(outcomes)).toEqual(['not-a-score', 'not-a-score'])
  for (const outcome of outcomes) expect((outcome as { message: string }).message).toContain(message)
})

test('nothing passes from one item to the next, not even through memory that was freed', async () => {
  const sandbox = await open(`
    let calls = 0
    const seen = new Map()
    export function reward({ completion }) {
      const traces = calls++ + seen.size + (globalThis.mark ?? 0) + (Object.prototype.mark ?? 0) + (Math.mark ?? 0)
      const fresh = new Uint8Array(3e6)
      const dirt = fresh.includes(255) ? 100 : 0
      seen.set(completion, 1)
      globalThis.mark = Object.prototype.mark = Math.mark = 1
      JSON.parse = JSON.stringify = () => { throw 1 }
      Object.freeze(Array.prototype)
      const secret = new Uint8Array(completion === 'grow' ? 3e7 : 3e6).fill(255)
      if (completion === 'throw') throw secret
      if (completion === 'hang') for (;;);
      if (completion === 'deep') return (function f() { return f() + 1 })()
      return traces + dirt
    }`)
  const outcomes = await sandbox.score(
    items('a', 'a', 'throw', 'b', 'hang', 'c', 'deep', 'd', 'grow', 'e', 'grow', 'f'),
  )
  const fair = [0, 0, 'exception', 0, 'timeout', 0, 'stack', 0, 0, 0, 0, 0]
  expect(scores(outcomes)).toEqual(fair)
})

test('what a program makes while it loads is there for every item', async () => {
  const sandbox = await open(`
    const squares = new Map(Array.from({ length: 1e4 }, (_, i) => [i, i * i]))
    export const reward = ({ completion }) => { const n = squares.get(Number(completion)); squares.clear(); return n }`)
  expect(scores(await sandbox.score(items('3', '99', '9999')))).toEqual([9, 9801, 99980001])
})

test('random numbers depend on the seed and the item alone', async () => {
  const source = 'export const reward = () => Math.random() + (Array.from({ length: 50 }, Math.random), Math.random())'
  const first = await open(source, {}, 7)
  const [a, b, again] = scores(await first.score(items('a', 'b', 'a')))
  expect(again).toBe(a)
  expect(b).not.toBe(a)
  expect(scores(await first.score(items('b')))).toEqual([b])
  expect(scores(await (await open(source, {}, 7)).score(items('b', 'a')))).toEqual([b, a])
  expect(scores(await (await open(source, {}, 8)).score(items('a')))).not.toEqual([a])
})

test('what a program draws and prints while it loads takes nothing from its items', async () => {
  const reward = 'export const reward = () => { console.log("x".repeat(50)); return Math.random() }'
  const loud = await open(`console.log("y".repeat(90)); const unit = Math.random()\n${reward}`, { outputBytes: 100 }, 7)
  const quiet = await open(reward, { outputBytes: 100 }, 7)
  const outcomes = await loud.score(items('a', 'b'))
  expect(plain(outcomes)).toEqual(plain(await quiet.score(items('a', 'b'))))
  expect(new Set(scores(outcomes)).size).toBe(2)
})

test('random numbers are uniform', async () => {
  const source = `export function reward() {
    const bins = Array(10).fill(0)
    for (let i = 0; i < 20000; i++) bins[Math.floor(Math.random() * 10)]++
    return bins.reduce((sum, n) => sum + (n - 2000) ** 2 / 2000, 0)
  }`
  const [chiSquare] = scores(await (await open(source)).score(items('a')))
  // Nine degrees of freedom: 0.1 % lie above 27.9, and a stuck generator far above.
  expect(chiSquare).toBeLessThan(27.9)
  expect(chiSquare).toBeGreaterThan(0.5)
})

test('scores are the same to the bit however items are cut into calls', async () => {
  expect(await fingerprint(1000, worker.start, 37)).toEqual(await fingerprint(1000, worker.start))
})

test('errors point at the person’s own line and column, behind types that are gone', async () => {
  const sandbox = await open(
    [
      'type Item = { completion: string }',
      'const helper = <T,>(value: T, other: Record<string, number> = {}): T => { throw new TypeError("no") }',
      'export function reward({ completion }: Item): number {',
      '  const text: string = completion as string; return helper<number>(text.length as number)',
      '}',
    ].join('\n'),
  )
  const [outcome] = await sandbox.score(items('abc'))
  expect(plain([outcome])).toEqual([
    { kind: 'error', class: 'exception', message: 'TypeError: no', line: 2, column: 85 },
  ])
})

test.for([
  ['let a: number = 1\nlet b = = 2\nexport const reward = () => 1', 'syntax', 2, 9],
  ['export function reward() {\n  const x: number = 1; const x: number = 2\n}', 'syntax', 2, 40],
  ['const a = 1\nimport { readFileSync } from "fs"\nexport const reward = readFileSync', 'import', 2, 31],
  ['export const reward = () => 1\nnull.x', 'exception', 2, 1],
  ['const x: any = undefined as any; x.y.z\nexport const reward = () => 1', 'exception', 1, 34],
] as const)('a program that cannot be used says where: %j', async ([source, fault, line, column]) => {
  const error = await refusal(source)
  expect(error.fault).toBe(fault)
  expect(error.at).toEqual({ line, column })
  expect(error.message).toMatch(`mine.ts:${line}:${column}: `)
})

test('a program without a reward is told what to write', async () => {
  expect((await refusal('export const prize = 1')).message).toBe(
    'mine.ts: exports no function reward. Write: export function reward({ completion, answer }) { … }',
  )
  expect((await refusal('import "node:fs"\nexport const reward = () => 1')).message).toBe(
    'mine.ts:1:9: imports node:fs. A reward stands alone: copy what it needs into it.',
  )
  expect((await refusal(`export const reward = () => 1 //${'x'.repeat(1e6)}`)).message).toContain(
    'at most 1,000,000 are read',
  )
})

test('only the item that hangs is lost', async () => {
  const sandbox = await open(
    `export function reward({ completion }) {
      return completion === 'hang' ? new Array(2 ** 28).join('').length : completion.length
    }`,
    { timeMs: 300 },
  )
  const started = performance.now()
  const outcomes = await sandbox.score(items('a', 'bb', 'hang', 'cccc', 'hang', 'dddddd'))
  expect(scores(outcomes)).toEqual([1, 2, 'host-killed', 4, 'host-killed', 6])
  expect(plain(outcomes)[2]).toEqual({
    kind: 'error',
    class: 'host-killed',
    message: 'did not react for 600 ms and was ended',
  })
  // Once to see that it hangs, once to see where, once for the other.
  expect(performance.now() - started).toBeGreaterThan(1800)
})

test('a batch that hangs is lost as a whole, and the next one is scored', async () => {
  const sandbox = await open(
    'export const rewards = (items) => items.map(({ completion }) => completion === "hang" ? new Array(2 ** 28).join("").length : 1)',
    { timeMs: 200 },
  )
  expect(scores(await sandbox.score(items('a', 'hang')))).toEqual(['host-killed', 'host-killed'])
  expect(scores(await sandbox.score(items('a', 'b')))).toEqual([1, 1])
})

test('steps are counted, not timed: the verdict on a long loop is the same each time', async () => {
  const source = `export function reward({ completion }) {
    const turns = Number(completion)
    let n = 0
    while (n < turns) n++
    return n
  }`
  const sandbox = await open(source, { steps: 50, timeMs: 60_000 })
  const outcomes = await sandbox.score(items('240000', '240000', '260000', '260000', '240000'))
  expect(scores(outcomes)).toEqual([240000, 240000, 'timeout', 'timeout', 240000])
  expect(plain(outcomes)[2]).toMatchObject({ message: 'used its 50 steps of work (some 5,000 loop turns each)' })
})

test('work that makes few steps is stopped by the clock', async () => {
  const source = 'export function reward() { for (;;) "x".repeat(300).toUpperCase() }'
  const [outcome] = await (await open(source, { timeMs: 1000, steps: 1e6 })).score(items('a'))
  expect(plain([outcome])).toEqual([
    { kind: 'error', class: 'timeout', message: 'took longer than 1000 ms by the clock' },
  ])
})

test('what is printed comes back, up to a limit', async () => {
  const sandbox = await open(
    `export function reward({ completion }) {
      console.log('scoring', { completion }, [1, 2])
      if (completion === 'flood') for (let i = 0; i < 1000; i++) console.warn('x'.repeat(100))
      if (completion === 'throw') throw new Error('after printing')
      return 1
    }`,
    { outputBytes: 300 },
  )
  const [one, flood, failed] = await sandbox.score(items('a', 'flood', 'throw'))
  expect(one.log).toBe('scoring {"completion":"a"} [1,2]')
  expect(flood.log!.length).toBeLessThanOrEqual(301)
  expect(flood.log).toMatch(/x…$/)
  expect(failed.log).toBe('scoring {"completion":"throw"} [1,2]')
})

test('the manifest names the program, the machine and the limits', async () => {
  const source = 'export const reward = () => 1'
  const { manifest } = await open(source, { timeMs: 123 })
  expect(manifest.sourceSha256).toBe(await sha256(new TextEncoder().encode(source)))
  expect(manifest.wasmSha256).toMatch(/^[0-9a-f]{64}$/)
  expect(manifest.limits).toEqual({ ...DEFAULT_LIMITS, timeMs: 123 })
})

test('scoring can be cancelled while an item hangs, and gone on with after', async () => {
  const sandbox = await open(
    'export const reward = ({ completion }) => completion === "hang" ? new Array(2 ** 28).join("").length : 1',
    { timeMs: 60_000 },
  )
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 100)
  await expect(sandbox.score(items('a', 'hang'), { signal: abort.signal })).rejects.toBeInstanceOf(CancelledError)
  await expect(sandbox.score(items('a'), { signal: abort.signal })).rejects.toBeInstanceOf(CancelledError)
  expect(scores(await sandbox.score(items('a', 'b')))).toEqual([1, 1])
})

test('a sandbox that is disposed of ends its calls and takes no more', async () => {
  const sandbox = await open('export function reward() { new Array(2 ** 28).join("") }', { timeMs: 60_000 })
  const call = sandbox.score(items('a'))
  setTimeout(() => sandbox.dispose(), 100)
  await expect(call).rejects.toBeInstanceOf(CancelledError)
  await expect(sandbox.score(items('a'))).rejects.toBeInstanceOf(CancelledError)
})

test('calls at the same time wait for each other', async () => {
  const sandbox = await open('export const reward = ({ completion }) => completion.length')
  const calls = await Promise.all([sandbox.score(items('a', 'bb')), sandbox.score(items('ccc')), sandbox.score([])])
  expect(calls.map(scores)).toEqual([[1, 2], [3], []])
})

test('a worker that does not start is not the program’s fault', async () => {
  const broken = openRewardSandbox(
    { source: 'export const reward = () => 1', name: 'mine.ts' },
    DEFAULT_LIMITS,
    () => startSandboxWorker('/there/is/none.js'),
    0,
  )
  await expect(broken).rejects.toThrow(/^The sandbox for rewards does not start: its worker died \(Cannot find module/)
  await expect(broken).rejects.not.toBeInstanceOf(RewardSourceError)
  await expect(broken).rejects.toBeInstanceOf(TiltlabError)
})

test('the host stays responsive while rewards hang', async () => {
  const sandbox = await open(
    'export function reward({ completion }) { if (completion === "loop") for (;;); return new Array(2 ** 28).join("").length }',
    { timeMs: 500 },
  )
  const pauseMs = await longestPause(async () => {
    expect(scores(await sandbox.score(items('loop', 'join', 'loop')))).toEqual(['timeout', 'host-killed', 'timeout'])
  })
  // Here, instead of in a worker, the join alone would take seconds. The bound leaves room for a machine that is busy.
  expect(pauseMs).toBeLessThan(750)
})
