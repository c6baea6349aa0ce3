// hub.test.ts: files over HTTP, as the page and the Hub give them

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CancelledError, ModelFileError } from '../../src/core/errors'
import { hub, hubModel, hubSource, readModelFile, shownId, urlSource } from '../../src/engine/hub'

let server: Server
let base: string
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!)
    if (request.url!.endsWith('/slow')) return void response.write('x')
    if (request.url!.endsWith('/broken')) return void response.writeHead(503).end()
    if (!request.url!.endsWith('config.json')) return void response.writeHead(404).end()
    response.writeHead(200, { 'Content-Length': 2 }).end('{}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  hub.address = `${base}/`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a file’s bytes arrive, with progress', async () => {
  const seen: [number, number][] = []
  const bytes = await urlSource('m', `${base}/models/m`).read('config.json', {
    onBytes: (...progress) => seen.push(progress),
  })
  expect(new TextDecoder().decode(bytes)).toBe('{}')
  expect(seen).toEqual([[2, 2]])
})

test('a model of the Hub is asked for at its address, at the given revision', async () => {
  await hubSource('org/name@abc123').read('config.json')
  expect(asked[asked.length - 1]).toBe('/org/name/resolve/abc123/config.json')
})

test('a file that is not there is undefined, or an error where it is needed', async () => {
  const files = urlSource('the model', base)
  expect(await files.read('nothing')).toBeUndefined()
  await expect(readModelFile(files, 'nothing')).rejects.toThrow(/nothing: is missing from the model/)
})

test('another answer is an error that says which', async () => {
  await expect(urlSource('m', base).read('broken')).rejects.toThrow(/answered 503/)
})

test('no connection is an error that says so', async () => {
  await expect(urlSource('m', 'http://127.0.0.1:9').read('x')).rejects.toThrow(
    /x: could not be fetched.*Check the connection/,
  )
})

test('a download stops when asked to', async () => {
  const controller = new AbortController()
  const reading = urlSource('m', base).read('slow', { signal: controller.signal })
  setTimeout(() => controller.abort(), 30)
  await expect(reading).rejects.toThrow(CancelledError)
})

describe('names that are no model of the Hub', () => {
  test.each(['name', '../../etc/passwd', 'a/b/c', 'a b/c', '', 'a/b@../x', 'a/b@..', '../b', 'a/b@', 'a/b@c@d'])(
    '"%s"',
    (id) => {
      expect(() => hubSource(id)).toThrow(ModelFileError)
    },
  )
})

test('a model of the Hub is named with its revision, and shown with the beginning of a commit', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567'
  expect(hubModel('org/name')).toEqual({ id: 'org/name', revision: 'main' })
  expect(hubModel(`org/name@${commit}`)).toEqual({ id: 'org/name', revision: commit })
  expect(shownId(`org/name@${commit}`)).toBe('org/name@0123456789ab')
  expect(['org/name@v1', 'embedded:guess', 'folder:mine'].map(shownId)).toEqual([
    'org/name@v1',
    'embedded:guess',
    'folder:mine',
  ])
})
