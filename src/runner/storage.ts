// storage.ts: the durable folder of one run on disk
//
//   journal.jsonl            appended and synced event by event
//   checkpoints/<name>/…     written under a hidden name, synced, then renamed: seen whole or not at all
//   lock                     the process that writes here; a second one is refused (lock.ts)
//
// A process may be killed between any two of these writes, or in one, and the power may go: opening the folder puts right what
// was left half done (`tidy`).

import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JOURNAL } from '../lab/bundle/names'
import type { SavedCheckpoints } from '../lab/checkpoint'
import type { RunStorage } from '../lab/hosts'
import { ignoreMissing, onDisk } from './disk-error'
import { holdFolder } from './lock'

const CHECKPOINTS = 'checkpoints'

/** Where the journal of the run in `folder` lies. */
export const journalPath = (folder: string) => join(folder, JOURNAL)

/** Whether a run was started in this folder. */
export const hasRun = (folder: string) => existsSync(journalPath(folder))

/** The checkpoints of the run in `folder`, whoever may be writing there. Hidden ones are not whole. */
export function savedCheckpoints(folder: string): SavedCheckpoints {
  const checkpoints = join(folder, CHECKPOINTS)
  return {
    listCheckpoints: async () => (await readdir(checkpoints)).filter((name) => !name.startsWith('.')),
    readCheckpoint: (name, file) => readFile(join(checkpoints, name, file)),
  }
}

/** A run's storage in a folder, held exclusively until `release`. */
export interface FolderStorage extends RunStorage {
  release(): Promise<void>
}

/**
 * Opens or creates the folder of a run. What its methods cannot write or read is a `DiskError`.
 * @throws {LockedFolderError} if another live process trains in it
 */
export async function openFolderStorage(folder: string): Promise<FolderStorage> {
  const checkpoints = join(folder, CHECKPOINTS)
  const saved = savedCheckpoints(folder)
  const journal = journalPath(folder)
  await makeFolder(folder)
  await makeFolder(checkpoints)
  const release = await holdFolder(folder)
  try {
    await onDisk(folder, () => tidy(folder))
  } catch (error) {
    await release()
    throw error
  }
  return {
    readJournal: () => onDisk(journal, () => readIfThere(journal)),
    appendJournal: (bytes) => onDisk(journal, () => append(journal, bytes)),
    truncateJournal: (sizeBytes) => onDisk(journal, () => truncate(journal, sizeBytes).catch(ignoreMissing)),
    listCheckpoints: () => onDisk(checkpoints, saved.listCheckpoints),
    readCheckpoint: saved.readCheckpoint,
    writeCheckpoint: (name, files) => onDisk(join(checkpoints, name), () => writeCheckpoint(checkpoints, name, files)),
    removeCheckpoint: (name) => onDisk(join(checkpoints, name), () => removeCheckpoint(checkpoints, name)),
    release,
  }
}

/**
 * Writes a whole file so that a crash leaves the old one or the new one, never a part, and it is there once this returns.
 * @throws {DiskError}
 */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}${TEMPORARY}${process.pid}`
  await onDisk(path, async () => {
    try {
      await writeDurably(temporary, data, 'w')
      await rename(temporary, path)
      await syncFolder(dirname(path))
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  })
}

/** Makes a folder that is still there after a power cut. @throws {DiskError} */
export async function makeFolder(folder: string): Promise<void> {
  await onDisk(folder, async () => {
    await mkdir(folder, { recursive: true })
    await syncFolder(dirname(folder))
  })
}

const TEMPORARY = '.tmp-'
/** What is being written beside what it is to replace, and what it has just replaced. */
export const NEW = '.new-'
export const OLD = '.old-'
const GONE = '.gone-'

async function append(journal: string, bytes: Uint8Array): Promise<void> {
  const isNew = !existsSync(journal)
  await writeDurably(journal, bytes, 'a')
  if (isNew) await syncFolder(dirname(journal))
}

async function writeCheckpoint(parent: string, name: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const temporary = join(parent, NEW + name)
  const replaced = join(parent, OLD + name)
  try {
    await mkdir(temporary)
    for (const [file, bytes] of files) await writeDurably(join(temporary, file), bytes, 'w')
    await syncFolder(temporary)
    // A resumed run may reach the same step again; rename does not replace a folder that has files.
    await rename(join(parent, name), replaced).catch(ignoreMissing)
    await rename(temporary, join(parent, name))
    await syncFolder(parent)
    await rm(replaced, { recursive: true, force: true })
  } catch (error) {
    // What it takes is room that the journal may need.
    await tidyCheckpoints(parent).catch(() => undefined)
    throw error
  }
}

/** A checkpoint is there with all its files or not at all, on its way out too. */
async function removeCheckpoint(parent: string, name: string): Promise<void> {
  await rename(join(parent, name), join(parent, GONE + name)).catch(ignoreMissing)
  await rm(join(parent, GONE + name), { recursive: true, force: true })
}

/** Removes what a process left that died while it wrote here. */
async function tidy(folder: string): Promise<void> {
  await tidyCheckpoints(join(folder, CHECKPOINTS))
  const files = await readdir(folder, { recursive: true })
  for (const file of files) if (basename(file).includes(TEMPORARY)) await rm(join(folder, file), { force: true })
}

const tidyCheckpoints = (parent: string) => tidyReplaced(parent, [NEW, GONE])

/** Half of something new goes; what was being replaced, and is not, comes back. @param halves how the names of the first begin */
export async function tidyReplaced(parent: string, halves: readonly string[]): Promise<void> {
  const there = await readdir(parent)
  for (const name of there.filter((each) => each.startsWith(OLD))) {
    const shown = name.slice(OLD.length)
    if (there.includes(shown)) await rm(join(parent, name), { recursive: true, force: true })
    else await rename(join(parent, name), join(parent, shown))
  }
  for (const name of there.filter((each) => halves.some((beginning) => each.startsWith(beginning))))
    await rm(join(parent, name), { recursive: true, force: true })
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

/** Makes what a folder lists durable. Windows cannot open folders and needs no such step. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!CANNOT_SYNC.includes(String((error as NodeJS.ErrnoException).code))) throw error
  }
}

/** Some file systems know no such thing, and some folders may be entered and not be listed. */
const CANNOT_SYNC = ['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM']

async function readIfThere(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    ignoreMissing(error)
    return new Uint8Array()
  }
}
