// Downloads that break, lie, and go on: from the stand-in for the Hub into the files of a browser

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CancelledError } from '../../../src/core/errors'
import { hub } from '../../../src/engine/hub'
import { download, hashOf, type DownloadOptions, type Transfer } from '../../../src/app/models/download'
import { openRepository, type Repository } from '../../../src/app/models/hub-api'
import { announcedBytes, shelfIn, wholeFiles, type Shelf } from '../../../src/app/models/shelf'
import { keptFiles } from '../../../src/app/storage/opfs'
import { FakeDisk } from '../storage/fake-disk'
import { noFaults, startHub, type HubServer } from './hub-server'

const ONNX = 'onnx/model_q4.onnx'
const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 5))
const home = hub.address
let server: HubServer
let shelf: Shelf
let disk: FakeDisk
let repository: Repository

beforeAll(async () => {
  server = await startHub({
    'models/org/model': { files: { 'config.json': Buffer.from('{}'), [ONNX]: weights, 'LICENSE': Buffer.from('MIT') } },
  })
  hub.address = server.address
  repository = await openRepository('models', 'org/model')
})
afterAll(async () => {
  hub.address = home
  await server.close()
})
beforeEach(() => {
  server.faults = { ...noFaults }
  server.asked.length = 0
  disk = new FakeDisk()
  shelf = shelfIn(keptFiles(disk.handle, 'hub'))
})

const wanted = () => repository.files.filter(({ path }) => path !== 'LICENSE')
const get = (options: DownloadOptions = {}) =>
  download(shelf, repository, wanted(), { pause: async () => {}, ...options })
const bytesOf = async (path: string) =>
  Buffer.from((await (await shelf.blob(repository, path))?.arrayBuffer()) ?? new ArrayBuffer(0))
const whole = async () => wholeFiles((await shelf.find(repository))!).map(({ path }) => path)

test('what is wanted arrives, is whole, and is not asked for again', async () => {
  const seen: Transfer[] = []
  await get({ onTransfer: (transfer) => seen.push(transfer) })
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
  expect((await whole()).sort()).toEqual(['config.json', ONNX])
  const kept = (await shelf.list())[0]
  expect(kept).toMatchObject({ id: 'org/model', commit: repository.commit })
  expect(kept.paths).toContain('LICENSE')
  expect(announcedBytes(kept)).toBe(weights.length + 2)
  expect(seen.at(-1)).toMatchObject({ receivedBytes: weights.length + 2, totalBytes: weights.length + 2 })
  expect(seen.map(({ receivedBytes }) => receivedBytes)).toEqual(
    seen.map(({ receivedBytes }) => receivedBytes).sort((a, b) => a - b),
  )

  server.asked.length = 0
  await get()
  expect(server.asked).toEqual([])
})

test('a connection that breaks is asked for the rest, by itself', async () => {
  server.faults.breaksOff = { path: ONNX, afterBytes: 100_000, times: 2 }
  const phases = new Set<string>()
  await get({ onTransfer: ({ phase }) => phases.add(phase) })
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
  const ranges = server.asked.filter(({ path }) => path === ONNX).map(({ range }) => range)
  expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=200000-'])
  expect([...phases]).toEqual(['receiving', 'comparing', 'waiting'])
})

test('once nothing more arrives it gives up, and a later download goes on from there', async () => {
  server.faults.breaksOff = { path: ONNX, afterBytes: 100_000, times: 1 }
  const pauses: number[] = []
  const pause = async (milliseconds: number) => {
    pauses.push(milliseconds)
    server.faults.breaksOff = { path: ONNX, afterBytes: 0, times: 1 }
  }
  await expect(get({ pause })).rejects.toThrow(/org\/model\/onnx\/model_q4.onnx: the connection.*what has arrived is kept/)
  expect(pauses).toEqual([500, 2000, 8000])
  expect(await whole()).toEqual(['config.json'])

  server.faults.breaksOff = null
  await get()
  expect(server.asked.at(-1)).toEqual({ path: ONNX, range: 'bytes=100000-' })
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
})

