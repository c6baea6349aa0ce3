// record.ts: a talk as a video: what this tab shows, recorded by the browser and saved as a file

import { messageOf, TiltlabError } from '../../core/errors'
import { save } from '../rewards/save'

/** The tab cannot be recorded. */
export class RecordError extends TiltlabError {}

/** Kinds of file in the order in which players know them. */
const TYPES = ['video/mp4;codecs=avc1.640028', 'video/webm;codecs=vp9', 'video/webm']

/** What a browser may be asked for beside the standard: to offer the tab that asks first. */
interface TabOptions extends DisplayMediaStreamOptions {
  preferCurrentTab: boolean
  selfBrowserSurface: 'include'
}

/** Why this browser cannot record; empty where it can. */
export function whyNot(): string {
  if (!globalThis.isSecureContext)
    return 'Recording needs a secure address: open this page as http://127.0.0.1 or over https.'
  if (!('mediaDevices' in navigator) || !('getDisplayMedia' in navigator.mediaDevices))
    return 'This browser cannot record a tab, as those of phones: record on a computer, in Chrome, Edge or Firefox.'
  return 'MediaRecorder' in globalThis ? '' : 'This browser cannot write a video: use Chrome, Edge or Firefox.'
}

/**
 * Asks the person, and records until it is stopped, here or in the browser’s own bar.
 *
 * @param name  of the file, without its ending
 * @param onEnd hears that the recording is over and saved, or why there is none
 * @returns how to stop it
 * @throws {RecordError} that says why nothing is recorded
 */
export async function recordTab(name: string, onEnd: (problem: string) => void): Promise<() => void> {
  const problem = whyNot()
  if (problem) throw new RecordError(problem)
  const options: TabOptions = { video: true, audio: false, preferCurrentTab: true, selfBrowserSurface: 'include' }
  const stream = await navigator.mediaDevices.getDisplayMedia(options).catch((error: unknown) => {
    throw new RecordError(`Nothing is recorded: the browser was not allowed to (${messageOf(error)}).`)
  })
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, { mimeType })
  const chunks: Blob[] = []
  const stop = () => {
    if (recorder.state !== 'inactive') recorder.stop()
  }
  recorder.ondataavailable = ({ data }) => void chunks.push(data)
  recorder.onerror = () => stop()
  recorder.onstop = () => {
    stream.getTracks().forEach((track) => track.stop())
    const type = recorder.mimeType || 'video/webm'
    const video = new Blob(chunks, { type })
    if (video.size > 0) save(`${name}.${type.includes('mp4') ? 'mp4' : 'webm'}`, video, type)
    onEnd(video.size > 0 ? '' : 'The recording is empty: the browser gave no picture.')
  }
  // The browser’s own “stop sharing”.
  stream.getVideoTracks()[0]?.addEventListener('ended', stop)
  // A piece a second: what was recorded until then outlives an error.
  recorder.start(1000)
  return stop
}
