// matmul.ts: the engine's linear layers against tfjs-webgpu's matMul, and against what the adapter can do at most

import * as tf from '@tensorflow/tfjs'
import type { Matrix } from '../../src/engine/formats/matrix'
import { startBackend } from '../../src/engine/reference/backend'
import { openDevice } from '../../src/engine/webgpu/device'
import { Gpu } from '../../src/engine/webgpu/gpu'
import { Recording } from '../../src/engine/webgpu/recording'
import { linear } from '../../src/engine/webgpu/kernels/linear'
import { uploadMatrix } from '../../src/engine/webgpu/matrix'
import { measureRates } from '../../src/engine/webgpu/rates'
import { compared, inTurns, timed, type Comparison } from '../claim'
import type { Machine } from '../machine'

/** SmolLM2's up projection. */
const ROWS = 1536
const COLS = 576
const BLOCK = 32
const MANY = 512
const TOKENS = [1, 8, 64, MANY]
const AT_LEAST = 2
/** Of the adapter's multiply-add rate; software adapters are only reported. */
const SHARE_OF_PEAK = 0.5

export default async function* matmul(machine: Machine): AsyncGenerator<Comparison> {
  const gpu = new Gpu(await openDevice(machine.gpu))
  yield {
    unit: 'GB/s',
    name: 'copy kernel, read + write',
    ours: (await measureRates(gpu)).gigabytesPerSecond,
    peer: null,
    peerName: '',
    ratio: null,
    atLeast: null,
    adapter: machine.adapter,
  }
  await startBackend('webgpu')
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  for (const tokens of TOKENS) {
    const { tfjs, peak, ...formats } = await inTurns(
      {
        f32: ours(gpu, floatWeights(), tokens),
        q4: ours(gpu, blockWeights(), tokens),
        tfjs: theirs(tokens),
        peak: async () => (await measureRates(gpu)).gflops,
      },
      { rounds: 5 },
    )
    for (const [format, rate] of Object.entries(formats)) {
      const row = {
        name: `linear ${format}, ${ROWS} × ${COLS}, ${tokens} tokens`,
        unit: 'GFLOP/s',
        ours: rate,
        adapter: machine.adapter,
      } as const
      yield compared({ ...row, peer: tfjs, peerName: 'tfjs-webgpu matMul f32', atLeast: AT_LEAST })
      if (tokens < MANY) continue
      const atLeast = machine.software ? null : SHARE_OF_PEAK
      yield compared({ ...row, peer: peak, peerName: 'the adapter’s multiply-add rate', atLeast })
    }
  }
}

/** Operations of one product, and how often it is repeated so that a launch does not matter. */
function work(tokens: number): { flops: number; times: number } {
  const flops = 2 * tokens * ROWS * COLS
  return { flops, times: Math.max(1, Math.ceil(2e8 / flops)) }
}

function ours(gpu: Gpu, weights: Matrix, tokens: number): () => Promise<number> {
  const recording = new Recording(gpu)
  linear(gpu, recording, {
    batch: gpu.upload('batch', Uint32Array.of(tokens, 0, 0, 0)),
    weight: uploadMatrix(gpu, 'weights', [weights]),
    x: gpu.upload('x', noise(tokens * COLS)),
    out: gpu.allocate('out', tokens * ROWS * 4),
    rows: tokens,
  })
  recording.seal()
  const { flops, times } = work(tokens)
  return async () => {
    const ms = await timed(async () => {
      await recording.replay(tokens, { times })
      await gpu.finish()
    })
    return (flops * times) / ms / 1e6
  }
}

function theirs(tokens: number): () => Promise<number> {
  const x = tf.tensor2d(noise(tokens * COLS), [tokens, COLS])
  const weights = tf.tensor2d(noise(ROWS * COLS), [COLS, ROWS])
  const { flops, times } = work(tokens)
  return async () => {
    const ms = await timed(async () => {
      for (let i = 1; i < times; i++) tf.matMul(x, weights).dispose()
      const last = tf.matMul(x, weights)
      await last.data()
      last.dispose()
    })
    return (flops * times) / ms / 1e6
  }
}

function floatWeights(): Matrix {
  return {
    kind: 'float',
    rows: ROWS,
    cols: COLS,
    values: { dtype: 'f32', values: noise(ROWS * COLS) },
    offset: 0,
    rowStride: COLS,
    colStride: 1,
  }
}

function blockWeights(): Matrix {
  return {
    kind: 'blocks',
    rows: ROWS,
    cols: COLS,
    bits: 4,
    blockSize: BLOCK,
    data: Uint8Array.from({ length: (ROWS * COLS) / 2 }, (_, i) => (i * 37) & 255),
    signed: false,
    scales: { dtype: 'f32', values: noise((ROWS * COLS) / BLOCK) },
    zeroPoint: 8,
  }
}

function noise(length: number): Float32Array {
  return Float32Array.from({ length }, () => Math.random() - 0.5)
}
