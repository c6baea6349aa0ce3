// The package as somebody gets it: packed, installed in an empty folder, and used from there

import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenOf } from '../../src/runner/server/token'
import { freePort } from '../free-port'
import { tinyRun } from './command'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-package-'))
const home = join(folder, 'home')
const command = join(home, 'node_modules/.bin/tiltlab')

beforeAll(() => {
  // What `npm test` has built is packed as it is.
  succeed(npm(root, 'pack', '--ignore-scripts', '--pack-destination', folder))
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{}')
  succeed(
    npm(home, 'install', '--prefer-offline', '--no-audit', '--onnxruntime-node-install=skip', join(folder, packed)),
  )
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000)

function npm(cwd: string, ...words: string[]): SpawnSyncReturns<string> {
  return spawnSync('npm', words, { cwd, encoding: 'utf8' })
}

function succeed({ status, stderr, error }: SpawnSyncReturns<string>): void {
  if (status !== 0) throw error ?? new Error(stderr)
}

function tiltlab(...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(command, words, { cwd: home, encoding: 'utf8' })
}

test('it says what it can do, and completes commands in a shell', () => {
  expect(tiltlab('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(tiltlab('--help').stdout).toContain('Exit codes:')
  expect(tiltlab('completion', 'bash').stdout).toContain('complete')
  expect(tiltlab('complete', '--', 'run', 'f').stdout).toContain('fetch')
  expect(tiltlab('complete', '--', 'train', '--preset', 'dapo').stdout).toContain('dapo')
})

test('it trains, and goes on with what it has trained', () => {
  expect(tiltlab('train', '--out', 'run', ...tinyRun, '--steps', '1')).toMatchObject({ status: 0 })
  expect(tiltlab('train', '--resume', 'run').stdout).toContain('All steps are done.')
  expect(tiltlab('train', '--resume', 'nowhere')).toMatchObject({ status: 2 })
})

test('it serves its page and models, takes its settings from where it is told, and logs a JSON object a line', async () => {
  const port = await freePort()
  writeFileSync(join(home, 'tiltlab.json'), JSON.stringify({ runs: 'served', log: 'json', port: 1 }))
  const address = `http://127.0.0.1:${port}`
  const environment = { ...process.env, TILTLAB_PORT: String(port), TILTLAB_RUNNER: address }
  const runner = spawn(command, ['serve'], { cwd: home, env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(runner.stderr)
  await expect
    .poll(
      () =>
        fetch(address).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 120_000 },
    )
    .toBe(200)
  const page = await (await fetch(address)).text()
  const [, script] = /src="([^"]+\.js)"/.exec(page)!
  expect((await fetch(address + script)).status).toBe(200)
  expect((await fetch(`${address}/models/guess/config.json`)).status).toBe(200)

  const submitted = spawnSync(command, ['run', 'submit', '--watch', ...tinyRun, '--steps', '1'], {
    cwd: home,
    env: environment,
    encoding: 'utf8',
  })
  expect(submitted).toMatchObject({ status: 0 })
  const [id] = submitted.stdout.split('\n')
  runner.kill('SIGTERM')
  const [code] = (await once(runner, 'exit')) as [number]
  expect(code).toBe(143)

  const log = await said
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines[0]).toMatchObject({ level: 'info', url: address, version: expect.any(String) as string })
  const states = lines.filter(({ job }) => job === id).map(({ state }) => state)
  expect(states).toEqual(['queued', 'running', 'done'])
  expect(lines.at(-1)).toMatchObject({ signal: 'SIGTERM' })
  expect(log).not.toContain(await tokenOf(join(home, 'served')))
})
