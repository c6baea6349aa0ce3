// training.ts: forward, backward and update against the reference on tfjs-webgpu, the same tokens through the same files

import type { FileSource } from '../../src/engine/hub'
import { compared, inTurns, type Comparison } from '../claim'
import type { Machine } from '../machine'
import { loadOurs, loadReference, type PolicyOptions } from '../ours'
import { randomModel, RANDOM_DTYPE, SMOLLM2_BLOCK } from '../random-model'
import { trainingRows, trainingStepMs } from '../training'

const AT_LEAST = 5

export default async function* training(machine: Machine): AsyncGenerator<Comparison> {
  const shape = { ...SMOLLM2_BLOCK, layers: 4, vocabulary: 8192, embedding: 'f32' } as const
  for (const linears of ['q4', 'f32'] as const) {
    yield await stepAgainstReference(
      machine,
      `training step, 4 layers of SmolLM2’s shape, ${linears}, 4 × 64 tokens`,
      randomModel({ ...shape, linears }),
      { dtype: RANDOM_DTYPE, rank: 16 },
    )
  }
}

async function stepAgainstReference(
  machine: Machine,
  name: string,
  files: FileSource,
  options: PolicyOptions,
): Promise<Comparison> {
  const ours = await loadOurs(machine.gpu, files, options)
  const reference = await loadReference(files, options, 'webgpu')
  const rows = trainingRows(4, 64, ours.spec.vocabSize)
  const ms = await inTurns(
    { ours: () => trainingStepMs(ours, rows), peer: () => trainingStepMs(reference, rows) },
    { rounds: 3 },
  )
  ours.dispose()
  reference.dispose()
  return compared({
    ...ms,
    name,
    unit: 'ms',
    peerName: reference.engine,
    atLeast: AT_LEAST,
    adapter: machine.adapter,
  })
}
