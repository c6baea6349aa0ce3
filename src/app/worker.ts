// worker.ts: the run of this tab, off the page's own thread
//
// The same session as in the Node runner; only the hosts differ: files come from the page's own address, and nothing is
// kept.

import { version } from '../../package.json'
import { TiltlabError } from '../core/errors'
import { createSession } from '../lab/session'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'
import type { FromWorker, ToWorker } from './state/training'

let own: OwnFiles = nothingPicked
const session = createSession({
  ...pageHosts(() => own),
  emit: (event) => post({ type: 'event', event }),
  identity: { version, platform: navigator.userAgent },
})

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  try {
    if (data.type === 'files') own = data.files
    else session.send(data)
  } catch (error) {
    fail(error)
  }
}
globalThis.onunhandledrejection = (event) => fail(event.reason)

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const hint =
    error instanceof TiltlabError ? '' : ' This is a fault of tiltlab; reload the page, or choose other settings.'
  post({ type: 'failed', message: message + hint })
}

function post(message: FromWorker): void {
  globalThis.postMessage(message)
}
