// filter.ts: sizes and binds filter.wgsl

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import stateText from './decode-state.wgsl?raw'
import text from './filter.wgsl?raw'
import headText from './head.wgsl?raw'
import invertText from './head-invert.wgsl?raw'
import philoxText from './philox.wgsl?raw'
import { laneWorkgroup, sharesLanes } from './tiles'

export interface FilteredDraw {
  /** Decoding rows. */
  batch: View
  /** `DecodeState.settings` */
  settings: View
  /** [rows, vocabulary]. A completion's first token is drawn from row `source` of them, later ones from its decoding row. */
  logits: View
  vocabulary: number
  /** `DecodeState.rows`, `.tokens` and `.draws` */
  completions: View
  tokens: View
  draws: View
}

/**
 * Records a draw for each live decoding row from logits in memory, under the request's top-k, top-p and min-p. The
 * log-probability is that of the whole vocabulary.
 */
export function filteredDraw(gpu: Gpu, recording: Recording, call: FilteredDraw): void {
  const { batch, settings, logits, vocabulary, completions, tokens, draws } = call
  const { constants, ...workgroup } = laneWorkgroup(gpu)
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'filtered-draw',
        files: [text, invertText, headText, stateText, philoxText],
        // One workgroup reads a row many times: on a graphics card it is as large as any adapter allows.
        constants: sharesLanes(gpu) ? constants : { ...constants, WORKGROUP: 256 },
        ...workgroup,
      },
      ['read', 'read', 'read', 'read', 'write'],
    ),
    batch,
    shape: [vocabulary],
    views: [settings, completions, tokens, logits, draws],
    grid: (live) => [live],
    work: (live) => ({ flops: 500 * live * vocabulary, bytes: 80 * live * vocabulary }),
  })
}
