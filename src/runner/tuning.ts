// tuning.ts: what was measured to be fast on this machine's adapters, in one small file

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TuningStore } from '../engine/webgpu/tune'
import { cacheFolder } from './models'

const file = join(cacheFolder, 'tuning.json')

/** A file in the cache folder. What cannot be read is measured again; what cannot be kept, next time. */
export const tuningStore: TuningStore = {
  async get(key) {
    return (await readAll())[key]
  },
  async set(key, value) {
    const all = { ...(await readAll()), [key]: value }
    // Another process may read meanwhile: the file changes at once or not at all.
    const fresh = `${file}.${process.pid}`
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(fresh, JSON.stringify(all, null, 2))
      await rename(fresh, file)
    } catch {
      // A read-only disk costs some seconds at each start, and no more.
    }
  },
}

async function readAll(): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}
