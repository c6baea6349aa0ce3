// experiment-worker.ts: runs experiments off the page's own thread, and keeps what they make in this browser
//
// One experiment at a time, in one tab at a time: they share the GPU and the files.

import { version } from '../../package.json'
import { CancelledError, messageOf, TiltlabError } from '../core/errors'
import { experiments, findExperiment } from '../lab/experiments/catalogue'
import { estimateExperiment, timeLeft, type EstimateHosts } from '../lab/experiments/estimate'
import { executeExperiment, loadResults } from '../lab/experiments/execute'
import { finish } from './experiments/finished'
import type { Asked, FromLaboratory, ToLaboratory } from './experiments/messages'
import { outlookOf } from './experiments/outlook'
import { experimentStore } from './experiments/store'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'
import { memoryFiles } from './storage/files'
import { openKeptFiles } from './storage/opfs'

/** Held while files are made or removed. */
const LOCK = 'tiltlab-experiments'

const kept = await openKeptFiles('experiments')
const files = kept ?? memoryFiles()
const store = experimentStore(files)
/** What was picked from this machine's disk. */
let own: OwnFiles = nothingPicked
const hosts: EstimateHosts = {
  ...pageHosts(() => own),
  identity: { version, platform: navigator.userAgent },
  machine: machineName,
}
/** What has to be over before anything else begins: a look, which may be timing a model, or the removal of files. */
let before = Promise.resolve()
let looking = new AbortController()
let running = new AbortController()

globalThis.onmessage = ({ data }: MessageEvent<ToLaboratory>) => {
  const earlier = before
  if ('files' in data) own = data.files
  switch (data.type) {
    case 'look': {
      const { id, asked, timed } = data
      looking.abort()
      looking = new AbortController()
      const { signal } = looking
      before = answer(id, earlier, () => look(id, asked, timed, signal))
      return
    }
    case 'run': {
      const { id, asked } = data
      looking.abort()
      running = new AbortController()
      const { signal } = running
      void answer(id, earlier, () => alone(() => run(id, asked, signal))).finally(tellSize)
      return
    }
    case 'cancel':
      looking.abort()
      running.abort()
      return
    case 'clear':
      looking.abort()
      before = answer(data.id, earlier, () => alone(() => files.clear())).finally(tellSize)
      return
  }
  data satisfies never
}

const entries = experiments.map(({ name, title, question, source }) => ({ name, title, question, source }))
post({ type: 'ready', experiments: entries, keeps: kept !== undefined })
void tellSize()

/** What is there, the report if that is all, and else how long the rest will take. */
async function look(id: number, { experiment: name, setting }: Asked, timed: boolean, signal: AbortSignal) {
  const experiment = findExperiment(name)
  const outlook = await outlookOf(experiment, setting, store, files)
  post({ type: 'outlook', id, outlook })
  if (outlook.cells.every(({ state }) => state === 'done')) {
    post({ type: 'finished', id, finished: finish(experiment, await loadResults(experiment, setting, store), null) })
  } else if (timed) {
    const { seconds, drawnTokens, readTokens } = await estimateExperiment(experiment, setting, hosts, store, { signal })
    post({ type: 'forecast', id, forecast: { seconds, drawnTokens, readTokens } })
  }
}

async function run(id: number, { experiment: name, setting }: Asked, signal: AbortSignal) {
  const experiment = findExperiment(name)
  const estimate = await estimateExperiment(experiment, setting, hosts, store, { signal })
  const left = timeLeft(estimate)
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  let done = 0
  const results = await executeExperiment(experiment, setting, hosts, store, {
    signal,
    onProgress: (progress) => {
      post({ type: 'progress', id, progress, left: left(progress, elapsed()) })
      if (progress.cells.done > done) void tellSize()
      done = progress.cells.done
    },
    onEvent: (event) => post({ type: 'event', id, event }),
  })
  post({ type: 'finished', id, finished: finish(experiment, results, elapsed()) })
}

/** @throws {TiltlabError} if another tab is at it */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  // Where nothing is kept there is nothing to share, and on such addresses there are no locks either.
  if (!kept) return work()
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
    if (lock) return work()
    throw new TiltlabError('Another tab of this browser runs an experiment. Wait until it has finished, or cancel it.')
  })
}

/** Works when what is earlier is over, and says how that ended, if it did not by itself. */
async function answer(id: number, earlier: Promise<void>, work: () => Promise<unknown>): Promise<void> {
  await earlier
  try {
    await work()
  } catch (error) {
    if (error instanceof CancelledError) post({ type: 'cancelled', id })
    else post({ type: 'problem', id, message: failureWords(error) })
  }
}

/** What went wrong, and whose fault it is. */
function failureWords(error: unknown): string {
  const message = messageOf(error)
  return error instanceof TiltlabError ? message : `${message} This is a fault of tiltlab; what is finished is kept.`
}

/** What speeds depend on: the adapter, and the processor where there is none. */
async function machineName(): Promise<string> {
  const adapter = await (navigator.gpu as GPU | undefined)?.requestAdapter()
  const { vendor, architecture, device, description } = adapter?.info ?? {}
  return [navigator.userAgent, navigator.hardwareConcurrency, vendor, architecture, device, description].join(' ')
}

async function tellSize(): Promise<void> {
  post({ type: 'kept', sizeBytes: await files.sizeBytes() })
}

function post(message: FromLaboratory): void {
  globalThis.postMessage(message)
}
