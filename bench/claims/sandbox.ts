// sandbox.ts: a person's own reward in the sandbox, against the same JavaScript without one and in another QuickJS
//
// The reward is what most are: one regular expression over the completion, and a comparison. Ours is the whole path, from
// items to outcomes through the worker; the peers run in this thread.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_LIMITS, type RewardItem } from '../../src/rewards/sandbox/contract'
import { openRewardSandbox } from '../../src/rewards/sandbox/sandbox'
import { folderSource } from '../../src/runner/files'
import { packageRoot } from '../../src/runner/package'
import { startSandboxWorker } from '../../src/runner/sandbox'
import { CannotRun, compared, inTurns, someTokens, timed, type Comparison } from '../claim'
import { decodeStepMs } from '../decode-step'
import type { Machine } from '../machine'
import { loadOurs } from '../ours'
import { loadPeerReward } from '../peers/quickjs-emscripten'
import { modelFolders } from '../peers/transformers'

const REWARD = `({ completion, answer }) => {
  const found = /####\\s*(-?[\\d,]*\\.?\\d+)\\s*$/.exec(completion)
  return found !== null && found[1].replaceAll(',', '') === answer ? 1 : 0
}`
const ITEMS = 2000
const ROUNDS = 7

export default async function* sandbox(machine: Machine): AsyncGenerator<Comparison> {
  if (!existsSync(join(packageRoot, 'dist/node/sandbox-worker.js'))) {
    throw new CannotRun('The sandbox’s worker is not built. Run: npx vite build --mode node')
  }
  const items = someItems()
  const json = items.map((item) => JSON.stringify(item))
  const program = { name: 'bench.js', source: `export const reward = ${REWARD}` }
  const ours = await openRewardSandbox(program, DEFAULT_LIMITS, startSandboxWorker, 0)
  const batched = await openRewardSandbox(
    { name: 'bench.js', source: `const reward = ${REWARD}\nexport const rewards = (items) => items.map(reward)` },
    DEFAULT_LIMITS,
    startSandboxWorker,
    0,
  )
  const plain = (0, eval)(REWARD) as (item: RewardItem) => number
  const peer = await loadPeerReward(`(json) => (${REWARD})(JSON.parse(json))`)

  const ms = await inTurns(
    {
      ours: () => timed(() => ours.score(items)),
      batched: () => timed(() => batched.score(items)),
      plain: () => timed(async () => items.map(plain)),
      shared: () => timed(async () => peer.shared(json)),
      apart: () => timed(async () => peer.apart(json)),
    },
    { rounds: ROUNDS },
  )
  const row = (name: string, oursMs: number, peerName: string, peerMs: number, atLeast: number | null): Comparison =>
    compared({
      name,
      unit: 'calls/s',
      ours: (1000 * ITEMS) / oursMs,
      peer: (1000 * ITEMS) / peerMs,
      peerName,
      atLeast,
      adapter: machine.adapter,
    })
  const plainName = 'the same JavaScript in Node, no sandbox'
  yield row(APART, ms.ours, plainName, ms.plain, null)
  yield row(APART, ms.ours, 'quickjs-emscripten, a context for each item', ms.apart, 1)
  yield row(TOGETHER, ms.batched, plainName, ms.plain, null)
  yield row(TOGETHER, ms.batched, 'quickjs-emscripten, one context for all', ms.shared, 1)
  yield await besideDecoding(machine, () => timed(() => ours.score(items)))
  ours.dispose()
  batched.dispose()
  peer.dispose()
}
const APART = 'a regular expression in `reward`'
const TOGETHER = 'a regular expression in `rewards`'

/** All items, each on its own, against one step of decoding one sequence. */
async function besideDecoding(machine: Machine, scoreMs: () => Promise<number>): Promise<Comparison> {
  const [{ folder }] = modelFolders('smollm2')
  const policy = await loadOurs(machine.gpu, folderSource('SmolLM2-135M', folder), { dtype: 'q4', rank: 16 })
  const prompts = [someTokens(37, policy.spec.vocabSize)]
  const sides = await inTurns(
    { ours: scoreMs, peer: () => decodeStepMs(policy, { prompts, samples: 1, newTokens: 33 }) },
    { rounds: ROUNDS },
  )
  policy.dispose()
  return compared({
    ...sides,
    name: `${APART}, ${ITEMS} items`,
    unit: 'ms',
    peerName: 'one step of decoding SmolLM2-135M q4, batch 1',
    atLeast: 1,
    adapter: machine.adapter,
  })
}

/** Completions as a model of this size writes them: some sentences, and an answer that is right every other time. */
function someItems(): RewardItem[] {
  return Array.from({ length: ITEMS }, (_, i) => ({
    prompt: `A box holds ${i} pens. How many pens are in ${i % 7} boxes?`,
    completion: `${`One box has ${i} pens, so ${i % 7} boxes have that many times more. `.repeat(4)}\n#### ${i * (i % 7) + (i % 2)}`,
    answer: String(i * (i % 7)),
    columns: {},
    tokens: someTokens(96, 49_152, i),
  }))
}
