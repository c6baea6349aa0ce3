// bench-worker.ts: tries rewards out and looks at data sets, off the page's own thread

import { runWorkbench, type WorkbenchRequest } from '../lab/workbench/workbench'
import type { RunConfig } from '../core/run/config'
import type { DataSet, LoadDataOptions } from '../lab/data/load'
import { problemOf } from './rewards/faults'
import { lookAt } from './rewards/look'
import type { FromBench, ToBench } from './rewards/messages'
import { createShelf } from './rewards/shelf'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'

let own: OwnFiles = nothingPicked
const shelf = createShelf()
const page = pageHosts(() => own)
const hosts = { ...page, loadData }
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
      void look(data.id, data.config, looking.signal)
      return
    case 'cancel':
      trial.abort()
      shelf.cancel()
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

/** The data set of a run, kept from one trial to the next: its prompts are as long as the model's tokenizer says. */
function loadData({ data, model }: RunConfig, options: LoadDataOptions): Promise<DataSet> {
  const picked = own.data.map(({ name, size, lastModified }) => [name, size, lastModified])
  return shelf.load(data, options, JSON.stringify([model.id, picked]))
}

async function look(id: number, config: RunConfig, signal: AbortSignal): Promise<void> {
  try {
    const load = async () => {
      const tokenizer = await page.loadTokenizer(config)
      const length: LoadDataOptions['length'] = (messages) => tokenizer.encodeChat(messages).length
      return loadData(config, { files: page.files, length, signal })
    }
    post({ type: 'looked', id, look: await lookAt(config.data, page.files, load, signal) })
  } catch (error) {
    if (!signal.aborted) post({ type: 'problem', id, problem: problemOf(error) })
  }
}

function post(message: FromBench): void {
  globalThis.postMessage(message)
}
