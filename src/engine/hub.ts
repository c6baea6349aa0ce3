// hub.ts: where model files come from
//
// A model is a folder of files, as on the Hugging Face Hub. Hosts pick a source: a folder (Node), the page's own /models/,
// or the Hub, which is read with transformers.js' settings (its host, path template, fetch and browser cache), so that a file
// that transformers.js has downloaded is not downloaded again.

import { concatenateBytes } from '../core/bytes'
import { CancelledError, ModelFileError } from '../core/errors'
import { sha256 } from '../core/run/hash'

export interface ReadOptions {
  signal?: AbortSignal
  /** Bytes of this file that have arrived, and its size (0 while unknown). */
  onBytes?: (received: number, total: number) => void
}

/** The files of one model. */
export interface FileSource {
  /** For people: "embedded:guess", "HuggingFaceTB/SmolLM2-135M-Instruct", "/home/me/model". */
  readonly name: string
  /** A file's bytes by its path in the folder ("onnx/model_q4.onnx"), or undefined if there is no such file. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array | undefined>
}

/** Reads a file that a model cannot do without. @throws {ModelFileError} if it is missing */
export async function readModelFile(files: FileSource, path: string, options?: ReadOptions): Promise<Uint8Array> {
  const bytes = await files.read(path, options)
  if (!bytes) throw new ModelFileError(path, `is missing from ${files.name}. Choose another model or add the file.`)
  return bytes
}

/** Files under a URL, such as `/models/guess/`. */
export function urlSource(name: string, baseUrl: string): FileSource {
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`
  return { name, read: (path, options = {}) => download(base + path, path, (url, init) => fetch(url, init), options) }
}

const HUB_ID = /^[\w.-]+\/[\w.-]+$/
const REVISION = /^[\w.-]+$/

/** Whether a text may be the id of a model or a data set on the Hub: `organisation/name`. */
export const isHubId = (text: string) => HUB_ID.test(text)

/** Whether a text may be a commit, a tag or a branch. */
export const isRevision = (text: string) => REVISION.test(text)

/**
 * A model on the Hugging Face Hub, kept in transformers.js' cache where the browser has one.
 *
 * @param id        `org/name`
 * @param revision  commit, tag or branch; pin a commit for work that must be repeated
 * @throws {ModelFileError} if the id or the revision is not one
 */
export function hubSource(id: string, revision = 'main'): FileSource {
  if (!isHubId(id)) throw new ModelFileError(id, 'is not a model of the Hub. Write it as organisation/name.')
  if (!isRevision(revision))
    throw new ModelFileError(id, `"${revision}" is not a revision. Give a commit, tag or branch.`)
  return {
    name: id,
    async read(path, options = {}) {
      // Loaded only where it is needed: a command that reads no model of the Hub starts without it.
      const { env } = await import('@huggingface/transformers')
      const folder = env.remotePathTemplate
        .replaceAll('{model}', id)
        .replaceAll('{revision}', encodeURIComponent(revision))
      const url = `${env.remoteHost}${folder}${path}`
      const cache = env.useBrowserCache && 'caches' in globalThis ? await caches.open(env.cacheKey) : undefined
      const cached = await cache?.match(url)
      if (cached) return new Uint8Array(await cached.arrayBuffer())
      const bytes = await download(url, path, env.fetch, options)
      if (bytes && cache)
        await cache.put(url, new Response(bytes.slice().buffer, { headers: { 'Content-Length': `${bytes.length}` } }))
      return bytes
    },
  }
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>

async function download(
  url: string,
  path: string,
  get: Fetch,
  { signal, onBytes }: ReadOptions,
): Promise<Uint8Array | undefined> {
  try {
    const response = await get(url, signal ? { signal } : {})
    if (response.status === 404) return undefined
    if (!response.ok || !response.body) {
      throw new ModelFileError(path, `${url} answered ${response.status}. Try again later, or choose another model.`)
    }
    return await collect(response.body, Number(response.headers.get('Content-Length') ?? 0), onBytes)
  } catch (error) {
    if (signal?.aborted) throw new CancelledError(`Loading ${path}`)
    if (error instanceof ModelFileError) throw error
    throw new ModelFileError(path, `could not be fetched from ${url}. Check the connection and try again.`)
  }
}

/** A source that also hashes the weights that pass through it, so that a run's fingerprint can name them. */
export interface HashedSource {
  files: FileSource
  /** SHA-256 over the ONNX files that were read, in the order of their names. */
  sha256(): Promise<string>
}

/** Wraps a source. The hash is empty where the page's address is not secure: browsers hash only there. */
export function hashedSource(files: FileSource): HashedSource {
  const hash = async (bytes: Uint8Array) => (globalThis.isSecureContext === false ? '' : await sha256(bytes))
  const hashes = new Map<string, string>()
  return {
    files: {
      name: files.name,
      async read(path, options) {
        const bytes = await files.read(path, options)
        if (bytes && path.startsWith('onnx/')) hashes.set(path, await hash(bytes))
        return bytes
      },
    },
    sha256() {
      const sorted = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))
      return hash(new TextEncoder().encode(sorted.map(([path, one]) => `${path} ${one}\n`).join('')))
    },
  }
}

/** Joins the chunks of a body. The announced length is only shown: memory follows what arrives. */
async function collect(
  body: ReadableStream<Uint8Array>,
  total: number,
  onBytes: ReadOptions['onBytes'],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let received = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    received += chunk.length
    onBytes?.(received, total)
  }
  return concatenateBytes(chunks)
}
