// files.ts: what a run has left on disk
//
//   GET /api/runs/:id/files           names and sizes
//   GET /api/runs/:id/files/<path>    one of them; `Range` goes on with a download that broke
//
// Only names from the listing are ever opened: regular files below the folder of the run, none behind a link, none hidden.

import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Hono, type Context } from 'hono'
import type { RunFile } from '../../lab/runner-client'
import { findRun } from './runs'

/** The files of runs, to be mounted under /api/runs. */
export function filesApi(runsFolder: string): Hono {
  const app = new Hono()
  app.get('/:id/files', async (context) => {
    const folder = await findRun(runsFolder, context.req.param('id'))
    if (!folder) return missing(context)
    return context.json({ files: await listFiles(folder) })
  })
  app.get('/:id/files/:path{.+}', async (context) => {
    const folder = await findRun(runsFolder, context.req.param('id'))
    const file = folder && (await listFiles(folder)).find(({ path }) => path === context.req.param('path'))
    return file ? send(context, join(folder, file.path), file) : missing(context)
  })
  return app
}

/** Everything that belongs to a run, in the order of its names. */
export async function listFiles(folder: string, below = ''): Promise<RunFile[]> {
  const names = (await readdir(join(folder, below))).filter((name) => !name.startsWith('.') && name !== 'lock').sort()
  const files = await Promise.all(
    names.map(async (name): Promise<RunFile[]> => {
      const path = below === '' ? name : `${below}/${name}`
      // A file may go while the folder is read: a checkpoint that a newer one replaces.
      const stats = await lstat(join(folder, path)).catch(() => null)
      if (stats?.isDirectory()) return listFiles(folder, path).catch(() => [])
      if (!stats?.isFile()) return []
      return [{ path, sizeBytes: stats.size, etag: `"${stats.size.toString(36)}-${stats.mtimeMs.toString(36)}"` }]
    }),
  )
  return files.flat()
}

function send(context: Context, path: string, { sizeBytes, etag }: RunFile): Response {
  const start = firstByte(context, etag)
  if (start > 0 && start >= sizeBytes) {
    context.header('Content-Range', `bytes */${sizeBytes}`)
    return context.json({ error: `The file has ${sizeBytes} bytes.` }, 416)
  }
  context.header('Accept-Ranges', 'bytes')
  context.header('ETag', etag)
  context.header('Content-Type', 'application/octet-stream')
  context.header('Content-Length', String(sizeBytes - start))
  if (start > 0) context.header('Content-Range', `bytes ${start}-${sizeBytes - 1}/${sizeBytes}`)
  const status = start > 0 ? 206 : 200
  if (sizeBytes === 0) return context.body(null, status)
  // A journal that grows meanwhile is sent as long as it was.
  const bytes = createReadStream(path, { start, end: sizeBytes - 1 })
  return context.body(Readable.toWeb(bytes) as ReadableStream, status)
}

/** From where on the file is wanted: `bytes=n-`, unless it has become another one. Any other range gets the whole file. */
function firstByte(context: Context, etag: string): number {
  const condition = context.req.header('if-range')
  if (condition !== undefined && condition !== etag) return 0
  const [, start] = /^bytes=(\d{1,15})-$/.exec(context.req.header('range') ?? '') ?? []
  return Number(start ?? 0)
}

function missing(context: Context): Response {
  return context.json({ error: 'There is no such file.' }, 404)
}
