// laboratory.ts: the view's end of the worker that runs experiments
//
// Questions go out with a number; answers to looks that were taken again since are dropped. A worker that does not react
// to being cancelled is ended, and the next question starts another one: what was finished is kept.

import type { RunEvent } from '../../core/run/events'
import type { ExperimentProgress } from '../../lab/experiments/execute'
import type { Finished } from './finished'
import type { Asked, Entry, FromLaboratory, ToLaboratory } from './messages'
import type { Forecast, Outlook } from './outlook'
import type { OwnFiles } from '../state/own-files'

/** What the view hears: of the newest look, and of the experiment that runs. */
export interface LaboratoryListener {
  /** @param keeps whether what is made outlasts the tab */
  onReady(experiments: Entry[], keeps: boolean): void
  onOutlook(outlook: Outlook): void
  onForecast(forecast: Forecast): void
  /** All was there already. */
  onFound(finished: Finished): void
  onLookProblem(message: string): void
  onProgress(progress: ExperimentProgress, leftSeconds: number): void
  onEvent(event: RunEvent): void
  onFinished(finished: Finished): void
  onCancelled(): void
  onProblem(message: string): void
  onKept(sizeBytes: number): void
}

/** Experiments, in a worker. */
export interface Laboratory {
  /** Looks at what an experiment takes, in place of whatever is looked at; `timed`: models may be timed for it. */
  look(asked: Asked, files: OwnFiles, timed: boolean): void
  /** Runs what is missing of an experiment. */
  run(asked: Asked, files: OwnFiles): void
  cancel(): void
  /** Removes everything that is kept. */
  clear(): void
}

/** How long a cancelled experiment may take to stop before its worker is ended. */
const PATIENCE_MS = 6000

/** Starts the worker at once: it holds the catalogue. */
export function openLaboratory(listener: LaboratoryListener): Laboratory {
  let question = 0
  let look = -1
  let run = -1
  let clearing = -1
  let lastResort: ReturnType<typeof setTimeout> | undefined
  /** What was asked before the worker could hear it; null since. */
  let waiting: ToLaboratory[] | null = []
  let worker: Worker | null = null

  const start = () => {
    waiting = []
    const started = new Worker(new URL('../experiment-worker.ts', import.meta.url), {
      type: 'module',
      name: 'tiltlab experiments',
    })
    started.onmessage = ({ data }: MessageEvent<FromLaboratory>) => hear(data)
    started.onerror = (event) => {
      stop()
      const message = event.message || 'The worker of experiments could not be started. Reload the page.'
      if (run >= 0) endRun(() => listener.onProblem(message))
      else listener.onLookProblem(message)
    }
    return started
  }
  const stop = () => {
    worker?.terminate()
    worker = null
  }
  const post = (message: ToLaboratory) => {
    worker ??= start()
    if (waiting) waiting.push(message)
    else worker.postMessage(message)
  }
  const endRun = (tell: () => void) => {
    clearTimeout(lastResort)
    run = -1
    tell()
  }
  const hear = (message: FromLaboratory) => {
    if (message.type === 'ready') {
      for (const early of waiting ?? []) worker?.postMessage(early)
      waiting = null
      listener.onReady(message.experiments, message.keeps)
    } else if (message.type === 'kept') listener.onKept(message.sizeBytes)
    else if (message.id === run) hearRun(message)
    else if (message.id === look) hearLook(message)
    else if (message.id === clearing && message.type === 'problem') listener.onProblem(message.message)
  }
  const hearLook = (message: Answer) => {
    if (message.type === 'outlook') listener.onOutlook(message.outlook)
    else if (message.type === 'forecast') listener.onForecast(message.forecast)
    else if (message.type === 'finished') listener.onFound(message.finished)
    else if (message.type === 'problem') listener.onLookProblem(message.message)
  }
  const hearRun = (message: Answer) => {
    if (message.type === 'progress') listener.onProgress(message.progress, message.left)
    else if (message.type === 'event') listener.onEvent(message.event)
    else if (message.type === 'finished') endRun(() => listener.onFinished(message.finished))
    else if (message.type === 'cancelled') endRun(() => listener.onCancelled())
    else if (message.type === 'problem') endRun(() => listener.onProblem(message.message))
  }
  worker = start()
  return {
    look(asked, files, timed) {
      look = question++
      post({ type: 'look', id: look, asked, files, timed })
    },
    run(asked, files) {
      run = question++
      post({ type: 'run', id: run, asked, files })
    },
    cancel() {
      post({ type: 'cancel' })
      lastResort = setTimeout(() => {
        stop()
        endRun(() => listener.onCancelled())
      }, PATIENCE_MS)
    },
    clear() {
      clearing = question++
      post({ type: 'clear', id: clearing })
    },
  }
}

/** An answer to a question. */
type Answer = Extract<FromLaboratory, { id: number }>
