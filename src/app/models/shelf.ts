// shelf.ts: what this browser keeps of the Hub: models and data sets, each at a commit
//
//   models/organisation/name@commit   (one folder, its name made safe)
//     manifest.json                   what the repository is, and which files are here, whole or in part
//     files/…                         their bytes
//
// A file counts from the moment that the manifest calls it whole, which is after its hash was compared. Until then it is as
// much of it as has arrived, and a download goes on from there.

import * as v from 'valibot'
import { parseJson } from '../../engine/formats/config'
import { folderOf } from '../storage/run-storage'
import type { Files } from '../storage/files'
import { openKeptFiles } from '../storage/opfs'
import type { HubFile, Kind, Repository } from './hub-api'

const MANIFEST = 'manifest.json'

const FileSchema = v.object({
  path: v.string(),
  sizeBytes: v.number(),
  digest: v.object({ kind: v.picklist(['sha256', 'git']), hex: v.string() }),
  isWhole: v.boolean(),
})

const KeptSchema = v.object({
  version: v.literal(1),
  kind: v.picklist(['models', 'datasets']),
  id: v.string(),
  commit: v.string(),
  licence: v.string(),
  /** All files of the repository, kept or not. */
  paths: v.array(v.string()),
  files: v.array(FileSchema),
})

/** A repository of which something is kept. */
export type KeptRepository = v.InferOutput<typeof KeptSchema>

/** What a repository is asked for by. */
export type RepositoryName = Pick<Repository, 'kind' | 'id' | 'commit'>

export interface Shelf {
  /** Everything that is kept, by kind and name. */
  list(): Promise<KeptRepository[]>
  /** undefined if nothing of it is kept. */
  find(name: RepositoryName): Promise<KeptRepository | undefined>
  /** Notes that these files are wanted, beside those that are; nothing is downloaded by that. */
  want(repository: Repository, files: readonly HubFile[]): Promise<KeptRepository>
  /** Notes that the hash of a file was found right. */
  approve(name: RepositoryName, path: string): Promise<void>
  /** Bytes of a file that have arrived. */
  arrivedBytes(name: RepositoryName, path: string): Promise<number>
  /** Adds to a file; in workers alone. @throws {NoRoomError} */
  append(name: RepositoryName, path: string, bytes: Uint8Array): Promise<void>
  /** Forgets what has arrived of a file. */
  discard(name: RepositoryName, path: string): Promise<void>
  /** What has arrived of a file, whole or not; undefined if nothing has. */
  blob(name: RepositoryName, path: string): Promise<Blob | undefined>
  /** Removes a repository with all that is kept of it. */
  remove(name: RepositoryName): Promise<void>
}

/** The shelf of this browser; undefined where pages may keep no files, as in some private windows. */
export async function openShelf(): Promise<Shelf | undefined> {
  const files = await openKeptFiles('hub')
  return files && shelfIn(files)
}

/** A shelf of files. The caller sees to it that nobody else writes to them. */
export function shelfIn(files: Files): Shelf {
  const folder = ({ kind, id, commit }: RepositoryName) => folderOf(`${kind}/${id}@${commit}`)
  const place = (name: RepositoryName, path: string) => `${folder(name)}/files/${folderOf(path)}`
  const read = async (name: string): Promise<KeptRepository | undefined> => {
    const bytes = await files.read(`${name}/${MANIFEST}`)
    return bytes && readManifest(bytes)
  }
  const write = (kept: KeptRepository) =>
    files.write(`${folder(kept)}/${MANIFEST}`, new TextEncoder().encode(JSON.stringify(kept)))
  const shelf: Shelf = {
    async list() {
      const kept = await Promise.all((await files.folders('')).map(read))
      return kept.filter((each) => each !== undefined).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    },
    find: (name) => read(folder(name)),
    async want(repository, wanted) {
      const { kind, id, commit, licence } = repository
      const known = (await shelf.find(repository))?.files ?? []
      const fresh = wanted.filter(({ path }) => !known.some((file) => file.path === path))
      const kept: KeptRepository = {
        version: 1,
        kind,
        id,
        commit,
        licence,
        paths: repository.files.map(({ path }) => path),
        files: [...known, ...fresh.map((file) => ({ ...file, isWhole: false }))],
      }
      await write(kept)
      return kept
    },
    async approve(name, path) {
      const kept = await shelf.find(name)
      if (!kept) return
      await write({ ...kept, files: kept.files.map((file) => (file.path === path ? { ...file, isWhole: true } : file)) })
    },
    arrivedBytes: async (name, path) => (await files.blob(place(name, path)))?.size ?? 0,
    append: (name, path, bytes) => files.append(place(name, path), bytes),
    discard: (name, path) => files.remove(place(name, path)),
    blob: (name, path) => files.blob(place(name, path)),
    remove: (name) => files.remove(folder(name)),
  }
  return shelf
}

/** Files that are whole. */
export function wholeFiles({ files }: KeptRepository): KeptRepository['files'] {
  return files.filter(({ isWhole }) => isWhole)
}

/** What is announced of the files that are wanted or here, bytes. */
export function announcedBytes({ files }: KeptRepository): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** For people and for sorting. */
export function nameOf({ kind, id, commit }: RepositoryName): string {
  return `${kind}/${id}@${commit}`
}

/** A manifest that cannot be read is as good as none: the files are downloaded again. */
function readManifest(bytes: Uint8Array): KeptRepository | undefined {
  try {
    const read = v.safeParse(KeptSchema, parseJson(MANIFEST, bytes))
    return read.success ? read.output : undefined
  } catch {
    return undefined
  }
}

/** The kinds in words. */
export const kindWords: Readonly<Record<Kind, string>> = { models: 'model', datasets: 'data set' }
