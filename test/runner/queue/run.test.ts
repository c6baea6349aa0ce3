// `tiltlab run` against a runner, as a person uses both: submit, list, watch, cancel, fetch, and go on at home.

import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { printJson } from '../../../src/core/inspect/json'
import { RunnerError } from '../../../src/lab/runner-client'
import { RunnerClient, savedToken } from '../../../src/runner/client'
import type { Job } from '../../../src/runner/queue/jobs'
import { start, tiltlab, tinyRun } from '../command'
import { Service, tinyConfig } from './service'

let folder: string
let service: Service
let client: RunnerClient
const run = (...words: string[]) =>
  tiltlab(folder, ['run', ...words, '--runner', service.address, '--runs', service.runs])

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-run-'))
  service = await Service.start(join(folder, 'served'))
  client = new RunnerClient({ url: service.address, token: await savedToken(service.runs) })
})
afterAll(async () => {
  await service?.end('SIGTERM')
  await rm(folder, { recursive: true })
})

test('a run is submitted, watched to its end, listed, and fetched as the folder that `train --resume` takes', async () => {
  const submitted = await tiltlab(folder, [
    ...['run', 'submit', ...tinyRun, '--steps', '3', '--checkpoint.every', '1', '--watch'],
    ...['--runner', service.address, '--runs', service.runs],
  ])
  expect(submitted.code, submitted.stderr).toBe(0)
  const [id] = submitted.stdout.split('\n')
  expect(submitted.stdout).toMatch(/^step 3: reward/m)
  expect(submitted.stderr).toContain(`${id} is done: All steps are done.`)

  const listed = await run('list')
  expect(listed.stdout).toMatch(new RegExp(`^${id}  done  .*All steps are done\\.$`, 'm'))
  // Watched again, it is told from the beginning.
  expect((await run('watch', id)).stdout).toMatch(/^step 1: reward/m)

  const fetched = await run('fetch', id)
  expect(fetched.code, fetched.stderr).toBe(0)
  const here = join(folder, 'runs', id)
  for (const file of ['journal.jsonl', 'config.json', 'adapter/adapter_model.safetensors'])
    expect((await readFile(join(here, file))).equals(await readFile(join(service.runs, id, file))), file).toBe(true)
  expect(await readdir(join(here, 'checkpoints'))).toEqual(await readdir(join(service.runs, id, 'checkpoints')))
  expect((await tiltlab(folder, ['train', '--resume', join('runs', id)])).code).toBe(0)
  expect((await run('fetch', id)).code).toBe(2)
})

test('the same key is the same run; Ctrl-C ends watching, not the run; cancelling does, and is saved', async () => {
  const words = ['submit', ...tinyRun, '--steps', '500', '--checkpoint.every', '1', '--key', 'once']
  const id = (await run(...words)).stdout.trim()
  expect((await run(...words)).stdout.trim()).toBe(id)

  const watching = start(folder, ['run', 'watch', id, '--runner', service.address, '--runs', service.runs])
  await new Promise<void>((resolve) =>
    watching.process.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('step 1: reward')) resolve()
    }),
  )
  watching.process.kill('SIGINT')
  const watched = await watching.done
  expect(watched.code).toBe(130)
  expect(watched.stderr).toContain(`${id} goes on.`)

  const cancelled = await run('cancel', id)
  expect(cancelled.stderr).toBe(`${id} is being saved.\n`)
  while ((await client.job(id)).endedAt === null) await delay(50)
  expect(await client.job(id)).toMatchObject({ state: 'cancelled' })
  expect((await client.files(id)).some(({ path }) => path.startsWith('checkpoints/'))).toBe(true)
})

test('a run that fails is watched to its reason, and the exit code says so', async () => {
  const model = ['--model', join(folder, 'nowhere')]
  const { code, stderr } = await run('submit', ...tinyRun, ...model, '--watch')
  expect(code).toBe(1)
  expect(stderr).toMatch(/ is failed: .*nowhere/)
})

test('a sweep is a run for each combination, listed together; sent again it is the same runs', async () => {
  const words = [
    'submit',
    ...tinyRun,
    '--steps',
    '1',
    '--sweep',
    'lr=1e-4,1e-3',
    '--sweep',
    'seed=0,1',
    '--key',
    'grid',
  ]
  const submitted = await run(...words)
  expect(submitted.code, submitted.stderr).toBe(0)
  expect(submitted.stderr).toBe('4 runs as grid; sent again with --key grid, none is there twice.\n')
  const ids = submitted.stdout.trim().split('\n')
  expect(new Set(ids).size).toBe(4)
  const { config, key } = await client.job(ids[2])
  expect({ key, rate: config.optimizer.learningRate, seed: config.seed }).toEqual({
    key: 'grid: lr=1e-3 seed=0',
    rate: 1e-3,
    seed: 0,
  })
  expect((await run(...words)).stdout).toBe(submitted.stdout)
  const lines = (await run('list')).stdout.split('\n')
  const heading = lines.findIndex((line) => line.startsWith('grid: '))
  expect(lines.slice(heading + 1, heading + 5).map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([
    ['lr=1e-4 seed=0', ids[0]],
    ['lr=1e-4 seed=1', ids[1]],
    ['lr=1e-3 seed=0', ids[2]],
    ['lr=1e-3 seed=1', ids[3]],
  ])
  // One that is no configuration keeps the others from being sent.
  const refused = await run('submit', ...tinyRun, '--sweep', 'lr=1e-4,fast')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  for (const id of ids) await client.command(id, 'cancel')
})

test('a runner for a graphics card that is not there is refused, with those that are', async () => {
  const { code, stderr } = await tiltlab(folder, ['serve', '--gpu', 'Voodoo', '--runs', 'elsewhere'])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^tiltlab: --gpu: no graphics card is called “Voodoo”; (there is none|this machine has “.+”)$/m,
  )
})

