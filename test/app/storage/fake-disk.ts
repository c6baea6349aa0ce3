// fake-disk.ts: the origin private file system as Chromium behaves, as far as the page uses it

/** A disk with room for so many bytes; `handle` is its root. */
export class FakeDisk {
  readonly handle: FileSystemDirectoryHandle
  private readonly root = new Map<string, Entry>()

  constructor(public roomBytes = Infinity) {
    this.handle = this.directory(this.root)
  }

  private directory(entries: Map<string, Entry>): FileSystemDirectoryHandle {
    const open = <T>(name: string, create: boolean, make: () => Entry, as: (entry: Entry) => T | undefined): T => {
      if (!entries.has(name)) {
        if (!create) throw new DOMException(`no ${name}`, 'NotFoundError')
        entries.set(name, make())
      }
      const handle = as(entries.get(name)!)
      if (!handle) throw new DOMException(name, 'TypeMismatchError')
      return handle
    }
    const handle = {
      kind: 'directory',
      getDirectoryHandle: async (name: string, { create = false } = {}) =>
        open(
          name,
          create,
          () => new Map(),
          (entry) => (entry instanceof Map ? this.directory(entry) : undefined),
        ),
      getFileHandle: async (name: string, { create = false } = {}) =>
        open(
          name,
          create,
          () => ({ bytes: new Uint8Array() }),
          (entry) => (entry instanceof Map ? undefined : this.file(name, entry)),
        ),
      async removeEntry(name: string) {
        if (!entries.delete(name)) throw new DOMException(`no ${name}`, 'NotFoundError')
      },
      values: () => this.values(entries),
    }
    return handle as unknown as FileSystemDirectoryHandle
  }

  private async *values(entries: Map<string, Entry>) {
    for (const [name, entry] of entries) {
      if (entry instanceof Map) yield Object.assign(this.directory(entry), { name })
      else yield this.file(name, entry)
    }
  }

  private file(name: string, file: Bytes): FileSystemFileHandle {
    const handle = {
      kind: 'file',
      name,
      getFile: async () => new Blob([file.bytes]),
      createWritable: async ({ keepExistingData = false } = {}) =>
        this.writable(file, keepExistingData ? file.bytes.slice() : new Uint8Array()),
    }
    return handle as unknown as FileSystemFileHandle
  }

  /** What is written goes into `draft`, and becomes the file by `close`. */
  private writable(file: Bytes, draft: Uint8Array<ArrayBuffer>) {
    const put = (data: Uint8Array, at: number) => {
      const grown = new Uint8Array(Math.max(draft.length, at + data.length))
      grown.set(draft)
      grown.set(data, at)
      if (this.usedBytes() - file.bytes.length + grown.length > this.roomBytes)
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
      draft = grown
    }
    return {
      write: async (what: Uint8Array | { position: number; data: Uint8Array }) =>
        what instanceof Uint8Array ? put(what, 0) : put(what.data, what.position),
      truncate: async (sizeBytes: number) => void (draft = draft.slice(0, sizeBytes)),
      abort: async () => {},
      close: async () => void (file.bytes = draft),
    }
  }

  usedBytes(entries: Map<string, Entry> = this.root): number {
    let total = 0
    for (const entry of entries.values()) total += entry instanceof Map ? this.usedBytes(entry) : entry.bytes.length
    return total
  }
}

type Bytes = { bytes: Uint8Array<ArrayBuffer> }
type Entry = Bytes | Map<string, Entry>
