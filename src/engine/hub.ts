// hub.ts: where model files come from
//
// A model is a folder of files, as on the Hugging Face Hub. Hosts pick a source: a folder (Node), the page's own /models/,
// or the Hub. Whoever reads from the Hub keeps what arrives: Node in a folder (runner/files.ts), the page in the files of its
// browser (app/models).

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
  return { name, read: (path, options = {}) => download(base + path, path, options) }
}

/** The Hugging Face Hub. Tests put another address in its place. */
export const hub = { address: 'https://huggingface.co/' }

const HUB_ID = /^\w[\w.-]*\/\w[\w.-]*$/
const REVISION = /^\w[\w.-]*$/
const COMMIT_CHARACTERS = 40
/** Enough of a commit to tell it from others of its repository. */
const SHOWN_CHARACTERS = 12

/** Whether a text may be the id of a model or a data set on the Hub: `organisation/name`. */
export const isHubId = (text: string) => HUB_ID.test(text)

/** Whether a text may be a commit, a tag or a branch. */
export const isRevision = (text: string) => REVISION.test(text)

/** A model of the Hub: whose it is, and in which state. */
export interface HubModel {
  /** `organisation/name` */
  id: string
  /** Commit, tag or branch. */
  revision: string
}

/**
 * The model of the Hub that a configuration names: `organisation/name`, or `organisation/name@revision`, where a commit pins it
 * for work that must be repeated. Undefined for anything else.
 */
export function hubModel(text: string): HubModel | undefined {
  const [id, revision = 'main', ...rest] = text.split('@')
  return isHubId(id) && isRevision(revision) && rest.length === 0 ? { id, revision } : undefined
}

/** A model's id for people: a commit is cut to what tells it from others. */
export function shownId(text: string): string {
  const { id, revision } = hubModel(text) ?? { id: text, revision: '' }
  return revision.length === COMMIT_CHARACTERS ? `${id}@${revision.slice(0, SHOWN_CHARACTERS)}` : text
}

/** Where a file of the Hub lies. @param folder empty for models, `datasets/` for data sets */
export function hubFileUrl(folder: '' | 'datasets/', id: string, revision: string, path: string): string {
  const address = path.split('/').map(encodeURIComponent).join('/')
  return `${hub.address}${folder}${id}/resolve/${encodeURIComponent(revision)}/${address}`
}

/** A model on the Hugging Face Hub. @param model `organisation/name`, or `organisation/name@revision` @throws {ModelFileError} if it is neither */
export function hubSource(model: string): FileSource {
  const named = hubModel(model)
  if (!named) {
    throw new ModelFileError(
      model,
      'is not a model of the Hub. Write it as organisation/name, with @ and a commit, tag or branch behind it to pin it.',
    )
  }
  const url = (path: string) => hubFileUrl('', named.id, named.revision, path)
  return { name: model, read: (path, options = {}) => download(url(path), path, options) }
}

async function download(url: string, path: string, { signal, onBytes }: ReadOptions): Promise<Uint8Array | undefined> {
  try {
    const response = await fetch(url, signal ? { signal } : {})
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
