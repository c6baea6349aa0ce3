// head.ts: draws tokens without keeping logits (head-statistics, head-pick and head-walk .wgsl)
//
// A token is drawn by inverting the distribution function in the order of the vocabulary, as the reference engine does it.
// The vocabulary is cut into chunks. One pass over the head gives each chunk's mass; a small kernel finds the chunk in which
// a row's uniform number falls; another computes that chunk's logits again and walks to the token.

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import type { DeviceMatrix, Segment } from '../matrix'
import stateText from './decode-state.wgsl?raw'
import headText from './head.wgsl?raw'
import invertText from './head-invert.wgsl?raw'
import pickText from './head-pick.wgsl?raw'
import statisticsText from './head-statistics.wgsl?raw'
import walkText from './head-walk.wgsl?raw'
import philoxText from './philox.wgsl?raw'
import { productTile } from './product'
import { laneWorkgroup, sharesLanes, type Lanes } from './tiles'
import { weightConstants, weightShape, weightViews } from './weights'
import weightsText from './weights.wgsl?raw'

/** Words of `Partial` and of `Choice` (head.wgsl). */
const PARTIAL_WORDS = 2
const CHOICE_WORDS = 5

export interface HeadStatistics {
  /** Rows of x. */
  batch: View
  /** `DecodeState.settings`; only the temperature is read. */
  settings: View
  /** [vocabulary, cols] */
  head: DeviceMatrix
  /** [rows, cols], the final norm's output */
  x: View
  /** `partialBytes` of them */
  partials: View
  /** Rows of x at most: picks the tile, not the result's bits where lanes are shared. */
  rows: number
}

export interface HeadDraw {
  /** Decoding rows. */
  batch: View
  settings: View
  head: DeviceMatrix
  /** The x and the partials of `headStatistics`. A row's first token is drawn from row `source` of them, later ones from its own. */
  x: View
  partials: View
  /** `DecodeState.rows` and `.tokens`: who is decoded in which row */
  completions: View
  tokens: View
  /** `choiceBytes` of them */
  choices: View
  /** `DecodeState.draws` */
  draws: View
}

/**
 * Rows of the head in a chunk: so many that there are few chunks, so few that computing one again costs little, and on a
 * graphics card enough chunks to fill it.
 */
function chunkRows(gpu: Lanes): number {
  return sharesLanes(gpu) ? 256 : 64
}

/** The rows of a matrix, as they lie in its buffers. */
export interface Segmented<S extends Pick<Segment, 'rows'> = Pick<Segment, 'rows'>> {
  segments: readonly S[]
}

interface HeadPart<S> {
  segment: S
  firstChunk: number
  chunks: number
}

/** Chunks lie within a segment, so a segment's last one may be short. */
function partsOf<S extends Pick<Segment, 'rows'>>(gpu: Lanes, head: Segmented<S>): HeadPart<S>[] {
  let firstChunk = 0
  return head.segments.map((segment) => {
    const part = { segment, firstChunk, chunks: Math.ceil(segment.rows / chunkRows(gpu)) }
    firstChunk += part.chunks
    return part
  })
}

function chunkCount(gpu: Lanes, head: Segmented): number {
  return partsOf(gpu, head).reduce((sum, { chunks }) => sum + chunks, 0)
}

/** Bytes of the partials of this many rows. */
export function partialBytes(gpu: Lanes, head: Segmented, rows: number): number {
  return 4 * PARTIAL_WORDS * rows * chunkCount(gpu, head)
}

/** Bytes of the choices of this many rows. */
export function choiceBytes(rows: number): number {
  return 4 * CHOICE_WORDS * rows
}

/** Records the statistics of each chunk of the vocabulary for each live row of x. */
export function headStatistics(
  gpu: Gpu,
  recording: Recording,
  { batch, settings, head, x, partials, rows }: HeadStatistics,
): void {
  const tile = productTile(gpu, head, rows, 5)
  for (const { segment, firstChunk, chunks } of partsOf(gpu, head)) {
    const views = weightViews(segment)
    recording.dispatch({
      kernel: gpu.kernel(
        {
          label: `head-statistics ${head.format}`,
          files: [statisticsText, ...tile.files, stateText, headText],
          constants: { ...tile.constants, CHUNK: chunkRows(gpu) },
          subgroups: tile.subgroups,
        },
        ['read', 'read', 'write', ...views.map(() => 'read' as const)],
      ),
      batch,
      shape: [...weightShape(head), head.cols, segment.rows, firstChunk, chunkCount(gpu, head)],
      views: [settings, x, partials, ...views],
      grid: (live) => [chunks, Math.ceil(live / tile.tokens)],
      work: (live) => ({
        flops: 2 * live * segment.rows * head.cols,
        bytes: segment.rows * head.rowWords * 4 + 4 * live * head.cols,
      }),
    })
  }
}

/** Records a draw for each live decoding row: token and log-probability. */
export function headDraw(gpu: Gpu, recording: Recording, call: HeadDraw): void {
  const { batch, settings, head, x, partials, completions, tokens, choices, draws } = call
  const { constants, ...workgroup } = laneWorkgroup(gpu)
  const chunks = chunkCount(gpu, head)
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'head-pick',
        files: [pickText, invertText, headText, stateText, philoxText],
        constants,
        ...workgroup,
      },
      ['read', 'read', 'read', 'read', 'write'],
    ),
    batch,
    shape: [chunks],
    views: [settings, completions, tokens, partials, choices],
    grid: (live) => [live],
    work: (live) => ({ flops: 20 * live * chunks, bytes: 8 * live * chunks }),
  })
  const CHUNK = chunkRows(gpu)
  for (const part of partsOf(gpu, head)) {
    const views = weightViews(part.segment)
    recording.dispatch({
      kernel: gpu.kernel(
        {
          label: `head-walk ${head.format}`,
          files: [walkText, invertText, headText, stateText, weightsText],
          constants: { ...constants, ...weightConstants(head, 6), CHUNK },
          ...workgroup,
        },
        ['read', 'read', 'read', 'write', ...views.map(() => 'read' as const)],
      ),
      batch,
      shape: [
        ...weightShape(head), head.cols, part.segment.rows, part.firstChunk, part.firstChunk + part.chunks,
        part.segment.firstRow,
      ], // prettier-ignore
      views: [settings, choices, x, draws, ...views],
      grid: (live) => [live],
      work: (live) => ({ flops: 2 * live * CHUNK * head.cols, bytes: live * CHUNK * head.rowWords * 4 }),
    })
  }
}
