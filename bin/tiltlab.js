#!/usr/bin/env node
// tiltlab.js: starts the command line, in a checkout as in an installed package
//
// A checkout has no build of its own: the first call makes dist/node, and so does any later call that finds
// a newer source. Everything said about that goes to stderr, so that stdout stays what the command prints.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const built = join(root, 'dist/node/cli.js')
const lock = join(root, 'dist/.node-build.lock')

/** What the Node build is made from: everything but the page. */
const sources = ['core', 'engine', 'rewards', 'lab', 'runner'].map((room) => join(root, 'src', room))

// While another process builds, what lies there may be half written.
if (existsSync(join(root, 'src')) && (existsSync(lock) || outdated())) buildOnce()
await import(pathToFileURL(built).href)

/** Folders count too: a removed file changes nothing else. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function outdated() {
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return [...sources, join(root, 'vite.config.ts'), join(root, 'package.json')].some((path) => newest(path) > builtAt)
}

function buildOnce() {
  mkdirSync(dirname(lock), { recursive: true })
  while (!acquire()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  try {
    if (outdated()) build()
  } finally {
    rmSync(lock, { force: true })
  }
}

function build() {
  process.stderr.write('tiltlab: building…\n')
  const startedAt = new Date()
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--mode', 'node', '--logLevel', 'error']
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    process.stderr.write('tiltlab: the build failed. Run npm ci, then try again.\n')
    rmSync(lock, { force: true })
    process.exit(1)
  }
  // A source saved while the build ran is newer than what was built.
  utimesSync(built, startedAt, startedAt)
}

/** One build at a time; the lock of a process that is gone does not count. */
function acquire() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(holder())) rmSync(lock, { force: true })
    return false
  }
}

function holder() {
  try {
    return Number(readFileSync(lock, 'utf8'))
  } catch {
    return process.pid
  }
}

function isAlive(pid) {
  // An empty file is a lock that is being written.
  if (!pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