describe('what is refused', () => {
  test('a runner that is not there, a folder without a token, a wrong token, a run that there is not', async () => {
    const nobody = await tiltlab(folder, ['run', 'list', '--runner', 'http://127.0.0.1:9', '--runs', service.runs])
    expect(nobody).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No runner answers at http://127.0.0.1:9.'),
    })
    expect(await tiltlab(folder, ['run', 'list', '--runs', 'empty'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no token in'),
    })
    const stranger = new RunnerClient({ url: service.address, token: 'x'.repeat(43) })
    await expect(stranger.list()).rejects.toThrow(/needs the runner’s token/)
    await expect(stranger.files('a')).rejects.toThrow(RunnerError)
    expect(await run('watch', 'nothing')).toMatchObject({ code: 2, stderr: 'tiltlab: There is no job “nothing”.\n' })
  })

  test.each<[string, number, string, RequestInit]>([
    ['another content type', 415, '/api/jobs', { headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
    ['no content type', 415, '/api/jobs', { headers: { 'Content-Type': '' }, body: '{}' }],
    ['what is no JSON', 400, '/api/jobs', { body: '{' }],
    ['what is no configuration', 400, '/api/jobs', { body: '{"steps": 3}' }],
    ['a body of two megabytes', 413, '/api/jobs', { body: ' '.repeat(2 ** 21) }],
    ['an empty key', 400, '/api/jobs', { body: printJson(tinyConfig(0, 1)), headers: { 'Idempotency-Key': '' } }],
    ['a job that there is not', 404, '/api/jobs/nothing/cancel', { body: '{}' }],
    ['a command that there is not', 404, '/api/jobs/nothing/explode', { body: '{}' }],
    ['a method that there is not', 405, '/api/jobs', { method: 'DELETE' }],
    ['changing anything else', 405, '/api/runs', { body: '{}' }],
  ])('%s: %i, and nothing is queued', async (_, status, path, init) => {
    const before = await client.list()
    const { body, headers, method } = init
    const answer = await service.ask(path, {
      method: method ?? 'POST',
      ...(body !== undefined && { body }),
      headers: { 'Content-Type': 'application/json', ...(headers as Record<string, string>) },
    })
    expect(answer.status).toBe(status)
    expect(await client.list()).toEqual(before)
  })

  test('the same key for another run', async () => {
    await service.submit(tinyConfig(0, 1), 'reused')
    const answer = await service.submit(tinyConfig(1, 1), 'reused')
    expect(answer.status).toBe(409)
    expect(((await answer.json()) as { error: string }).error).toContain('Use a new key for a new job.')
  })
})

describe('files', () => {
  let id: string
  const ask = (path: string, headers: Record<string, string> = {}) =>
    service.ask(`/api/runs/${id}/files${path}`, { headers })
  beforeAll(async () => {
    id = ((await (await service.submit(tinyConfig(0, 1), 'files')).json()) as Job).id
    while ((await client.job(id)).endedAt === null) await delay(50)
  }, 120_000)

  test('links and hidden files are not listed, and no name leads out of the folder', async () => {
    await writeFile(join(folder, 'secret.txt'), 'secret')
    await symlink(join(folder, 'secret.txt'), join(service.runs, id, 'link.txt'))
    await symlink(folder, join(service.runs, id, 'out'))
    await writeFile(join(service.runs, id, '.hidden'), 'hidden')
    const names = (await client.files(id)).map(({ path }) => path)
    expect(names).toContain('journal.jsonl')
    expect(names.filter((name) => /link|out|hidden|secret|lock/.test(name))).toEqual([])
    for (const path of [
      '/link.txt',
      '/out/secret.txt',
      '/.hidden',
      '/..%2f..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/nowhere',
    ])
      expect((await ask(path)).status, path).toBe(404)
  })

  test('a download goes on from where it broke, unless the file has changed', async () => {
    const whole = await readFile(join(service.runs, id, 'journal.jsonl'))
    const first = await ask('/journal.jsonl')
    const etag = first.headers.get('etag')!
    expect(Buffer.from(await first.arrayBuffer()).equals(whole)).toBe(true)
    const rest = await ask('/journal.jsonl', { Range: 'bytes=100-', 'If-Range': etag })
    expect(rest.status).toBe(206)
    expect(rest.headers.get('content-range')).toBe(`bytes 100-${whole.length - 1}/${whole.length}`)
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(100))).toBe(true)
    expect((await ask('/journal.jsonl', { Range: 'bytes=100-', 'If-Range': '"old"' })).status).toBe(200)
    expect((await ask('/journal.jsonl', { Range: `bytes=${whole.length}-` })).status).toBe(416)

    const [file] = (await client.files(id)).filter(({ path }) => path === 'journal.jsonl')
    const to = join(folder, 'copy/journal.jsonl')
    await client.download(id, file, to)
    const part = `${to}.part-${file.etag.replace(/\W/g, '')}`
    await writeFile(part, whole)
    await truncate(part, 1234)
    await client.download(id, file, to)
    expect((await readFile(to)).equals(whole)).toBe(true)
    await expect(stat(part)).rejects.toThrow(/ENOENT/)
  })
})
