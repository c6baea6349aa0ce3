// tune.ts: which of a few shapes of the products is the fastest on this adapter
//
// A small table beats a search: two choices of three and two values. Measured once and kept by the adapter's name; a new
// version of the kernels measures again.

import type { BlockMatrix } from '../formats/matrix'
import { BATCH_BYTES, type Gpu } from './gpu'
import { Recording } from './recording'
import { linear } from './kernels/linear'
import { sharesLanes } from './kernels/tiles'
import { uploadMatrix } from './matrix'
import { DEFAULT_SHAPES, type ProductShapes } from './shapes'

/** Where a host keeps what was measured. */
export interface TuningStore {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
}

/** Change it with the kernels that are tuned. */
const VERSION = 1
/** A linear layer of a small model, q4. */
const ROWS = 1536
const COLS = 896
const REPEATS = 5
/** A measurement takes about this long. */
const MEASURED_MS = 20

const CANDIDATES = { strideSplits: [16, 8, 32], laneTokens: [8, 4] } as const satisfies Record<
  keyof ProductShapes,
  readonly number[]
>

/** The fastest shapes on this device: from the store, or measured now, which takes seconds on a new adapter. */
export async function tunedShapes(gpu: Gpu, store: TuningStore): Promise<ProductShapes> {
  const { vendor, architecture, device, description } = gpu.adapter.info
  const key = `products ${VERSION} ${[vendor, architecture, device, description, gpu.adapter.lanes].join(' ')}`
  const known = parseShapes(await store.get(key))
  if (known) return known
  const shapes = { ...DEFAULT_SHAPES }
  // Only one of the two families runs here.
  const [name, tokens] = sharesLanes(gpu) ? (['laneTokens', 64] as const) : (['strideSplits', 8] as const)
  let best = Infinity
  for (const value of CANDIDATES[name]) {
    const candidate: ProductShapes = { ...DEFAULT_SHAPES, [name]: value }
    const ms = await productMs(gpu, candidate, tokens)
    if (ms < best) Object.assign(shapes, candidate)
    best = Math.min(best, ms)
  }
  await store.set(key, JSON.stringify(shapes))
  return shapes
}

/** What a store holds may be older than the code, or not ours. */
function parseShapes(text: string | undefined): ProductShapes | undefined {
  try {
    const shapes = JSON.parse(text ?? 'null') as Record<string, unknown> | null
    const allowed = (name: keyof ProductShapes) => (CANDIDATES[name] as readonly unknown[]).includes(shapes?.[name])
    return allowed('strideSplits') && allowed('laneTokens') ? (shapes as unknown as ProductShapes) : undefined
  } catch {
    return undefined
  }
}

/** Time of one product; the best of a few, because other work on the machine only ever takes away. */
async function productMs(gpu: Gpu, shapes: ProductShapes, tokens: number): Promise<number> {
  const batch = gpu.allocate('batch', BATCH_BYTES)
  gpu.write(batch, Uint32Array.of(tokens, 0, 0, 0))
  const weight = uploadMatrix(gpu, 'tuning', [zeros()])
  const x = gpu.allocate('x', 4 * tokens * COLS)
  const out = gpu.allocate('out', 4 * tokens * ROWS)
  const recording = new Recording(gpu)
  const before = gpu.shapes
  gpu.shapes = shapes
  try {
    linear(gpu, recording, { batch, weight, x, out, rows: tokens })
    recording.seal()
    const timeOf = async (times: number): Promise<number> => {
      const started = performance.now()
      await recording.replay(tokens, { times })
      await gpu.finish()
      return (performance.now() - started) / times
    }
    // The first also compiles.
    await timeOf(1)
    const times = Math.max(1, Math.ceil(MEASURED_MS / (await timeOf(1))))
    let best = Infinity
    for (let repeat = 0; repeat < REPEATS; repeat++) best = Math.min(best, await timeOf(times))
    return best
  } finally {
    gpu.shapes = before
    recording.dispose()
    gpu.free(batch, x, out, ...weight.segments.flatMap(({ data, scales }) => [data, ...(scales ? [scales] : [])]))
  }
}

function zeros(): BlockMatrix {
  const blockSize = 32
  return {
    kind: 'blocks',
    rows: ROWS,
    cols: COLS,
    bits: 4,
    blockSize,
    data: new Uint8Array((ROWS * COLS) / 2),
    signed: false,
    scales: { dtype: 'f32', values: new Float32Array((ROWS * COLS) / blockSize) },
    zeroPoint: 8,
  }
}
