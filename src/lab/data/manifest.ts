// manifest.ts: which data a run is made on, so that it can be told from any other

import { canonicalJson, sha256 } from '../../core/run/hash'
import type { DataManifest } from '../../core/run/events'
import type { DataSet } from './load'
import type { DataRow } from './rows'

/** Rows that are hashed together: neither a call for each, nor one text of them all. */
const BLOCK = 1000

/**
 * What identifies a data set: not the bytes of its files, of which Parquet is read in parts and much is left out, but
 * every row as the run uses it, in its order.
 */
export async function dataManifest(set: DataSet): Promise<DataManifest> {
  const { train, held } = set
  const { source, files } = set.report
  const blocks = [...(await blockHashes(train)), '', ...(await blockHashes(held))]
  return { source, files, rowsSha256: await hashOf(blocks), train: train.length, held: held.length }
}

async function blockHashes(rows: readonly DataRow[]): Promise<string[]> {
  const hashes: string[] = []
  for (let start = 0; start < rows.length; start += BLOCK) hashes.push(await hashOf(rows.slice(start, start + BLOCK)))
  return hashes
}

function hashOf(value: unknown): Promise<string> {
  return sha256(new TextEncoder().encode(canonicalJson(value)))
}
