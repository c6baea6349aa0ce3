// memory-storage.ts: what a run keeps, where a test can look into it and harm it

import type { RunStorage } from '../../src/lab/hosts'

/** Storage that a test can look into and harm. */
export class MemoryStorage implements RunStorage {
  journal = new Uint8Array()
  readonly checkpoints = new Map<string, Map<string, Uint8Array>>()
  readJournal = () => Promise.resolve(this.journal)
  appendJournal = (bytes: Uint8Array) => Promise.resolve(void (this.journal = concat(this.journal, bytes)))
  truncateJournal = (size: number) => Promise.resolve(void (this.journal = this.journal.slice(0, size)))
  listCheckpoints = () => Promise.resolve([...this.checkpoints.keys()])
  readCheckpoint = (name: string, file: string) => {
    const bytes = this.checkpoints.get(name)?.get(file)
    return bytes ? Promise.resolve(bytes) : Promise.reject(new Error(`${file} is missing`))
  }
  writeCheckpoint = (name: string, files: ReadonlyMap<string, Uint8Array>) =>
    Promise.resolve(void this.checkpoints.set(name, new Map(files)))
  removeCheckpoint = (name: string) => Promise.resolve(void this.checkpoints.delete(name))
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}
