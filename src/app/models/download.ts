// download.ts: files of the Hub into this browser: what broke off goes on, what arrived is compared with what was announced
//
//   parts of the file ──append──▶ shelf ──whole?──▶ hash ──▶ approved
//
// A file is asked for from where it stands (HTTP Range). A server that knows no ranges sends it from its beginning, and it is
// taken from there. What is hashed is what lies on the disk, not what came over the wire.

import { concatenateBytes } from '../../core/bytes'
import { CancelledError } from '../../core/errors'
import { size } from '../../core/format'
import { sha256 } from '../../core/run/hash'
import { hubFileUrl } from '../../engine/hub'
import { chunksOf } from '../../lab/data/file'
import { NoRoomError } from '../storage/opfs'
import type { Digest, HubFile, Repository } from './hub-api'
import { HubError, refusal } from './hub-error'
import type { Shelf } from './shelf'

/** How far a download is. */
export interface Transfer {
  /** The file that is on its way. */
  path: string
  receivedBytes: number
  totalBytes: number
  /** What it does at the moment; a broken connection is tried again after a pause. */
  phase: 'receiving' | 'waiting' | 'comparing'
}

export interface DownloadOptions {
  signal?: AbortSignal
  onTransfer?: (transfer: Transfer) => void
  /** Waits; tests do not. */
  pause?: (milliseconds: number) => Promise<void>
  /** Bytes that the browser still gives; undefined where it does not say. */
  room?: () => Promise<number | undefined>
}

/** Bytes that wait in memory until they are written. */
const PIECE_BYTES = 2 ** 22
/** Pauses before a connection that broke is tried again; they begin anew with every byte that arrives. */
const PAUSES_MS = [500, 2000, 8000]
/** Longer the Hub is not waited for. */
const LONGEST_WAIT_MS = 60_000

/**
 * Downloads what is missing of these files.
 *
 * @throws {NoRoomError} before anything is asked for, if the browser has less room than that takes, and when a disk is full
 * @throws {HubError} once trying again has not helped, or a file is not what was announced: the others are kept
 * @throws {CancelledError} if the signal aborts; what has arrived is kept
 */
export async function download(
  shelf: Shelf,
  repository: Repository,
  wanted: readonly HubFile[],
  options: DownloadOptions = {},
): Promise<void> {
  const { files } = await shelf.want(repository, wanted)
  const isWanted = (path: string) => wanted.some((file) => file.path === path)
  const missing = files.filter(({ path, isWhole }) => isWanted(path) && !isWhole)
  const totalBytes = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let before = totalBytes - missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const arrived = await Promise.all(missing.map(({ path }) => shelf.arrivedBytes(repository, path)))
  await checkRoom(missing.reduce((sum, { sizeBytes }, i) => sum + Math.max(0, sizeBytes - arrived[i]), 0), options)
  for (const file of missing) {
    const tell = (phase: Transfer['phase'], received: number) =>
      options.onTransfer?.({ path: file.path, receivedBytes: before + received, totalBytes, phase })
    await receive(shelf, repository, file, tell, options)
    tell('comparing', file.sizeBytes)
    await compare(shelf, repository, file)
    before += file.sizeBytes
  }
}

async function checkRoom(neededBytes: number, { room }: DownloadOptions): Promise<void> {
  const left = await room?.()
  if (left === undefined || left >= neededBytes) return
  throw new NoRoomError(`${size(neededBytes)} are needed, and ${size(left)} are left`)
}

type Tell = (phase: Transfer['phase'], received: number) => void

