// lock.ts: a folder that one process writes at a time
//
//   lock    the number of the process, and when it began; a line
//
// Numbers of processes are used again, and a process may die while it writes the line: neither holds a folder.

import { readFileSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { TiltlabError } from '../core/errors'
import { ignoreMissing, onDisk } from './disk-error'

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
    const holder = liveHolder(await readLock(lockPath(folder)))
    if (holder === null || signal.aborted) return
    if (performance.now() - startedMs > patienceMs) throw new LockedFolderError(folder, holder)
    await delay(RELEASE_POLL_MS)
  }
}

const RELEASE_POLL_MS = 100
const lockPath = (folder: string) => join(folder, 'lock')

/**
 * Holds a folder for this process until the returned function is called, or the process is gone.
 * @throws {LockedFolderError} if another live process holds it; {DiskError} if it cannot be written
 */
export async function holdFolder(folder: string): Promise<() => Promise<void>> {
  const path = lockPath(folder)
  await takeAwayDead(folder)
  try {
    await onDisk(path, () => writeFile(path, lineOf(process.pid), { flag: 'wx' }))
  } catch (error) {
    // Somebody was quicker.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return holdFolder(folder)
    throw error
  }
  // A lock that cannot be removed holds nothing once its process is gone.
  return () => rm(path, { force: true }).catch(() => undefined)
}

/**
 * Removes the lock that a dead process left. Of two that find it, one may come late and take the fresh lock of the other:
 * it puts that back.
 */
async function takeAwayDead(folder: string): Promise<void> {
  const path = lockPath(folder)
  let found = await readLock(path)
  if (found !== null && !WHOLE.test(found)) {
    // It is being written now, or was when its process died.
    await delay(RELEASE_POLL_MS)
    found = await readLock(path)
  }
  if (found === null) return
  refuseLive(folder, found)
  const aside = `${path}.left-${process.pid}`
  await onDisk(path, () => rename(path, aside)).catch(ignoreMissing)
  const taken = await readLock(aside)
  if (taken !== found && liveHolder(taken) !== null) {
    await rename(aside, path)
    refuseLive(folder, taken)
  }
  await rm(aside, { force: true })
}

function refuseLive(folder: string, lock: string | null): void {
  const holder = liveHolder(lock)
  if (holder !== null) throw new LockedFolderError(folder, holder)
}

/** null where there is none. */
async function readLock(path: string): Promise<string | null> {
  try {
    return await onDisk(path, () => readFile(path, 'utf8'))
  } catch (error) {
    ignoreMissing(error)
    return null
  }
}

const WHOLE = /^(\d+) (\d*)\n$/
const lineOf = (pid: number) => `${pid} ${beginningOf(pid)}\n`

/** The live process that a lock names; null where it names none. */
function liveHolder(lock: string | null): number | null {
  const [, pid, beginning] = WHOLE.exec(lock ?? '') ?? []
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

/** When a process began, in the system's own ticks; empty where that is not known. */
function beginningOf(pid: number): string {
  try {
    // The name in brackets, the second field, may hold anything: brackets and blanks too.
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!
    return afterName.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
