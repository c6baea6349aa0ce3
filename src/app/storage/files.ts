// files.ts: the few things that the page does with the files that it keeps, whichever place holds them

/** Files by relative paths with forward slashes. A folder is there as long as something is in it. */
export interface Files {
  /** undefined if there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** A file whose bytes are read when they are asked for; undefined if there is no such file. */
  blob(path: string): Promise<Blob | undefined>
  /** Whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Adds to the end, or begins the file; in workers alone. A tab that dies meanwhile leaves the beginning of it. */
  append(path: string, bytes: Uint8Array): Promise<void>
  /** Cuts a file to its first bytes; nothing happens if there is none. */
  truncate(path: string, sizeBytes: number): Promise<void>
  /** The folders in a folder, or of all that is kept where the path is empty, in no order. */
  folders(path: string): Promise<string[]>
  /** A file, or a folder with all that is in it; nothing happens if there is none. */
  remove(path: string): Promise<void>
  /** What a folder takes with all that is in it; everything, if none is named. */
  sizeBytes(path?: string): Promise<number>
  /** Removes everything. */
  clear(): Promise<void>
}

/** Files that last as long as the worker that holds them. */
export function memoryFiles(): Files {
  const files = new Map<string, Uint8Array>()
  const isIn = (folder: string) => (path: string) => folder === '' || path.startsWith(`${folder}/`)
  return {
    read: async (path) => files.get(path)?.slice(),
    async blob(path) {
      const bytes = files.get(path)
      return bytes && new Blob([bytes as BlobPart])
    },
    write: async (path, bytes) => void files.set(path, bytes.slice()),
    append: async (path, bytes) => void files.set(path, joined(files.get(path) ?? new Uint8Array(), bytes)),
    async truncate(path, sizeBytes) {
      const bytes = files.get(path)
      if (bytes) files.set(path, bytes.slice(0, sizeBytes))
    },
    async folders(folder) {
      const inside = [...files.keys()]
        .filter(isIn(folder))
        .map((path) => (folder === '' ? path : path.slice(folder.length + 1)))
      return [...new Set(inside.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0]))]
    },
    async remove(path) {
      files.delete(path)
      for (const inside of [...files.keys()].filter(isIn(path))) files.delete(inside)
    },
    sizeBytes: async (folder = '') =>
      [...files].reduce((total, [path, { length }]) => total + (isIn(folder)(path) ? length : 0), 0),
    clear: async () => files.clear(),
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
