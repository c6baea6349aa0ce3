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
      createSyncAccessHandle: async () => ({
        getSize: () => file.bytes.length,
        write: (data: Uint8Array, { at }: { at: number }) => void (file.bytes = this.put(file, file.bytes, data, at)),
        flush: () => {},
        truncate: (sizeBytes: number) => void (file.bytes = file.bytes.slice(0, sizeBytes)),
        close: () => {},
      }),
    }
    return handle as unknown as FileSystemFileHandle
  }

  /** What is written goes into `draft`, and becomes the file by `close`. */
  private writable(file: Bytes, draft: Uint8Array<ArrayBuffer>) {
    return {
      write: async (data: Uint8Array) => void (draft = this.put(file, draft, data, 0)),
      truncate: async (sizeBytes: number) => void (draft = draft.slice(0, sizeBytes)),
      abort: async () => {},
      close: async () => void (file.bytes = draft),
    }
  }

  /** The content with data at a place. @throws where the disk has no room for that */
  private put(file: Bytes, content: Uint8Array, data: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
    const grown = new Uint8Array(Math.max(content.length, at + data.length))
    grown.set(content)
    grown.set(data, at)
    if (this.usedBytes() - file.bytes.length + grown.length > this.roomBytes)
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
    return grown
  }

  usedBytes(entries: Map<string, Entry> = this.root): number {
    let total = 0
    for (const entry of entries.values()) total += entry instanceof Map ? this.usedBytes(entry) : entry.bytes.length
    return total
  }
}

type Bytes = { bytes: Uint8Array<ArrayBuffer> }
type Entry = Bytes | Map<string, Entry>
