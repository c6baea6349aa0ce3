// opfs.ts: files that this browser keeps for this page alone: the origin private file system
//
// A writable stream changes nothing until it is closed, so every write is seen whole or not at all, even if the tab dies
// in the middle. It copies the file first, though: for a journal of 10 MB that took 100 ms a line in Chromium, where the
// synchronous handle of a worker takes 1.5 ms whatever the length. So journals grow by those, and know a torn last line.

import { TiltlabError } from '../../core/errors'
import type { Files } from './files'

/** What is kept, each in a folder of its own: experiments, the runs of the Train view, and what comes from the Hub. */
export type Kept = 'experiments' | 'runs' | 'hub'

/** The browser gives the page no more room. */
export class NoRoomError extends TiltlabError {
  constructor(cause: unknown) {
    super(
      'This browser has no room left for what the page keeps. Remove kept runs, experiments or models that you do not need, or ' +
        'free some of the disk. What is kept already stays.',
      { cause },
    )
  }
}

/** The files that this browser keeps; undefined where pages may keep none, as in some private windows. */
export async function openKeptFiles(kept: Kept): Promise<Files | undefined> {
  // Older browsers read such files and cannot write them whole.
  if (!('createWritable' in (globalThis.FileSystemFileHandle?.prototype ?? {}))) return undefined
  try {
    return keptFiles(await navigator.storage.getDirectory(), kept)
  } catch {
    return undefined
  }
}

/** @param root the folder in which the one that is named is made */
export function keptFiles(root: FileSystemDirectoryHandle, kept: Kept): Files {
  /** @throws {DOMException} NotFoundError if it is missing and may not be made */
  const folder = async (names: readonly string[], create: boolean) => {
    let handle = root
    for (const name of [kept, ...names]) handle = await handle.getDirectoryHandle(name, { create })
    return handle
  }
  const file = async (path: string, create: boolean) => {
    const { parents, name } = split(path)
    return (await folder(parents, create)).getFileHandle(name, { create })
  }
  const blob = (path: string) => ifThere(async () => (await file(path, false)).getFile())
  return {
    async read(path) {
      const found = await blob(path)
      return found && new Uint8Array(await found.arrayBuffer())
    },
    blob,
    write: async (path, bytes) =>
      change(await makingRoom(() => file(path, true)), false, (stream) => stream.write(bytes as BufferSource)),
    async append(path, bytes) {
      const handle = await makingRoom(async () => syncHandle(await file(path, true)))
      const end = handle.getSize()
      try {
        await makingRoom(async () => {
          handle.write(bytes as BufferSource, { at: end })
          handle.flush()
          // Where room runs out, Chromium writes as much as fits, or nothing, and throws nothing.
          const lacking = end + bytes.byteLength - handle.getSize()
          if (lacking > 0) throw new NoRoomError(`${lacking} of ${bytes.byteLength} bytes were not written`)
        })
      } catch (error) {
        handle.truncate(end)
        throw error
      } finally {
        handle.close()
      }
    },
    async truncate(path, sizeBytes) {
      const handle = await ifThere(() => file(path, false))
      if (handle) await change(handle, true, (stream) => stream.truncate(sizeBytes))
    },
    async folders(path) {
      const parent = await ifThere(() => folder(path ? path.split('/') : [], false))
      if (!parent) return []
      const names: string[] = []
      for await (const { kind, name } of parent.values()) if (kind === 'directory') names.push(name)
      return names
    },
    async remove(path) {
      const { parents, name } = split(path)
      await ifThere(async () => (await folder(parents, false)).removeEntry(name, { recursive: true }))
    },
    sizeBytes: async (path) => sizeOf(await ifThere(() => folder(path ? path.split('/') : [], false))),
    clear: async () => void (await ifThere(() => root.removeEntry(kept, { recursive: true }))),
  }
}

/** What TypeScript declares for programs of workers alone. */
interface SyncHandle {
  getSize(): number
  write(bytes: BufferSource, options: { at: number }): number
  truncate(sizeBytes: number): void
  flush(): void
  close(): void
}

function syncHandle(handle: FileSystemFileHandle): Promise<SyncHandle> {
  return (handle as unknown as { createSyncAccessHandle(): Promise<SyncHandle> }).createSyncAccessHandle()
}

function split(path: string): { parents: string[]; name: string } {
  const names = path.split('/')
  return { parents: names.slice(0, -1), name: names.at(-1)! }
}

/** @throws {NoRoomError} */
async function change(
  handle: FileSystemFileHandle,
  keepExistingData: boolean,
  write: (stream: FileSystemWritableFileStream) => Promise<void>,
): Promise<void> {
  await makingRoom(async () => {
    const stream = await handle.createWritable({ keepExistingData })
    try {
      await write(stream)
    } catch (error) {
      await stream.abort().catch(() => {})
      throw error
    }
    await stream.close()
  })
}

async function makingRoom<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if ((error as Error).name === 'QuotaExceededError') throw new NoRoomError(error)
    throw error
  }
}

async function ifThere<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw error
  }
}

async function sizeOf(folder: FileSystemDirectoryHandle | undefined): Promise<number> {
  let total = 0
  for await (const entry of folder?.values() ?? []) {
    total += entry.kind === 'directory' ? await sizeOf(entry) : (await entry.getFile()).size
  }
  return total
}
