// worker.ts: the run of this tab, off the page's own thread
//
// The same session as in the Node runner; only the hosts differ: files come from the page's own address, and what a run
// keeps goes into the origin private file system.

import { version } from '../../package.json'
import { messageOf, TiltlabError } from '../core/errors'
import { createSession } from '../lab/session'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'
import type { FromWorker, ToWorker } from './state/training'
import { openKeptFiles } from './storage/opfs'
import { patientStorage } from './storage/patient'
import { folderOf, runStorage } from './storage/run-storage'

let own: OwnFiles = nothingPicked
const opened = openKeptFiles('runs').then((files) =>
  createSession({
    ...pageHosts(() => own),
    ...(files && {
      openStorage: async (runId) =>
        patientStorage(runStorage(files, folderOf(runId)), (problem) => post({ type: 'keeping', problem })),
    }),
    emit: (event) => post({ type: 'event', event }),
    identity: { version, platform: navigator.userAgent },
  }),
)

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'files') own = data.files
  else opened.then((session) => session.send(data)).catch(fail)
}
globalThis.onunhandledrejection = (event) => fail(event.reason)

function fail(error: unknown): void {
  const message = messageOf(error)
  const hint =
    error instanceof TiltlabError ? '' : ' This is a fault of tiltlab; reload the page, or choose other settings.'
  post({ type: 'failed', message: message + hint })
}

function post(message: FromWorker): void {
  globalThis.postMessage(message)
}
