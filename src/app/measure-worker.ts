// measure-worker.ts: times the engine's kernels off the page's own thread; ending the worker stops it

import { messageOf } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { measureSpeed, type SpeedReport } from '../engine/webgpu/speed'
import { modelSource } from './state/model-source'
import type { OwnFiles } from './state/own-files'

/** Which model is timed. */
export interface MeasureRequest {
  model: RunConfig['model']
  adapter: RunConfig['adapter']
  own: OwnFiles
}

export type MeasureAnswer = { report: SpeedReport } | { problem: string }

globalThis.onmessage = ({ data: { model, adapter, own } }: MessageEvent<MeasureRequest>) => {
  const options = { gpu: navigator.gpu as GPU | undefined, dtype: model.dtype, adapter }
  measureSpeed(modelSource(model.id, own), options).then(
    (report) => post({ report }),
    (error: unknown) => post({ problem: messageOf(error) }),
  )
}

function post(answer: MeasureAnswer): void {
  globalThis.postMessage(answer)
}
