// hub-api.ts: what there is on the Hub: search, and the files of a repository at one commit
//
// The public API, read with the tolerance that the answers of others ask for: what is not needed is not looked at. A
// repository is always taken at a commit, so that its files are of one state and stay what they are.
// Source: the Hub's API documentation (huggingface.co/docs/hub/api) and its own client (@huggingface/hub: list-models, list-files).

import * as v from 'valibot'
import { CancelledError, messageOf } from '../../core/errors'
import { hub, isHubId, isRevision } from '../../engine/hub'
import { HubError, refusal } from './hub-error'

/** As in the Hub's addresses. */
export type Kind = 'models' | 'datasets'

/** A find of a search. */
export interface Found {
  id: string
  downloads: number
  /** Whether its owner asks for consent first. */
  gated: boolean
  /** Empty if the Hub knows none. */
  licence: string
  /** `model_type` of a model's config.json; empty if the Hub does not say. */
  architecture: string
}

/** What a file must be: SHA-256 of its bytes, or git's own hash (SHA-1 of a header and the bytes). */
export interface Digest {
  kind: 'sha256' | 'git'
  hex: string
}

export interface HubFile {
  path: string
  sizeBytes: number
  digest: Digest
}

/** A model or a data set at one commit. */
export interface Repository {
  kind: Kind
  /** `organisation/name` */
  id: string
  commit: string
  licence: string
  gated: boolean
  files: HubFile[]
}

/** Finds that are shown: more of them are found by a longer word. */
const MOST_FOUND = 20
/** Files of a repository that are listed: 20 pages of the Hub's. */
const MOST_PAGES = 20

const gated = v.optional(v.union([v.boolean(), v.string()]), false)
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`)))

const FoundSchema = v.array(
  v.object({
    id: v.string(),
    downloads: v.optional(v.number(), 0),
    gated,
    tags: v.optional(v.array(v.string()), []),
    config: v.nullish(v.object({ model_type: v.optional(v.string()) })),
  }),
)

const InfoSchema = v.object({
  id: v.string(),
  sha: hex(40),
  gated,
  tags: v.optional(v.array(v.string()), []),
})

const TreeSchema = v.array(
  v.object({
    type: v.string(),
    path: v.string(),
    size: v.pipe(v.number(), v.integer(), v.minValue(0)),
    oid: hex(40),
    lfs: v.nullish(v.object({ oid: hex(64), size: v.pipe(v.number(), v.integer(), v.minValue(0)) })),
  }),
)

/**
 * Looks for models that have ONNX files for browsers and write text, or for data sets; the most downloaded first.
 *
 * @throws {HubError | CancelledError}
 */
export async function searchHub(kind: Kind, words: string, signal?: AbortSignal): Promise<Found[]> {
  const asked = new URLSearchParams({ search: words.trim(), sort: 'downloads', limit: String(MOST_FOUND) })
  if (kind === 'models') {
    asked.set('filter', 'transformers.js')
    asked.set('pipeline_tag', 'text-generation')
    asked.append('expand', 'config')
  }
  for (const field of ['downloads', 'gated', 'tags']) asked.append('expand', field)
  const { body } = await askHub(`A search for “${words.trim()}”`, `api/${kind}?${asked}`, FoundSchema, signal)
  return body
    .filter(({ id }) => isHubId(id))
    .map(({ id, downloads, gated, tags, config }) => ({
      id,
      downloads,
      gated: gated !== false,
      licence: licenceOf(tags),
      architecture: config?.model_type ?? '',
    }))
}

/**
 * A repository with all its files, at the commit that a revision stands for now.
 *
 * @throws {HubError | CancelledError}
 */
export async function openRepository(
  kind: Kind,
  id: string,
  revision = 'main',
  signal?: AbortSignal,
): Promise<Repository> {
  if (!isHubId(id) || !isRevision(revision))
    throw new HubError('missing', `“${id}” is no name on the Hub. Write it as organisation/name.`)
  const path = `api/${kind}/${id}/revision/${encodeURIComponent(revision)}`
  const { body: info } = await askHub(id, path, InfoSchema, signal)
  const files = await listFiles(kind, id, info.sha, signal)
  return { kind, id, commit: info.sha, licence: licenceOf(info.tags), gated: info.gated !== false, files }
}

/** All files of a repository at a revision. @throws {HubError | CancelledError} */
export async function listFiles(kind: Kind, id: string, revision: string, signal?: AbortSignal): Promise<HubFile[]> {
  const files: HubFile[] = []
  let next: string | undefined = `api/${kind}/${id}/tree/${encodeURIComponent(revision)}?recursive=true`
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const answer: Answer<v.InferOutput<typeof TreeSchema>> = await askHub(id, next, TreeSchema, signal)
    files.push(...answer.body.filter(({ type }) => type === 'file').map(fileOf))
    next = answer.next
  }
  return files
}

function fileOf({ path, size, oid, lfs }: v.InferOutput<typeof TreeSchema>[number]): HubFile {
  return lfs
    ? { path, sizeBytes: lfs.size, digest: { kind: 'sha256', hex: lfs.oid } }
    : { path, sizeBytes: size, digest: { kind: 'git', hex: oid } }
}

/** A repository's card names its licence, and the Hub makes a tag of it. */
function licenceOf(tags: readonly string[]): string {
  const licences = tags.filter((tag) => tag.startsWith('license:')).map((tag) => tag.slice('license:'.length))
  return licences.join(', ')
}

interface Answer<T> {
  body: T
  /** Path of the next page; undefined on the last one. */
  next: string | undefined
}

async function askHub<Schema extends v.GenericSchema>(
  what: string,
  path: string,
  schema: Schema,
  signal?: AbortSignal,
): Promise<Answer<v.InferOutput<Schema>>> {
  let response: Response
  try {
    response = await fetch(hub.address + path, signal ? { signal } : {})
  } catch {
    throw signal?.aborted ? new CancelledError(what) : HubError.offline(what)
  }
  if (!response.ok) throw refusal(what, response)
  const body = await response.json().catch((error: unknown) => messageOf(error))
  if (signal?.aborted) throw new CancelledError(what)
  const read = v.safeParse(schema, body)
  if (!read.success) throw HubError.strange(what)
  return { body: read.output, next: nextPage(response.headers.get('Link')) }
}

/** `<https://…/tree/main?cursor=…>; rel="next"`, as a path of the Hub: another site is not asked. */
function nextPage(link: string | null): string | undefined {
  const address = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1]
  return address?.startsWith(hub.address) ? address.slice(hub.address.length) : undefined
}
