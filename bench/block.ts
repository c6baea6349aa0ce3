// block.ts: one layer of SmolLM2's shape, ours (with its embedding, head and update) against the bare block in jax-js

import type { FileSource } from '../src/engine/hub'
import type { Policy } from '../src/engine/policy'
import { compared, inTurns, timed, type Comparison } from './claim'
import type { Machine } from './machine'
import type { PolicyOptions } from './ours'
import { jaxBlock } from './peers/jax'
import { randomModel, RANDOM_DTYPE, SMOLLM2_BLOCK } from './random-model'
import { trainingRows, trainingStepMs } from './training'

const BATCH = 4
const TOKENS = 128
const RANK = 8
const ROUNDS = 5

export interface BlockJob {
  device: 'webgpu' | 'wasm'
  /** How ours keeps the weights; jax-js has float32 either way. */
  linears: 'f32' | 'q4'
  load: (files: FileSource, options: PolicyOptions) => Promise<Policy>
  atLeast: number | null
}

/** Milliseconds of a step. Ours does more than the peer: it embeds, has a small head with its loss, and makes an update. */
export async function compareBlock(
  machine: Machine,
  { device, linears, load, atLeast }: BlockJob,
): Promise<Comparison> {
  const files = randomModel({ ...SMOLLM2_BLOCK, layers: 1, vocabulary: 512, linears, embedding: 'f32' })
  const ours = await load(files, { dtype: RANDOM_DTYPE, rank: RANK })
  const peer = await jaxBlock(device, { ...SMOLLM2_BLOCK, headDim: 64, batch: BATCH, tokens: TOKENS, rank: RANK })
  const rows = trainingRows(BATCH, TOKENS, ours.spec.vocabSize)
  const ms = await inTurns(
    { ours: () => trainingStepMs(ours, rows), peer: () => timed(() => peer.run()) },
    { rounds: ROUNDS },
  )
  ours.dispose()
  return compared({
    ...ms,
    name: `block forward + backward, ${linears} weights, ${BATCH} × ${TOKENS} tokens, ${device}`,
    unit: 'ms',
    peerName: `jax-js ${device}, f32`,
    atLeast,
    adapter: machine.adapter,
  })
}
