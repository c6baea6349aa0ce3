// bench.ts: the view's end of the worker that tries rewards out
//
// Questions go out with a number; answers to questions that were asked again since are dropped. A worker that does not
// react to being cancelled is ended, and the next question starts another one.

import type { RunConfig } from '../../core/run/config'
import type { WorkbenchReport } from '../../lab/workbench/report'
import type { WorkbenchEvent, WorkbenchRequest } from '../../lab/workbench/workbench'
import type { OwnFiles } from '../state/own-files'
import type { Problem } from './faults'
import type { DataLook } from './look'
import type { FromBench, ToBench } from './messages'

/** What the view hears, of the newest question alone. */
export interface BenchListener {
  onEvent(event: WorkbenchEvent): void
  onReport(report: WorkbenchReport): void
  /** The trial could not be made. */
  onProblem(problem: Problem): void
  onCancelled(): void
  onLook(look: DataLook): void
}

/** The workbench, in a worker. */
export interface Bench {
  /** Tries a reward out, in place of whatever is being tried. */
  try(request: WorkbenchRequest, own: OwnFiles): void
  /** Looks at the data set of a run. */
  look(config: RunConfig, own: OwnFiles): void
  cancel(): void
}

/** How long a cancelled trial may take to stop before its worker is ended. */
const PATIENCE_MS = 3000

/** Workers start with the first question. */
export function openBench(listener: BenchListener): Bench {
  let worker: Worker | null = null
  let lastResort: ReturnType<typeof setTimeout> | undefined
  let question = 0
  let trial = -1
  let looking = -1

  const post = (message: ToBench) => {
    worker ??= start()
    worker.postMessage(message)
  }
  const settle = () => {
    clearTimeout(lastResort)
    trial = -1
  }
  const fail = (message: string) => {
    worker?.terminate()
    worker = null
    if (trial >= 0) listener.onProblem({ about: 'other', message })
    settle()
  }
  const start = () => {
    const started = new Worker(new URL('../bench-worker.ts', import.meta.url), {
      type: 'module',
      name: 'tiltlab reward workbench',
    })
    started.onmessage = ({ data }: MessageEvent<FromBench>) => hear(data)
    started.onerror = (event) => fail(event.message || 'The worker of the workbench could not be started.')
    return started
  }
  const hear = (message: FromBench) => {
    if (message.type === 'looked') {
      if (message.id === looking) listener.onLook(message.look)
      return
    }
    if (message.id !== trial) return
    if (message.type === 'event') {
      listener.onEvent(message.event)
      return
    }
    settle()
    if (message.type === 'report') listener.onReport(message.report)
    else if (message.type === 'problem') listener.onProblem(message.problem)
    else listener.onCancelled()
  }
  return {
    try(request, own) {
      settle()
      trial = question++
      post({ type: 'files', files: own })
      post({ type: 'try', id: trial, request })
    },
    look(config, own) {
      looking = question++
      post({ type: 'files', files: own })
      post({ type: 'look', id: looking, config })
    },
    cancel() {
      if (trial < 0) return
      post({ type: 'cancel' })
      lastResort = setTimeout(() => {
        worker?.terminate()
        worker = null
        settle()
        listener.onCancelled()
      }, PATIENCE_MS)
    },
  }
}
