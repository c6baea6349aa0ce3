// embed.ts: sizes and binds embed.wgsl

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import type { DeviceMatrix } from '../matrix'
import text from './embed.wgsl?raw'
import { rowGrid } from './tiles'
import { weightConstants, weightShape, weightViews } from './weights'
import weightsText from './weights.wgsl?raw'

export interface Embed {
  batch: View
  /** [rows] Token (common.wgsl); each id is a row of the embedding. */
  tokens: View
  /** [vocabulary, hidden] */
  embedding: DeviceMatrix
  /** [rows, hidden] */
  out: View
}

/** Records out = embedding[id] for each live row. */
export function embed(gpu: Gpu, recording: Recording, { batch, tokens, embedding, out }: Embed): void {
  const { cols, rowWords } = embedding
  for (const segment of embedding.segments) {
    const weights = weightViews(segment)
    recording.dispatch({
      kernel: gpu.kernel(
        {
          label: `embed ${embedding.format}`,
          files: [text, weightsText],
          constants: weightConstants(embedding, 4, { octets: true }),
        },
        ['read', 'write', ...weights.map(() => 'read' as const)],
      ),
      batch,
      shape: [...weightShape(embedding), cols, segment.firstRow, segment.rows],
      views: [tokens, out, ...weights],
      grid: rowGrid,
      work: (rows) => ({ flops: rows * cols, bytes: 4 * rows * (rowWords + cols) }),
    })
  }
}