/** Asks for a file again and again, until it is there or asking does not help. */
async function receive(
  shelf: Shelf,
  repository: Repository,
  file: HubFile,
  tell: Tell,
  { signal, pause = waited }: DownloadOptions,
): Promise<void> {
  let tries = 0
  for (;;) {
    const start = await shelf.arrivedBytes(repository, file.path)
    if (start === file.sizeBytes && start > 0) return
    try {
      await receiveRest(shelf, repository, file, start, tell, signal)
      return
    } catch (error) {
      if (signal?.aborted) throw new CancelledError('The download')
      const mayPass = error instanceof HubError && (error.trouble === 'offline' || error.trouble === 'busy')
      const now = await shelf.arrivedBytes(repository, file.path)
      if (now > start) tries = 0
      if (!mayPass || tries >= PAUSES_MS.length || error.waitMs > LONGEST_WAIT_MS) throw error
      tell('waiting', now)
      await pause(Math.max(PAUSES_MS[tries++], error.waitMs))
      if (signal?.aborted) throw new CancelledError('The download')
    }
  }
}

/** Receives a file from `start` on, or from its beginning where the server will have it so. */
async function receiveRest(
  shelf: Shelf,
  { kind, id, commit, ...rest }: Repository,
  { path, sizeBytes }: HubFile,
  start: number,
  tell: Tell,
  signal?: AbortSignal,
): Promise<void> {
  const repository = { kind, id, commit, ...rest }
  const name = `${id}/${path}`
  // More than the whole of it is nothing of it.
  let at = start > sizeBytes ? 0 : start
  const headers: Record<string, string> = at > 0 ? { Range: `bytes=${at}-` } : {}
  const url = hubFileUrl(kind === 'datasets' ? 'datasets/' : '', id, commit, path)
  const response = await connected(name, () => fetch(url, { headers, cache: 'no-store', ...(signal && { signal }) }))
  if (!response.ok) throw refusal(name, response)
  if (!response.body) throw HubError.strange(name)
  if (response.status !== 206) at = 0
  if (at !== start || at === 0) await shelf.discard(repository, path)

  let pieces: Uint8Array[] = []
  let waitingBytes = 0
  const write = async () => {
    if (waitingBytes === 0) return
    await shelf.append(repository, path, concatenateBytes(pieces))
    at += waitingBytes
    pieces = []
    waitingBytes = 0
  }
  const chunks = chunksOf(response.body)
  try {
    for (;;) {
      const { done, value } = await connected(name, () => chunks.next())
      if (done) break
      pieces.push(value)
      waitingBytes += value.length
      if (at + waitingBytes > sizeBytes) break
      tell('receiving', at + waitingBytes)
      if (waitingBytes >= PIECE_BYTES) await write()
    }
  } finally {
    await chunks.return(undefined)
    // Also what came before a break is worth keeping.
    await write()
  }
  if (at < sizeBytes) throw HubError.offline(name)
}

/** Compares what lies on the disk with what the Hub has announced. @throws {HubError} and removes it, if it is something else */
async function compare(shelf: Shelf, repository: Repository, { path, sizeBytes, digest }: HubFile): Promise<void> {
  const name = `${repository.id}/${path}`
  const blob = await shelf.blob(repository, path)
  // An empty file arrives as nothing.
  const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))
  const problem =
    bytes.length !== sizeBytes
      ? `has ${bytes.length} bytes where the Hub announced ${sizeBytes}`
      : (await hashOf(bytes, digest.kind)) !== digest.hex
        ? 'is not what the Hub announced: its hash is another'
        : ''
  if (problem === '') return shelf.approve(repository, path)
  await shelf.discard(repository, path)
  throw HubError.damaged(name, problem)
}

/** The hash of bytes in hexadecimal; git's own is that of `blob SIZE\0` and the bytes. */
export async function hashOf(bytes: Uint8Array, kind: Digest['kind']): Promise<string> {
  if (kind === 'sha256') return sha256(bytes)
  const header = new TextEncoder().encode(`blob ${bytes.length}\0`)
  const digest = await crypto.subtle.digest('SHA-1', concatenateBytes([header, bytes]) as BufferSource)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function connected<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch {
    throw HubError.offline(name)
  }
}

function waited(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
