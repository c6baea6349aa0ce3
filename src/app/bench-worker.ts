// bench-worker.ts: tries rewards out and looks at data sets, off the page's own thread

import { runWorkbench, type WorkbenchRequest } from '../lab/workbench/workbench'
import type { RunConfig } from '../core/run/config'
import { problemOf } from './rewards/faults'
import { lookAt } from './rewards/look'
import type { FromBench, ToBench } from './rewards/messages'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'

let own: OwnFiles = nothingPicked
const hosts = pageHosts(() => own)
let trial = new AbortController()
let looking = new AbortController()

globalThis.onmessage = ({ data }: MessageEvent<ToBench>) => {
  switch (data.type) {
    case 'files':
      own = data.files
      return
    case 'try':
      trial.abort()
      trial = new AbortController()
      void attempt(data.id, data.request, trial.signal)
      return
    case 'look':
      looking.abort()
      looking = new AbortController()
      void look(data.id, data.data, looking.signal)
      return
    case 'cancel':
      trial.abort()
      return
  }
  data satisfies never
}

async function attempt(id: number, request: WorkbenchRequest, signal: AbortSignal): Promise<void> {
  try {
    const report = await runWorkbench(request, hosts, {
      signal,
      emit: (event) => post({ type: 'event', id, event }),
    })
    post({ type: 'report', id, report })
  } catch (error) {
    post(signal.aborted ? { type: 'cancelled', id } : { type: 'problem', id, problem: problemOf(error) })
  }
}

async function look(id: number, data: RunConfig['data'], signal: AbortSignal): Promise<void> {
  try {
    post({ type: 'looked', id, look: await lookAt(data, hosts.files, signal) })
  } catch (error) {
    if (!signal.aborted) post({ type: 'problem', id, problem: problemOf(error) })
  }
}

function post(message: FromBench): void {
  globalThis.postMessage(message)
}
