// run-storage.ts: the folder of one run in a browser, for experiments and for the runs of the Train view alike
//
// A checkpoint is several files, and folders cannot be renamed here as on a disk: it counts from the moment that a last,
// empty file says that the others are whole.

import { JOURNAL } from '../../lab/bundle/names'
import type { RunStorage } from '../../lab/hosts'
import type { Files } from './files'

const WHOLE = '.whole'

/** The folder of a run. Names are made safe for paths, which also keeps those of foreign files in their place. */
export function folderOf(id: string): string {
  return encodeURIComponent(id).replace(/\./g, '%2E')
}

/** What a run keeps in a folder. The caller sees to it that nobody else writes there. */
export function runStorage(files: Files, run: string): RunStorage {
  const journal = `${run}/${JOURNAL}`
  const checkpoints = `${run}/checkpoints`
  const isWhole = async (name: string) => (await files.read(`${checkpoints}/${name}/${WHOLE}`)) !== undefined
  return {
    readJournal: async () => (await files.read(journal)) ?? new Uint8Array(),
    appendJournal: (bytes) => files.append(journal, bytes),
    truncateJournal: (sizeBytes) => files.truncate(journal, sizeBytes),
    async listCheckpoints() {
      const names = await files.folders(checkpoints)
      const whole = await Promise.all(names.map(isWhole))
      return names.filter((_, index) => whole[index])
    },
    async readCheckpoint(name, file) {
      const bytes = await files.read(`${checkpoints}/${name}/${file}`)
      if (!bytes) throw new Error(`${checkpoints}/${name}/${file} is missing`)
      return bytes
    },
    async writeCheckpoint(name, parts) {
      await files.remove(`${checkpoints}/${name}`)
      for (const [file, bytes] of parts) await files.write(`${checkpoints}/${name}/${file}`, bytes)
      await files.write(`${checkpoints}/${name}/${WHOLE}`, new Uint8Array())
    },
    removeCheckpoint: (name) => files.remove(`${checkpoints}/${name}`),
  }
}
