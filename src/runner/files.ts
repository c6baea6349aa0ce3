// files.ts: folders on disk as the file sources that the lab and the engine are given

import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, sep } from 'node:path'
import { ModelFileError } from '../core/errors'
import type { FileSource } from '../engine/hub'
import type { DataFile, LocalFiles } from '../lab/data/file'
import { writeAtomically } from './storage'

/**
 * Files of one folder and its subfolders by relative name.
 *
 * @param name what messages call it
 * @throws {ModelFileError} from `read`, for a path that leads out of the folder
 */
export function folderSource(name: string, folder: string): FileSource {
  return {
    name,
    read: async (path) => readIfThere(join(folder, insidePath(path, name))),
  }
}

/** Files and folders of this machine by their paths: what a person names on the command line. */
export const localFiles: LocalFiles = {
  name: 'this machine',
  async open(path) {
    const found = await stat(path).catch(() => undefined)
    return found?.isFile() ? diskFile(path, found.size) : undefined
  },
  async list(folder) {
    const found = await stat(folder).catch(() => undefined)
    if (!found?.isDirectory()) return undefined
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    return paths.map((path) => path.split(sep).join('/'))
  },
}

function diskFile(path: string, sizeBytes: number): DataFile {
  return {
    name: path,
    stream: () => createReadStream(path) as AsyncIterable<Uint8Array>,
    sizeBytes: () => Promise.resolve(sizeBytes),
    async slice(start, end) {
      const file = await open(path)
      try {
        const bytes = new Uint8Array(end - start)
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
        return bytes.buffer.slice(0, bytesRead)
      } finally {
        await file.close()
      }
    },
  }
}

/** A remote source whose files are kept in a folder: a file that is there is not fetched again. */
export function cachedSource(remote: FileSource, folder: string): FileSource {
  return {
    name: remote.name,
    async read(path, options) {
      const local = join(folder, insidePath(path, remote.name))
      const cached = await readIfThere(local)
      if (cached) return cached
      const bytes = await remote.read(path, options)
      if (!bytes) return undefined
      await mkdir(dirname(local), { recursive: true })
      await writeAtomically(local, bytes)
      return bytes
    },
  }
}

/** A folder's path may come from inside a model file, so it is not trusted. */
function insidePath(path: string, source: string): string {
  const normal = normalize(path)
  if (isAbsolute(normal) || normal.split(/[\\/]/).includes('..')) {
    throw new ModelFileError(path, `leads out of ${source}. A model’s files must lie in its own folder.`)
  }
  return normal
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
