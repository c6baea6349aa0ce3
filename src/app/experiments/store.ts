// store.ts: the store of experiments in a browser: what a run keeps, as files

import type { ExperimentStore } from '../../lab/experiments/store'
import type { Files } from '../storage/files'
import { runStorage } from '../storage/run-storage'

/** A store that other tabs leave alone while an experiment runs in it (worker: the lock). */
export function experimentStore(files: Files): ExperimentStore {
  return {
    read: (path) => files.read(path),
    write: (path, bytes) => files.write(path, bytes),
    openRun: async (path) => ({ ...runStorage(files, path), release: () => Promise.resolve() }),
  }
}
