// remote.ts: files of data on the network: any address, and data sets of the Hugging Face Hub
//
// A data set of the Hub is resolved to a commit first, so that all its files are of one state and a report can name it.
// Its addresses are those of the Hub's own clients; models and data sets share host and names (engine/hub.ts).

import { asyncBufferFromUrl, type AsyncBuffer } from 'hyparquet'
import * as v from 'valibot'
import { ConfigError, DataFileError } from '../../core/errors'
import { hub, hubFileUrl, isHubId, isRevision } from '../../engine/hub'
import { chunksOf, readWhole, type DataFile, type HubDataSet } from './file'

const MAX_WHOLE_BYTES = 1 << 30

/** A file at an address. Ranges are asked of the server; one that cannot give them sends the file once, as a whole. */
export function urlFile(url: string, name = url): DataFile {
  let ranges: Promise<AsyncBuffer> | undefined
  const buffer = () => (ranges ??= asyncBufferFromUrl({ url }).catch(whole))
  // A server that tells no length sends the file, or says what is wrong with the address.
  async function whole(): Promise<AsyncBuffer> {
    const tooLarge = () => new DataFileError(name, 'is larger than 1 GiB, and its server sends no parts. Download it.')
    const { buffer: bytes } = await readWhole({ stream }, MAX_WHOLE_BYTES, tooLarge)
    return { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) as ArrayBuffer }
  }
  async function* stream(): AsyncGenerator<Uint8Array> {
    const response = await attempt(name, url, () => fetch(url))
    if (!response.ok || !response.body) throw unanswered(name, url, response.status)
    const chunks = chunksOf(response.body)
    for (;;) {
      const { done, value } = await attempt(name, url, () => chunks.next())
      if (done) return
      yield value
    }
  }
  return {
    name,
    stream,
    sizeBytes: async () => (await buffer()).byteLength,
    slice: async (start, end) => {
      const file = await buffer()
      return attempt(name, url, () => Promise.resolve(file.slice(start, end)))
    },
  }
}

const InfoSchema = v.object({
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  siblings: v.array(v.object({ rfilename: v.string() })),
  cardData: v.nullish(v.object({ license: v.optional(v.union([v.string(), v.array(v.string())])) })),
})

/**
 * Finds a data set on the Hub.
 *
 * @param id       `organisation/name`
 * @param revision commit, tag or branch
 * @throws {ConfigError | DataFileError} if there is none, or it is not open to everybody
 */
export async function hubDataSet(id: string, revision: string): Promise<HubDataSet> {
  if (!isHubId(id))
    throw new ConfigError('config.data.source', `"${id}" is neither a file here nor a data set of the Hub`)
  if (!isRevision(revision)) throw new ConfigError('config.data.revision', `"${revision}" is no commit, tag or branch`)
  const url = `${hub.address}api/datasets/${id}/revision/${encodeURIComponent(revision)}`
  const response = await attempt(id, url, () => fetch(url))
  if (response.status === 401 || response.status === 403 || response.status === 404) {
    const problem = `there is no open data set "${id}" with a revision "${revision}" on the Hub`
    throw new ConfigError('config.data.source', `${problem}. One that asks for consent has to be downloaded by hand.`)
  }
  if (!response.ok) throw unanswered(id, url, response.status)
  const info = v.safeParse(InfoSchema, await attempt(id, url, () => response.json()))
  if (!info.success) throw new DataFileError(id, `${url} did not answer as the Hub does. Try again later.`)
  const { sha, siblings, cardData } = info.output
  return {
    commit: sha,
    licence: [cardData?.license ?? []].flat().join(', '),
    paths: siblings.map(({ rfilename }) => rfilename),
    open: (path) => hubFile(id, sha, path),
  }
}

/** A file of a data set of the Hub at a commit. */
export function hubFile(id: string, commit: string, path: string): DataFile {
  return urlFile(hubFileUrl('datasets/', id, commit, path), `${id}/${path}`)
}

/** Whatever goes wrong on the way is told by the name of the file. */
async function attempt<T>(name: string, url: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch {
    throw new DataFileError(name, `could not be fetched from ${url}. Check the address and the connection.`)
  }
}

function unanswered(name: string, url: string, status: number): DataFileError {
  return new DataFileError(name, `${url} answered ${status}. Check the address, or try again later.`)
}
