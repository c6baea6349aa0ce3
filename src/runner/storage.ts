// storage.ts: the durable folder of one run on disk
//
//   journal.jsonl            appended and synced event by event
//   checkpoints/<name>/…     written under a hidden name, synced, then renamed: seen whole or not at all
//   lock                     the process that writes here; a second one is refused

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TiltlabError } from '../core/errors'
import type { RunStorage } from '../lab/hosts'

const JOURNAL = 'journal.jsonl'
const CHECKPOINTS = 'checkpoints'

/** Where the journal of the run in `folder` lies. */
export const journalPath = (folder: string) => join(folder, JOURNAL)

/** Whether a run was started in this folder. */
export const hasRun = (folder: string) => existsSync(journalPath(folder))

/** A run's storage in a folder, held exclusively until `release`. */
export interface FolderStorage extends RunStorage {
  release(): Promise<void>
}

/**
 * Opens or creates the folder of a run.
 * @throws {LockedFolderError} if another live process trains in it
 */
export async function openFolderStorage(folder: string): Promise<FolderStorage> {
  const checkpoints = join(folder, CHECKPOINTS)
  await mkdir(checkpoints, { recursive: true })
  const release = await holdFolder(folder)
  return {
    readJournal: () => readIfThere(journalPath(folder)),
    appendJournal: (bytes) => writeDurably(journalPath(folder), bytes, 'a'),
    truncateJournal: (sizeBytes) => truncate(journalPath(folder), sizeBytes).catch(ignoreMissing),
    listCheckpoints: async () => (await readdir(checkpoints)).filter((name) => !name.startsWith('.')),
    readCheckpoint: (name, file) => readFile(join(checkpoints, name, file)),
    writeCheckpoint: (name, files) => writeCheckpoint(checkpoints, name, files),
    removeCheckpoint: (name) => rm(join(checkpoints, name), { recursive: true, force: true }),
    release,
  }
}

/** Writes a whole file so that a crash leaves the old one or the new one, never a part. */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`
  try {
    await writeDurably(temporary, data, 'w')
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function writeCheckpoint(parent: string, name: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const temporary = join(parent, `.new-${name}`)
  const replaced = join(parent, `.old-${name}`)
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary)
  for (const [file, bytes] of files) await writeDurably(join(temporary, file), bytes, 'w')
  await syncFolder(temporary)
  // A resumed run may reach the same step again; rename does not replace a folder that has files.
  await rename(join(parent, name), replaced).catch(ignoreMissing)
  await rename(temporary, join(parent, name))
  await syncFolder(parent)
  await rm(replaced, { recursive: true, force: true })
}

async function writeDurably(path: string, data: string | Uint8Array, flags: 'a' | 'w'): Promise<void> {
  const file = await open(path, flags)
  try {
    await file.writeFile(data)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes renames in a folder durable. Windows cannot open folders and needs no such step. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function readIfThere(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    ignoreMissing(error)
    return new Uint8Array()
  }
}

/** Another live process writes the folder. */
export class LockedFolderError extends TiltlabError {
  constructor(folder: string, holder: number) {
    super(
      `${resolve(folder)} is being written by process ${holder}. Wait until that run ends, or choose another folder with --out.`,
    )
  }
}

/** Waits until no live process writes the folder. @throws {LockedFolderError} after `patienceMs` */
export async function untilReleased(folder: string, patienceMs: number, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now()
  for (;;) {
    const holder = await lockHolder(folder)
    if (holder === null || signal.aborted) return
    if (performance.now() - startedMs > patienceMs) throw new LockedFolderError(folder, holder)
    await delay(RELEASE_POLL_MS)
  }
}

const RELEASE_POLL_MS = 100
const lockPath = (folder: string) => join(folder, 'lock')

/**
 * Holds a folder for this process until the returned function is called, or the process is gone.
 * @throws {LockedFolderError} if another live process holds it
 */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  const holder = await lockHolder(folder)
  if (holder !== null) throw new LockedFolderError(folder, holder)
  await rm(lockPath(folder), { force: true })
  await writeFile(lockPath(folder), `${process.pid} ${beginningOf(process.pid)}`, { flag: 'wx' })
  return () => rm(lockPath(folder), { force: true })
}

/** The live process that holds the folder; null where none does. */
async function lockHolder(folder: string): Promise<number | null> {
  const [pid, beginning] = new TextDecoder().decode(await readIfThere(lockPath(folder))).split(' ')
  const holder = Number(pid)
  return holder && isAlive(holder) && (!beginning || beginning === beginningOf(holder)) ? holder : null
}

/** Signal 0 asks the system whether a process exists; a process of another user exists too. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process began, in the system's own ticks; empty where that is not known. Numbers of processes are used again, so
 * that after a crash the number in a lock may be somebody else's.
 */
function beginningOf(pid: number): string {
  try {
    // The name in brackets, the second field, may hold anything: brackets and blanks too.
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!
    return afterName.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
