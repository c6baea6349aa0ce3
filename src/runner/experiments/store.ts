// store.ts: the folder of experiments on disk (lab/experiments/store.ts says what lies in it)

import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExperimentStore } from '../../lab/experiments/store'
import { folderSource } from '../files'
import { openFolderStorage, writeAtomically } from '../storage'

/** A store in a folder, which is made when something is first kept in it. */
export function folderStore(folder: string): ExperimentStore {
  const files = folderSource(folder, folder)
  return {
    read: (path) => files.read(path),
    async write(path, bytes) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeAtomically(file, bytes)
    },
    openRun: (path) => openFolderStorage(join(folder, path)),
  }
}
