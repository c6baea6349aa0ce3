// run-index.ts: what is known of kept runs without opening them, in IndexedDB
//
// The journals are the truth: whatever is said here of a run can be read from its journal again, but for what a person
// wrote: its name, tags and note.

import { openDB, type DBSchema } from 'idb'
import * as v from 'valibot'
import { SummarySchema } from '../../core/run/summary'
import { WordsSchema } from '../../lab/bundle/words'

const NAME = 'tiltlab'
const VERSION = 1
const RUNS = 'runs'

export const KeptRunSchema = v.object({
  id: v.string(),
  ...WordsSchema.entries,
  /** Made in this browser, or brought by a file or from a runner. */
  origin: v.picklist(['here', 'file', 'runner']),
  sizeBytes: v.number(),
  summary: SummarySchema,
})

/** A run that this browser keeps. */
export type KeptRun = v.InferOutput<typeof KeptRunSchema>

/** The records, whatever holds them. */
export interface RunIndex {
  /** As they were found: of any version, or damaged. */
  all(): Promise<unknown[]>
  put(run: KeptRun): Promise<void>
  remove(id: string): Promise<void>
}

interface Schema extends DBSchema {
  [RUNS]: { key: string; value: KeptRun }
}

/** The index of this browser. @throws {DOMException} where pages may keep none, or a newer tiltlab made it */
export async function openRunIndex(): Promise<RunIndex> {
  const database = await openDB<Schema>(NAME, VERSION, {
    upgrade: (fresh) => void fresh.createObjectStore(RUNS, { keyPath: 'id' }),
    // Another tab wants to upgrade it: this one must not stand in the way.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  })
  return {
    all: () => database.getAll(RUNS),
    put: async (run) => void (await database.put(RUNS, run)),
    remove: (id) => database.delete(RUNS, id),
  }
}

/** An index that is gone with the page: all that is lost are the words of a person. */
export function memoryIndex(): RunIndex {
  const runs = new Map<string, KeptRun>()
  return {
    all: async () => [...runs.values()],
    put: async (run) => void runs.set(run.id, structuredClone(run)),
    remove: async (id) => void runs.delete(id),
  }
}
