// growth.ts: time grows in a line with tokens and with layers; memory beside the weights does not grow with the vocabulary

import type { Policy } from '../../src/engine/policy'
import { compared, inTurns, type Comparison } from '../claim'
import type { Machine } from '../machine'
import { counted } from '../counted'
import { loadOurs } from '../ours'
import { randomModel, RANDOM_DTYPE, SMOLLM2_BLOCK, type ModelShape } from '../random-model'
import { trainingRows, trainingStepMs } from '../training'

const TOKENS = [128, 256, 384, 512, 768]
const LAYERS = [1, 2, 3, 4, 6]
const VOCABULARIES = { small: 8192, large: 131072 }
const ROW = 64
const ROUNDS = 5
/** R² below this is no line. */
const LINEAR = 0.98

const SHAPE: ModelShape = { ...SMOLLM2_BLOCK, layers: 1, vocabulary: 1024, linears: 'q4', embedding: 'q4' }

export default async function* growth(machine: Machine): AsyncGenerator<Comparison> {
  const own = { peer: null, ratio: null, adapter: machine.adapter }
  const byTokens = await stepsMs(
    machine,
    TOKENS.map((tokens) => ({ tokens, layers: 2 })),
  )
  const tokens = line(TOKENS, byTokens)
  yield {
    ...own,
    name: 'time is linear in tokens (training step, 2 layers)',
    unit: 'R²',
    ours: tokens.r2,
    peerName: `${tokens.slope.toPrecision(3)} ms a token + ${tokens.intercept.toPrecision(3)} ms; measured ${list(TOKENS, byTokens)}`,
    atLeast: LINEAR,
  }
  const byLayers = await stepsMs(
    machine,
    LAYERS.map((layers) => ({ tokens: 256, layers })),
  )
  const layers = line(LAYERS, byLayers)
  yield {
    ...own,
    name: 'time is linear in layers (training step, 256 tokens)',
    unit: 'R²',
    ours: layers.r2,
    peerName: `${layers.slope.toPrecision(3)} ms a layer + ${layers.intercept.toPrecision(3)} ms; measured ${list(LAYERS, byLayers)}`,
    atLeast: LINEAR,
  }
  const small = await bytesBesideWeights(machine, VOCABULARIES.small)
  const large = await bytesBesideWeights(machine, VOCABULARIES.large)
  yield compared({
    name: `memory beside the weights, vocabulary ${VOCABULARIES.large} (training step, 256 tokens)`,
    unit: 'GB',
    ours: large / 1e9,
    peer: small / 1e9,
    peerName: `vocabulary ${VOCABULARIES.small}`,
    atLeast: 0.95,
    adapter: machine.adapter,
  })
}

async function bytesBesideWeights(machine: Machine, vocabulary: number): Promise<number> {
  const { gpu, peakBytes } = counted(machine.gpu)
  const policy = await loadOurs(gpu, randomModel({ ...SHAPE, vocabulary }), { dtype: RANDOM_DTYPE, rank: 16 })
  await trainingStepMs(policy, trainingRows(256 / ROW, ROW, vocabulary))
  const { weightsBytes } = policy.memoryPlan({ sampleRows: 1, trainRows: 256 / ROW, tokens: ROW })
  policy.dispose()
  return peakBytes() - weightsBytes
}

/** All of them in turns, so that a busy moment of the machine does not fall on one. */
async function stepsMs(machine: Machine, jobs: readonly { tokens: number; layers: number }[]): Promise<number[]> {
  const policies: Policy[] = []
  const sides: Record<string, () => Promise<number>> = {}
  for (const { tokens, layers } of jobs) {
    const policy = await loadOurs(machine.gpu, randomModel({ ...SHAPE, layers }), { dtype: RANDOM_DTYPE, rank: 16 })
    const rows = trainingRows(tokens / ROW, ROW, SHAPE.vocabulary)
    policies.push(policy)
    sides[`${layers} layers, ${tokens} tokens`] = () => trainingStepMs(policy, rows)
  }
  const ms = await inTurns(sides, { rounds: ROUNDS })
  for (const policy of policies) policy.dispose()
  return Object.keys(sides).map((side) => ms[side])
}

/** Least squares. */
function line(x: readonly number[], y: readonly number[]): { slope: number; intercept: number; r2: number } {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const slope =
    x.reduce((sum, xi, i) => sum + (xi - mx) * (y[i] - my), 0) / x.reduce((sum, xi) => sum + (xi - mx) ** 2, 0)
  const intercept = my - slope * mx
  const residual = y.reduce((sum, yi, i) => sum + (yi - slope * x[i] - intercept) ** 2, 0)
  return { slope, intercept, r2: 1 - residual / y.reduce((sum, yi) => sum + (yi - my) ** 2, 0) }
}

function list(x: readonly number[], y: readonly number[]): string {
  return x.map((xi, i) => `${xi}: ${y[i].toFixed(0)}`).join(', ')
}
