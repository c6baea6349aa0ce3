// listen.ts: the server on its port, on this machine only

import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import { ConfigError } from '../../core/errors'
import { createApp, type ServerSettings } from './app'

const LOOPBACK = '127.0.0.1'

/** A server that answers. */
export interface RunningServer {
  url: string
  /** Ends open streams too. */
  close(): Promise<void>
}

/**
 * Starts the server. It is reachable from this machine only, and always at the same address, because a browser keeps
 * what the page stores (models, runs) by address.
 * @throws {ConfigError} if the port is in use
 */
export async function listen(settings: ServerSettings): Promise<RunningServer> {
  const server = createAdaptorServer({ fetch: createApp(settings).fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, settings.port)))
    server.listen(settings.port, LOOPBACK, resolve)
  })
  return {
    url: `http://${LOOPBACK}:${settings.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new ConfigError(
      '--port',
      `${port} is in use. If another tiltlab serves there, open http://${LOOPBACK}:${port}; otherwise choose another with --port.`,
    )
  }
  if (error.code === 'EACCES') {
    return new ConfigError('--port', `${port} is reserved for the system. Choose one above 1023.`)
  }
  return error
}
