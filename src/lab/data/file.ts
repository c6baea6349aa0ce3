// file.ts: a file of data, wherever it lies, as a stream and by ranges of bytes
//
// Formats are read from these four functions alone: a browser's File, a file of Node and an address of the network all
// have them (a Blob has nothing else).

import { concatenateBytes } from '../../core/bytes'

/** One file, opened. Its bytes must not change while it is read. */
export interface DataFile {
  /** For messages and for its extension: a path or an address. */
  readonly name: string
  /** Its bytes from the start, in chunks of any size. @throws {DataFileError} if they cannot be had */
  stream(): AsyncIterable<Uint8Array>
  /** @throws {DataFileError} if it cannot be known */
  sizeBytes(): Promise<number>
  /** Bytes `start` to `end`, the latter left out. @throws {DataFileError} if they cannot be had */
  slice(start: number, end: number): Promise<ArrayBuffer>
}

/** A data set of the Hub at one commit. */
export interface HubDataSet {
  /** The commit that the revision stood for. */
  commit: string
  /** What its card says; empty if it says nothing. */
  licence: string
  paths: string[]
  open(path: string): DataFile
}

/** What a host lets a run read of its own machine. */
export interface LocalFiles {
  /** For messages: "this machine". */
  readonly name: string
  /** Undefined if there is no such file. */
  open(path: string): Promise<DataFile | undefined>
  /** Paths of all files in a folder and its subfolders, relative to it; undefined if there is no such folder. */
  list(folder: string): Promise<string[] | undefined>
  /** A data set of the Hub that was downloaded, at a commit; undefined if it was not. */
  kept?(id: string, commit: string): Promise<HubDataSet | undefined>
}

/** A Blob (a File that was picked on the page) as a data file. */
export function blobFile(name: string, blob: Blob): DataFile {
  return {
    name,
    stream: () => chunksOf(blob.stream()),
    sizeBytes: () => Promise.resolve(blob.size),
    slice: (start, end) => blob.slice(start, end).arrayBuffer(),
  }
}

/** The whole file. @throws whatever `tooLarge` makes, once it has more than `limitBytes` bytes */
export async function readWhole(
  file: Pick<DataFile, 'stream'>,
  limitBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of file.stream()) {
    chunks.push(chunk)
    received += chunk.length
    if (received > limitBytes) throw tooLarge()
  }
  return concatenateBytes(chunks)
}

/** The chunks of a stream. Not every browser lets `for await` run over one. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
