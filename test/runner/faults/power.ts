// power.ts: what a disk holds after a power cut, at its worst
//
// POSIX promises little: the bytes of a file are there once the file was synced, and a name is there, or gone, once the folder
// that lists it was. Everything else may be lost, and here it is. (At its best nothing is lost: that is a killed process.)

import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Operation } from './disk.mjs'

interface FileNode {
  bytes: Uint8Array
  synced: Uint8Array
}

interface FolderNode {
  entries: Map<string, Node>
  synced: Map<string, Node>
}

type Node = FileNode | FolderNode
const newFile = (): FileNode => ({ bytes: new Uint8Array(), synced: new Uint8Array() })
const newFolder = (): FolderNode => ({ entries: new Map(), synced: new Map() })

/** A disk of which one folder is watched. */
export class WorstDisk {
  private readonly top = newFolder()

  constructor(private readonly root: string) {}

  /** Follows an operation that is done. */
  apply({ name, path, to, bytes, size }: Operation): void {
    const [parent, last] = this.place(path)
    const node = parent?.entries.get(last)
    switch (name) {
      case 'mkdir':
        return void this.makeFolders(path)
      case 'open w':
        return void parent!.entries.set(last, Object.assign(node ?? newFile(), { bytes: new Uint8Array() }))
      case 'open a':
        return void parent!.entries.set(last, node ?? newFile())
      case 'write':
      case 'writeFile': {
        const file = (node ?? newFile()) as FileNode
        parent!.entries.set(last, file)
        return void (file.bytes = Buffer.concat([file.bytes, bytes!]))
      }
      case 'truncate':
        if (node) (node as FileNode).bytes = (node as FileNode).bytes.slice(0, size)
        return
      case 'sync': {
        const synced = path === this.root ? this.top : node!
        if ('bytes' in synced) synced.synced = synced.bytes
        else synced.synced = new Map(synced.entries)
        return
      }
      case 'rename': {
        if (!node) return
        const [newParent, newName] = this.place(to!)
        parent!.entries.delete(last)
        return void newParent!.entries.set(newName, node)
      }
      case 'rm':
        return void parent?.entries.delete(last)
    }
    throw new Error(`a disk of the test knows no ${name}`)
  }

  /** Writes what a power cut now would leave. */
  restoreTo(folder: string): void {
    restore(this.top, folder)
  }

  private place(path: string): [FolderNode | undefined, string] {
    return [this.folder(dirname(path)), basename(path)]
  }

  private folder(path: string): FolderNode | undefined {
    if (path === this.root) return this.top
    if (path.length < this.root.length) return undefined
    return this.folder(dirname(path))?.entries.get(basename(path)) as FolderNode | undefined
  }

  private makeFolders(path: string): FolderNode {
    const there = this.folder(path)
    if (there) return there
    const made = newFolder()
    this.makeFolders(dirname(path)).entries.set(basename(path), made)
    return made
  }
}

function restore(node: Node, path: string): void {
  if ('bytes' in node) return writeFileSync(path, node.synced)
  mkdirSync(path)
  for (const [name, entry] of node.synced) restore(entry, join(path, name))
}
