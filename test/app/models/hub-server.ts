// hub-server.ts: a server of this machine that behaves as the Hub does, and as badly as it can
//
// API and addresses of huggingface.co: search, a repository at a commit, its tree in pages, files behind a redirect to another
// host, with ranges and CORS. Its repositories are folders of this machine or bytes. Faults are set by the test.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join, relative, sep } from 'node:path'

/** A model or a data set of the stand-in. */
export interface HubRepository {
  files: Record<string, Buffer>
  gated?: boolean
  tags?: string[]
  downloads?: number
}

/** What goes wrong, until it is set right. */
export interface Faults {
  /** A body ends after so many bytes, so many times. */
  breaksOff: { path: string; afterBytes: number; times: number } | null
  /** A file that is sent with its last byte changed. */
  damaged: string
  /** Ranges are passed over, and the whole file is sent. */
  noRanges: boolean
  /** Answers before anything works again. */
  refusals: { status: number; times: number; headers?: Record<string, string> } | null
  /** A body stands still after so many bytes, until nobody wants it any more. */
  holds: { path: string; afterBytes: number } | null
}

export interface HubServer {
  /** `http://127.0.0.1:PORT/` */
  address: string
  port: number
  faults: Faults
  /** What files were asked for, in order. */
  asked: { path: string; range: string | undefined }[]
  close(): Promise<void>
}

export const noFaults: Faults = { breaksOff: null, damaged: '', noRanges: false, refusals: null, holds: null }

/** Tree entries of a page: few, so that every repository has several. */
const PAGE = 4
const LFS_BYTES = 10_000
const BREAK_MS = 300

/** All files of a folder. */
export function repositoryOf(folder: string, about: Omit<HubRepository, 'files'> = {}): HubRepository {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  )
  const files = paths.map((path) => [
    relative(folder, join(folder, path)).split(sep).join('/'),
    readFileSync(join(folder, path)),
  ])
  return { files: Object.fromEntries(files) as Record<string, Buffer>, ...about }
}

/** The commit of a repository: a hash of what is in it. */
export function commitOf({ files }: HubRepository): string {
  const hash = createHash('sha1')
  for (const path of Object.keys(files).sort()) hash.update(path).update(files[path])
  return hash.digest('hex')
}

/** @param tls key and certificate of huggingface.co as this machine has it; without, it is plain HTTP */
export async function startHub(
  repositories: Record<`${'models' | 'datasets'}/${string}/${string}`, HubRepository>,
  tls?: { key: Buffer; cert: Buffer },
): Promise<HubServer> {
  const hub = { faults: { ...noFaults }, asked: [] as HubServer['asked'] }
  let base = ''
  let store = ''
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', base)
    const path = decodeURIComponent(url.pathname)
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'Link, ETag, Content-Range, Accept-Ranges, Retry-After')
    const { refusals } = hub.faults
    if (refusals && refusals.times > 0) {
      refusals.times--
      response.writeHead(refusals.status, refusals.headers).end()
      return
    }
    const json = (body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))

    const search = /^\/api\/(models|datasets)$/.exec(path)
    if (search) return void json(found(repositories, search[1], url.searchParams))
    const api = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(path)
    const repository = api && repositories[`${api[1] as 'models'}/${api[2] as 'a/b'}`]
    if (api && (!repository || ![commitOf(repository), 'main'].includes(api[4])))
      return void response.writeHead(404).end()
    if (api?.[3] === 'revision')
      return void json({ id: api[2], sha: commitOf(repository!), gated: repository!.gated ? 'auto' : false, tags: repository!.tags ?? [] })
    if (api) {
      const tree = treeOf(repository!)
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const more = from + PAGE < tree.length
      const next = `${base}${url.pathname.slice(1)}?recursive=true&cursor=${from + PAGE}`
      return void json(tree.slice(from, from + PAGE), more ? { Link: `<${next}>; rel="next"` } : {})
    }

    const asked = /^\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/([0-9a-z.]+)\/(.+)$/.exec(path)
    const kept = asked && repositories[`${asked[1] ? 'datasets' : 'models'}/${asked[2] as 'a/b'}`]
    if (asked && kept) {
      if (kept.gated) return void response.writeHead(401).end()
      if (!(asked[4] in kept.files)) return void response.writeHead(404).end()
      hub.asked.push({ path: asked[4], range: request.headers.range })
      return void response.writeHead(302, { Location: `${store}store${path}` }).end()
    }
    const stored = /^\/store\/(datasets\/)?([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path)
    const owner = stored && repositories[`${stored[1] ? 'datasets' : 'models'}/${stored[2] as 'a/b'}`]
    if (!stored || !owner) return void response.writeHead(404).end()
    send(response, request.headers.range, stored[3], owner.files[stored[3]], hub.faults)
  }
  const server: Server = tls ? createSecureServer(tls, handle) : createServer(handle)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  base = tls ? 'https://huggingface.co/' : `http://127.0.0.1:${port}/`
  store = tls ? 'https://cdn-lfs.hf.co/' : `http://localhost:${port}/`
  return {
    address: base,
    port,
    get faults() {
      return hub.faults
    },
    set faults(faults) {
      hub.faults = faults
    },
    asked: hub.asked,
    close() {
      server.closeAllConnections()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}

function found(repositories: Parameters<typeof startHub>[0], kind: string, asked: URLSearchParams) {
  const words = asked.get('search')?.toLowerCase() ?? ''
  return Object.entries(repositories)
    .filter(([name]) => name.startsWith(`${kind}/`) && name.toLowerCase().includes(words))
    .map(([name, { files, gated, tags, downloads }]) => ({
      id: name.slice(kind.length + 1),
      downloads: downloads ?? 1,
      gated: gated ? 'manual' : false,
      tags: tags ?? [],
      ...(files['config.json'] && {
        config: { model_type: (JSON.parse(files['config.json'].toString()) as { model_type: string }).model_type },
      }),
    }))
}

function treeOf({ files }: HubRepository) {
  return Object.entries(files).map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
    ...(bytes.length >= LFS_BYTES && {
      lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 132 },
    }),
  }))
}

function send(
  response: ServerResponse,
  range: string | undefined,
  path: string,
  bytes: Buffer,
  faults: Faults,
): void {
  const start = faults.noRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
  const body = Buffer.from(bytes.subarray(start))
  if (faults.damaged === path) body[body.length - 1] ^= 1
  response.writeHead(start > 0 ? 206 : 200, {
    'Content-Length': body.length,
    'Accept-Ranges': 'bytes',
    ETag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    ...(start > 0 && { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  })
  const { breaksOff, holds } = faults
  const breaks = breaksOff?.path === path && breaksOff.times > 0 ? breaksOff : null
  if (breaks) breaks.times--
  response.write(body.subarray(0, breaks?.afterBytes ?? (holds?.path === path ? holds.afterBytes : body.length)))
  if (holds?.path === path) return
  // What was written arrives, and is read, before the connection goes.
  if (breaks) setTimeout(() => response.destroy(), BREAK_MS)
  else response.end()
}
