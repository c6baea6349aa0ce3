// static.ts: a few folders under one address, for the small test page that is not part of the product

import { createReadStream, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'
import type { AddressInfo } from 'node:net'

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * Serves folders under URL prefixes; the longest prefix wins. Resolves to the server's address and how to stop it.
 *
 * @param headers sent with every file
 */
export async function serveFolders(
  folders: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ address: string; stop(): void }> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length)
  const server: Server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    const prefix = prefixes.find((each) => path.startsWith(each))
    const file = join(folders[prefix ?? '/'], path.slice(prefix?.length ?? 0), path.endsWith('/') ? 'index.html' : '')
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { ...headers, 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, stop: () => server.close() }
}
