// disk.mjs: a disk that can be watched, and that fails when it is told to
//
// Wraps what writes in node:fs and node:fs/promises, for everything that imports them: `wrapDisk` in the process of a test, or
// the whole of it as a preload of another process (`node --import`, with a plan in TILTLAB_DISK). Operations below one folder
// are counted from 1; a plan says what becomes of which. Reading goes on as it is.
//
// SQLite writes by itself, past all this.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * One operation, before it is done.
 * @typedef {{ number: number, name: string, path: string, to?: string, bytes?: Uint8Array, size?: number }} Operation
 *
 * What is to become of it: `skip` does nothing, and says that it is done; `half` writes the first half of the bytes and then does
 * as it says, and where no bytes are written it is as if it came before.
 * @typedef {'go' | 'skip' | { when: 'before' | 'half' | 'after', act: () => void | Promise<never> }} Verdict
 */

const paths = new WeakMap()
/** Files that were opened: a life that is killed in this process closes none. */
const open = new Set()
const original = { ...fs.promises, handle: undefined, sync: { ...fs } }

/** @type {null | ((operation: Omit<Operation, 'number'>) => Verdict)} */
let judge = null

/**
 * Asks `decide` about every operation below a folder, until the returned function is called.
 *
 * @param {string} folder
 * @param {(operation: Operation) => Verdict} decide
 * @returns {Promise<() => void>}
 */
export async function wrapDisk(folder, decide) {
  const below = resolve(folder)
  let number = 0
  await wrapOnce()
  for (const handle of open) await handle.close()
  open.clear()
  judge = (operation) => {
    const path = resolve(operation.path)
    return path === below || path.startsWith(`${below}/`) ? decide({ ...operation, number: ++number }) : 'go'
  }
  return () => void (judge = null)
}

/** @type {Promise<void> | undefined} */
let wrapped
const wrapOnce = () => (wrapped ??= wrap())

async function wrap() {
  const byPath = ['mkdir', 'rm', 'rmdir', 'unlink', 'truncate']
  for (const name of byPath)
    fs.promises[name] = (path, ...rest) =>
      around({ name, path, size: rest[0]?.valueOf() }, () => original[name](path, ...rest))
  for (const name of ['rename', 'link', 'copyFile'])
    fs.promises[name] = (path, to, ...rest) => around({ name, path, to }, () => original[name](path, to, ...rest))
  for (const name of ['writeFile', 'appendFile'])
    fs.promises[name] = (path, data, ...rest) =>
      around({ name, path, bytes: bytesOf(data) }, (bytes) => original[name](path, bytes, ...rest))
  fs.promises.open = async (path, flags = 'r', ...rest) => {
    const perform = async () => {
      const opened = await original.open(path, flags, ...rest)
      if (judge) open.add(opened)
      return opened
    }
    const handle = flags === 'r' ? await perform() : await around({ name: `open ${flags}`, path }, perform)
    paths.set(handle, path)
    return handle
  }
  for (const name of ['mkdirSync', 'rmSync', 'unlinkSync', 'truncateSync', 'renameSync'])
    fs[name] = (path, ...rest) => aroundSync({ name, path }, () => original.sync[name](path, ...rest))
  fs.writeFileSync = (path, data, ...rest) =>
    aroundSync({ name: 'writeFileSync', path, bytes: bytesOf(data) }, (bytes) =>
      original.sync.writeFileSync(path, bytes, ...rest),
    )
  await wrapHandles()
  syncBuiltinESMExports()
}

async function wrapHandles() {
  const handle = await original.open(join(tmpdir(), '.'), 'r')
  const methods = Object.getPrototypeOf(handle)
  await handle.close()
  for (const name of ['write', 'writeFile', 'appendFile']) {
    const write = methods[name]
    methods[name] = function (data, ...rest) {
      const path = paths.get(this)
      if (path === undefined) return write.call(this, data, ...rest)
      return around({ name, path, bytes: bytesOf(data) }, (bytes) => write.call(this, bytes, ...rest))
    }
  }
  for (const name of ['sync', 'datasync', 'truncate']) {
    const change = methods[name]
    methods[name] = function (...rest) {
      const path = paths.get(this)
      if (path === undefined) return change.call(this, ...rest)
      return around({ name: name === 'truncate' ? name : 'sync', path, size: rest[0] }, () =>
        change.call(this, ...rest),
      )
    }
  }
}

async function around(operation, perform) {
  const verdict = judge?.(operation) ?? 'go'
  if (verdict === 'skip') return
  if (verdict === 'go') return perform(operation.bytes)
  if (verdict.when === 'after') await perform(operation.bytes)
  if (verdict.when === 'half' && operation.bytes)
    await perform(operation.bytes.subarray(0, operation.bytes.length >> 1))
  return verdict.act()
}

function aroundSync(operation, perform) {
  const verdict = judge?.(operation) ?? 'go'
  if (verdict === 'skip') return
  if (verdict === 'go') return perform(operation.bytes)
  if (verdict.when === 'after') perform(operation.bytes)
  if (verdict.when === 'half' && operation.bytes) perform(operation.bytes.subarray(0, operation.bytes.length >> 1))
  return verdict.act()
}

function bytesOf(data) {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : data
}

/**
 * What the system throws.
 * @param {string} code @param {string} [path]
 */
export function refusal(code, path = '') {
  return Object.assign(new Error(`${code}: the test says so, '${path}'`), { code, path })
}

/** A process that is being tested: its plan comes in its environment. */
const { TILTLAB_DISK } = process.env
if (TILTLAB_DISK) {
  const { folder, command, list, at, when, what, forEver } = JSON.parse(TILTLAB_DISK)
  if (process.argv.includes(command))
    await wrapDisk(folder, ({ number, name, path, bytes }) => {
      if (list) original.sync.appendFileSync(list, `${JSON.stringify({ name, path, writes: bytes !== undefined })}\n`)
      if (at === undefined || !(number === at || (forEver && number > at))) return 'go'
      return {
        when,
        act: () => {
          if (what !== 'kill') throw refusal(what, path)
          process.kill(process.pid, 'SIGKILL')
          return new Promise(() => undefined)
        },
      }
    })
}
