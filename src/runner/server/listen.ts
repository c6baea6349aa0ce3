// listen.ts: the server on its port, on this machine only

import { createAdaptorServer } from '@hono/node-server'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { ConfigError } from '../../core/errors'
import { createApp, type ServerSettings } from './app'
import { tidyArrivals } from './bring'
import { closeSockets } from './watch'

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
  await tidyArrivals(settings.runsFolder)
  const { app, sockets } = createApp(settings)
  const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: sockets } }) as Server
  refuseOtherUpgrades(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, settings.port)))
    server.listen(settings.port, LOOPBACK, resolve)
  })
  return {
    url: `http://${LOOPBACK}:${settings.port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await closeSockets(sockets)
      server.closeAllConnections()
      await closed
    },
  }
}

/** The adaptor leaves a client without an answer that wants another protocol than WebSocket, such as HTTP/2. */
function refuseOtherUpgrades(server: Server): void {
  const [listener] = server.listeners('upgrade') as ((request: IncomingMessage, socket: Duplex, head: Buffer) => void)[]
  server.removeAllListeners('upgrade').on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket')
      return listener(request, socket, head)
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
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
