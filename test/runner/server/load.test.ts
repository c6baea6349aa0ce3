// The load test in small: the real queue and server under many jobs and watchers lose nothing and send nothing twice.
// `npm run bench:runner` is the whole of it; docs/runner.md keeps its figures.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'

const root = join(import.meta.dirname, '../../..')
/** Below the root, where the packages are found that it needs. */
const outDir = join(root, 'dist/bench-runner-test')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-load-test-'))
  const config = { root, mode: 'node', logLevel: 'error', build: { ssr: 'bench/runner/main.ts', outDir } } as const
  await build(config)
}, 300_000)
afterAll(async () => {
  await rm(folder, { recursive: true })
  await rm(outDir, { recursive: true, force: true })
})

test('12 jobs, 10 watchers, one of which stands still for a while: every event comes to everybody once', async () => {
  const json = join(folder, 'figures.json')
  const words = [
    '--jobs',
    '12',
    '--watchers',
    '10',
    '--events',
    '2400',
    '--slots',
    '3',
    '--rate',
    '1200',
    '--json',
    json,
  ]
  await promisify(execFile)(process.execPath, [join(outDir, 'cli.js'), ...words])
  const figures = JSON.parse(await readFile(json, 'utf8')) as Record<string, number> & { seen: object }
  expect(figures).toMatchObject({ done: 12, journalled: 12 * 202, expected: 12 * 202, toBeSeen: 12 * 202 * 6 })
  expect(figures.seen).toMatchObject({ events: 12 * 202 * 6, lost: 0, twice: 0 })
})
