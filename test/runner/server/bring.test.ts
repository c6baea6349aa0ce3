// A run that was begun elsewhere is sent as a file and goes on here; what is refused leaves nothing behind.

import { randomBytes } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { strToU8, zipSync, type Zippable } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/run/events'
import { readJournal } from '../../../src/core/run/journal'
import { bundle } from '../../../src/lab/bundle/bundle'
import { noWords } from '../../../src/lab/bundle/words'
import type { Job } from '../../../src/runner/queue/jobs'
import { openFolderStorage } from '../../../src/runner/storage'
import { readSavedConfig } from '../../../src/runner/training/saved-config'
import { ended, started, step } from '../events'
import { Service, tinyConfig } from '../queue/service'
import { journalOf, startServer, type Question, type TestServer } from './support'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const run = (id: string, ...more: RunEvent[]): RunEvent[] => [{ ...started, runId: id }, step(1), ...more]
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const zip = (files: Zippable) => zipSync(files)
const zipped = (id: string, ...more: RunEvent[]) => zip({ 'journal.jsonl': journalOf(run(id, ...more)) })
const sent = (body: Uint8Array | string, headers: Question['headers'] = {}): Question => ({
  method: 'POST',
  headers: { 'content-type': 'application/zip', 'content-length': String(body.length), ...headers },
  body,
})
const send = async (body: Uint8Array | string, headers: Question['headers'] = {}) => {
  const answer = await server.ask('/api/jobs', sent(body, headers))
  const text = (await answer.toArray()).join('')
  return { status: answer.statusCode, body: JSON.parse(text) as { error: string } & Job }
}

/** Everything there is: the jobs, and every file with its size. */
async function everything() {
  const paths = (await readdir(server.runsFolder, { recursive: true }))
    .filter((path) => !path.startsWith('jobs.db'))
    .sort()
  const sizes = await Promise.all(
    paths.map(async (path) => `${path} ${(await lstat(join(server.runsFolder, path))).size}`),
  )
  return { jobs: server.queue.jobs.list(), sizes }
}

