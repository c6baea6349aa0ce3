// decoding.ts: time of one decoding step, ours against transformers.js on the same file

import { folderSource } from '../src/runner/files'
import { compared, inTurns, someTokens, type Comparison } from './claim'
import { decodeStepMs } from './decode-step'
import type { Machine } from './machine'
import { loadOurs } from './ours'
import { loadTransformers, modelFolders } from './peers/transformers'

/** What is decoded. */
export interface DecodingJob {
  /** Model in the folder of bench/models.sh, and its name for people. */
  model: string
  name: string
  prompts: number
  promptTokens: number
  /** Ours prefills a prompt once for all of its samples; the peer gets one row a sample. */
  samples: number
  /** Tokens to generate: ours reads back in chunks, so it gets enough to fill one. */
  newTokens: { ours: number; peer: number }
  rounds: number
  atLeast: { software: number; hardware: number }
}

/**
 * Milliseconds a decoding step, prefill left out, and tokens a second. The peer decodes greedily, which costs it least; ours
 * draws at temperature 1 where a prompt has several samples.
 */
export async function compareDecoding(machine: Machine, job: DecodingJob): Promise<Comparison> {
  const folders = modelFolders(job.model)
  const ours = await loadOurs(machine.gpu, folderSource(job.name, folders[0].folder), { dtype: 'q4', rank: 16 })
  const prompts = Array.from({ length: job.prompts }, (_, i) =>
    someTokens(job.promptTokens, ours.spec.vocabSize, i + 1),
  )
  const rows = prompts.flatMap((prompt) => Array.from({ length: job.samples }, () => prompt))
  const peers = await Promise.all(
    folders.map(async ({ layout, folder }) => ({ layout, peer: await loadTransformers(folder) })),
  )
  const sides: Record<string, () => Promise<number>> = {
    ours: () => decodeStepMs(ours, { prompts, samples: job.samples, newTokens: job.newTokens.ours }),
    ...Object.fromEntries(
      peers.map(({ layout, peer }) => [layout, async () => (await peer.generate(rows, job.newTokens.peer)).stepMs]),
    ),
  }
  const stepMs = await inTurns(sides, { rounds: job.rounds })
  ours.dispose()
  await Promise.all(peers.map(({ peer }) => peer.dispose()))

  const [layout] = peers.map((peer) => peer.layout).sort((a, b) => stepMs[a] - stepMs[b])
  const common = {
    adapter: machine.adapter,
    peerName: `transformers.js webgpu, ${layout}`,
    atLeast: machine.software ? job.atLeast.software : job.atLeast.hardware,
  }
  return rows.length === 1
    ? compared({
        ...common,
        name: `decode ${job.name} q4, batch 1`,
        unit: 'ms/token',
        ours: stepMs.ours,
        peer: stepMs[layout],
      })
    : compared({
        ...common,
        name: `decode ${job.name} q4, batch ${rows.length}${job.samples > 1 ? ` (${job.prompts} × G ${job.samples})` : ''}`,
        unit: 'tokens/s',
        ours: (1000 * rows.length) / stepMs.ours,
        peer: (1000 * rows.length) / stepMs[layout],
      })
}
