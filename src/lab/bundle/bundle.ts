// bundle.ts: a run as one file
//
//   run.json                    format, version, and what a person wrote about the run
//   config.json                 its settings
//   journal.jsonl               every event
//   checkpoints/<name>/…        what it goes on from; the adapter in it loads into PEFT
//
// A zip of a run's folder as the runner has it on disk: unpacked, `tiltlab train --resume` goes on with it, and a zip of
// such a folder can be read again (read.ts).

import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'
import { printJson } from '../../core/inspect/json'
import type { RunConfig } from '../../core/run/config'
import { MANIFEST } from '../checkpoint'
import type { RunStorage } from '../hosts'
import { ABOUT, JOURNAL } from './names'
import { breather } from './read-gently'
import type { Words } from './words'

export const FORMAT = 'tiltlab run'
export const BUNDLE_VERSION = 1

/** So much is compressed at a time, a few milliseconds. */
const PIECE_BYTES = 256 * 1024

/** What is read of a run to pack it. */
export type Readable = Pick<RunStorage, 'readJournal' | 'listCheckpoints' | 'readCheckpoint'>

/** A run in a zip. */
export async function bundle(storage: Readable, config: RunConfig, words: Words): Promise<Blob> {
  const chunks: BlobPart[] = []
  const breathe = breather()
  let failure: Error | null = null
  const zip = new Zip((error, chunk) => {
    if (error) failure = error
    else chunks.push(chunk as BlobPart)
  })
  const add = async (entry: ZipDeflate | ZipPassThrough, bytes: Uint8Array) => {
    zip.add(entry)
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      entry.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length)
      await breathe()
    }
    if (bytes.length === 0) entry.push(bytes, true)
  }
  const text = (value: unknown) => new TextEncoder().encode(`${printJson(value)}\n`)
  await add(new ZipDeflate(ABOUT), text({ format: FORMAT, version: BUNDLE_VERSION, ...words }))
  await add(new ZipDeflate('config.json'), text(config))
  await add(new ZipDeflate(JOURNAL), await storage.readJournal())
  for (const name of await storage.listCheckpoints()) {
    // Weights do not shrink.
    for (const [file, bytes] of await checkpointFiles(storage, name))
      await add(new ZipPassThrough(`checkpoints/${name}/${file}`), bytes)
  }
  zip.end()
  if (failure) throw failure
  return new Blob(chunks, { type: 'application/zip' })
}

/** The files of a checkpoint as its manifest names them. */
async function checkpointFiles(storage: Readable, name: string): Promise<[string, Uint8Array][]> {
  const manifest = await storage.readCheckpoint(name, MANIFEST)
  const names = Object.keys(JSON.parse(new TextDecoder().decode(manifest)) as Record<string, unknown>)
  const files = await Promise.all(
    names.map(async (file): Promise<[string, Uint8Array]> => [file, await storage.readCheckpoint(name, file)]),
  )
  return [...files, [MANIFEST, manifest]]
}