test('a run takes its place under its own name, as one that was trained here, and waits for its turn', async () => {
  const about = { format: 'tiltlab run', version: 1, name: 'from my laptop', tags: ['talk'], note: '' }
  const file = zip({ 'x/journal.jsonl': journalOf(run('brought')), 'x/run.json': strToU8(JSON.stringify(about)) })
  expect(await send(file)).toMatchObject({ status: 201, body: { id: 'brought', state: 'queued', remarks: [] } })
  const folder = join(server.runsFolder, 'brought')
  expect(await readSavedConfig(folder)).toEqual(started.config)
  expect(readJournal(await readFile(join(folder, 'journal.jsonl'))).events).toEqual(run('brought'))
  expect(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8'))).toEqual(about)
  expect((await readdir(server.runsFolder)).filter((name) => /^\.(?:new|old)-/.test(name))).toEqual([])
})

test('the same key is the same job, whatever has become of it; for another run it is refused', async () => {
  const key = { 'idempotency-key': 'move 1' }
  const first = await send(zipped('keyed'), key)
  const before = await everything()
  expect(await send(zipped('keyed'), key)).toEqual(first)
  expect((await send(zipped('other'), key)).status).toBe(409)
  expect(await everything()).toEqual(before)
})

test('the same run comes again once its job has ended: what was there is replaced, and it is the youngest job', async () => {
  await send(zipped('twice', step(2)))
  expect((await send(zipped('twice'))).body.error).toMatch(/^twice is queued here\. Cancel it first/)
  server.queue.cancel('twice')
  const file = zipped('twice', step(2), step(3))
  expect(await send(file)).toMatchObject({ status: 201, body: { state: 'queued' } })
  expect(server.queue.jobs.list()[0].id).toBe('twice')
  const { events } = readJournal(await readFile(join(server.runsFolder, 'twice/journal.jsonl')))
  expect(events).toEqual(run('twice', step(2), step(3)))
})

describe('what is refused leaves nothing behind:', () => {
  const many = Object.fromEntries(numbers(65).map((n) => [`checkpoints/step-000001/a${n}.json`, strToU8('{}')]))
  const traversing = { '../../out/journal.jsonl': journalOf(run('out')), '/etc/journal.jsonl': journalOf(run('out')) }
  const newer = strToU8('{"format":"tiltlab run","version":2,"name":"","tags":[],"note":""}')
  const newerConfig = { ...started, config: { ...started.config, version: 99 } } as unknown as RunEvent

  test.each<[string, number, RegExp, () => Uint8Array | string]>([
    ['nothing', 400, /neither a run/, () => ''],
    ['a picture', 400, /neither a run/, () => Uint8Array.from([0x89, 0x50, 0x4e, 0x47])],
    ['a zip without a run', 400, /no journal\.jsonl/, () => zip({ 'a.txt': strToU8('a') })],
    ['a zip that leads out of its folder', 400, /no journal\.jsonl/, () => zip(traversing)],
    ['a zip with a symbolic link for its journal', 400, /neither a run/, () => zip({ 'journal.jsonl': [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] })], // prettier-ignore
    ['a zip that was cut', 400, /damaged|no journal|neither a run/, () => zipped('cut').subarray(0, 300)],
    ['a zip of more files than a run has', 400, /more than 64 files/, () => zip(many)],
    ['a journal that was changed', 400, /damaged/, () => zip({ 'journal.jsonl': Buffer.from(Buffer.from(journalOf(run('changed', step(2)))).toString().replace('"step":1', '"step":7')) })], // prettier-ignore
    [
      'a run of a newer format',
      400,
      /newer tiltlab/,
      () => zip({ 'journal.jsonl': journalOf(run('n')), 'run.json': newer }),
    ],
    ['a run with newer settings', 400, /journal/, () => zip({ 'journal.jsonl': journalOf([newerConfig]) })],
    ['a run with the name of a hidden file', 409, /cannot be the name/, () => zipped('.token')],
    ['a run with the name of another one', 409, /another run/, () => zipped('another')],
    ['a run with the name of the jobs', 409, /another run jobs\.db/, () => zipped('jobs.db')],
    ['a run in whose place there is a link', 409, /another run/, () => zipped('linked')],
    ['a run with a name that leads elsewhere', 400, /name of the run/, () => zipped('../../elsewhere')],
  ])('%s', async (_, status, reason, file) => {
    await server.writeRun('another', [{ ...started, time: '2026-01-01T00:00:00.000Z' }, ended])
    await symlink(join(server.folder, 'page'), join(server.runsFolder, 'linked')).catch(() => undefined)
    const before = await everything()
    const answer = await send(file())
    expect(answer.status).toBe(status)
    expect(answer.body.error).toMatch(reason)
    expect(await everything()).toEqual(before)
  })

  test('one that says or turns out to be too large', async () => {
    const before = await everything()
    const question = sent('PK', { 'content-length': '300000000' })
    const said = connect(server.port, '127.0.0.1')
    said.write(
      `POST /api/jobs HTTP/1.1\r\n${Object.entries({
        host: `127.0.0.1:${server.port}`,
        authorization: `Bearer ${server.token}`,
        ...question.headers,
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\nPK`,
    )
    let heard = ''
    for await (const chunk of said) heard += String(chunk)
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(heard).toContain('The file may have 256.0 MB at most.')
    expect(await everything()).toEqual(before)
  })

  test('one whose sender goes away', async () => {
    const before = await everything()
    const sender = connect(server.port, '127.0.0.1')
    sender.write(
      `POST /api/jobs HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nauthorization: Bearer ${server.token}\r\ncontent-type: application/zip\r\ncontent-length: 100000\r\n\r\n`,
    )
    sender.write(randomBytes(50_000))
    const isReceiving = async () => (await readdir(server.runsFolder)).some((name) => name.startsWith('.new-'))
    while (!(await isReceiving())) await delay(10)
    sender.destroy()
    while (await isReceiving()) await delay(10)
    expect(await everything()).toEqual(before)
  })
})

test('a runner that died in between is put right: half a run goes, and one that was to be replaced comes back', async () => {
  const other = await startServer()
  const { runsFolder } = other
  await other.writeRun('kept', run('kept'))
  await other.writeRun('whole', run('whole'))
  await rename(join(runsFolder, 'kept'), join(runsFolder, '.old-kept'))
  await mkdir(join(runsFolder, '.old-whole'))
  await mkdir(join(runsFolder, '.new-half/run'), { recursive: true })
  await writeFile(join(runsFolder, '.new-half/run.zip'), 'PK')
  await other.again()
  expect((await readdir(runsFolder)).filter((name) => !/^jobs|^\.token$|^lock$/.test(name)).sort()).toEqual([
    'kept',
    'whole',
  ])
  await other.close()
})

test('a run goes on here from its last checkpoint and ends bit for bit as where nobody moved it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tiltlab-bring-'))
  const service = await Service.start(join(folder, 'runs'))
  const settled = async (id: string) => {
    for (;;) {
      const job = (await service.jobs()).find((each) => each.id === id)
      if (job?.endedAt) return job
      await delay(100)
    }
  }
  const { id } = (await (await service.submit(tinyConfig(0, 4), 'whole')).json()) as Job
  expect(await settled(id)).toMatchObject({ state: 'done' })
  const place = join(service.runs, id)
  const adapter = () => readFile(join(place, 'adapter/adapter_model.safetensors'))
  const whole = await adapter()

  // As it was after its third step.
  const storage = await openFolderStorage(place)
  const journal = readJournal(await storage.readJournal())
  const saved = journal.events.findIndex((event) => event.type === 'checkpoint' && event.step === 3)
  const early = {
    readJournal: async () => (await storage.readJournal()).subarray(0, journal.ends[saved]),
    listCheckpoints: async () => (await storage.listCheckpoints()).filter((name) => name === 'step-000003'),
    readCheckpoint: storage.readCheckpoint,
  }
  const file = await bundle(early, tinyConfig(0, 4), noWords)
  await storage.release()

  const answer = await service.post('/api/jobs', file, { 'Content-Type': 'application/zip' })
  expect(answer.status, await answer.clone().text()).toBe(201)
  expect(await settled(id)).toMatchObject({ state: 'done', cause: 'All steps are done.' })
  const { events } = readJournal(await readFile(join(place, 'journal.jsonl')))
  expect(events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual([1, 2, 3, 4])
  expect(events.filter(({ type }) => type === 'started')).toMatchObject([{ fromStep: 0 }, { fromStep: 3 }])
  expect((await adapter()).equals(whole)).toBe(true)
  await service.end('SIGTERM')
  await rm(folder, { recursive: true })
})