test('a server without ranges sends the file anew, and it is taken from its beginning', async () => {
  server.faults.breaksOff = { path: ONNX, afterBytes: 100_000, times: 1 }
  server.faults.noRanges = true
  await get()
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
})

test('what is not what was announced is removed, and says so', async () => {
  server.faults.damaged = ONNX
  await expect(get()).rejects.toThrow(/is not what the Hub announced: its hash is another, so it was removed/)
  expect(await shelf.arrivedBytes(repository, ONNX)).toBe(0)
  await shelf.remove(repository)
  server.faults.damaged = 'config.json'
  await expect(get()).rejects.toMatchObject({ trouble: 'damaged' })
  server.faults.damaged = ''
  await get()
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
})

test('a part that was spoilt on the disk is found when the rest has come', async () => {
  await shelf.want(repository, wanted())
  await shelf.append(repository, ONNX, new Uint8Array(1000))
  await expect(get()).rejects.toMatchObject({ trouble: 'damaged' })
  await get()
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
})

test('the Hub is left alone as long as it asks, and not longer than a person waits', async () => {
  server.faults.refusals = { status: 429, times: 1, headers: { 'Retry-After': '7' } }
  const pauses: number[] = []
  const pause = async (milliseconds: number) => void pauses.push(milliseconds)
  await get({ pause })
  expect(pauses).toEqual([7000])
  await shelf.remove(repository)
  server.faults.refusals = { status: 429, times: 1, headers: { 'Retry-After': '600' } }
  await expect(get({ pause })).rejects.toThrow('Go on in 10 min')
  expect(pauses).toEqual([7000])
})

describe('room', () => {
  test('is asked for before anything is', async () => {
    await expect(get({ room: async () => 1000 })).rejects.toThrow(/no room left.*or models that you do not need/)
    expect(server.asked).toEqual([])
    await get({ room: async () => 300_002 })
  })

  test('that runs out costs nothing that has arrived', async () => {
    server.faults.breaksOff = { path: ONNX, afterBytes: 100_000, times: 1 }
    const pause = async () => void (disk.roomBytes = disk.usedBytes() + 10)
    await expect(get({ pause })).rejects.toThrow('no room left')
    disk.roomBytes = Infinity
    await get()
    expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
    expect(server.asked.at(-1)?.range).toBe('bytes=100000-')
  })
})

test('it stops when asked to, keeps what has arrived, and goes on from there', async () => {
  const controller = new AbortController()
  server.faults.holds = { path: ONNX, afterBytes: 100_000 }
  const onTransfer = ({ path, receivedBytes }: Transfer) => {
    if (path === ONNX && receivedBytes >= 100_000) controller.abort()
  }
  await expect(get({ signal: controller.signal, onTransfer })).rejects.toThrow(CancelledError)
  const arrived = await shelf.arrivedBytes(repository, ONNX)
  expect(arrived).toBe(100_000)
  server.faults.holds = null
  await get()
  expect(server.asked.at(-1)?.range).toBe(`bytes=${arrived}-`)
  expect((await bytesOf(ONNX)).equals(weights)).toBe(true)
})

test('what is removed is gone, and a manifest that cannot be read is as none', async () => {
  await get()
  await shelf.remove(repository)
  expect(await shelf.list()).toEqual([])
  expect(disk.usedBytes()).toBe(0)

  const files = keptFiles(disk.handle, 'hub')
  await files.write('broken/manifest.json', new TextEncoder().encode('{"version":'))
  await files.write('newer/manifest.json', new TextEncoder().encode('{"version":2}'))
  expect(await shelf.list()).toEqual([])
})

test('git’s hash of a file is that of git', async () => {
  // git hash-object of a file with "hello\n"
  const bytes = new TextEncoder().encode('hello\n')
  expect(await hashOf(bytes, 'git')).toBe('ce013625030ba8dba906f756967f9e9ca394464a')
  expect(await hashOf(bytes, 'sha256')).toBe('5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03')
})
