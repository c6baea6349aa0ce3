// A run's folder is written whole or not at all, by one process, and nothing is read from outside of a model's folder.

import { writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cachedSource, folderSource } from '../../src/runner/files'
import { hashedSource } from '../../src/engine/hub'
import { holdFolder, LockedFolderError } from '../../src/runner/lock'
import { modelSource } from '../../src/runner/models'
import { openFolderStorage, writeAtomically } from '../../src/runner/storage'
import { wrapDisk } from './faults/disk.mjs'

let folder: string
const bytes = (text: string) => new TextEncoder().encode(text)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-storage-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a run’s folder', () => {
  test('the journal is empty at first, grows by appending and can be cut', async () => {
    const storage = await openFolderStorage(folder)
    expect(await storage.readJournal()).toHaveLength(0)
    await storage.appendJournal(bytes('one\n'))
    await storage.appendJournal(bytes('two\n'))
    await storage.truncateJournal(4)
    expect(Buffer.from(await storage.readJournal()).toString()).toBe('one\n')
  })

  test('a checkpoint is listed once it is whole; one of the same name replaces it', async () => {
    const storage = await openFolderStorage(folder)
    await storage.writeCheckpoint('step-1', new Map([['state.json', bytes('1')]]))
    await storage.writeCheckpoint('step-1', new Map([['state.json', bytes('2')]]))
    // What a crash in the middle leaves behind.
    await writeFile(join(folder, 'checkpoints/.new-step-2'), '')
    expect(await storage.listCheckpoints()).toEqual(['step-1'])
    expect(Buffer.from(await storage.readCheckpoint('step-1', 'state.json')).toString()).toBe('2')
    await storage.removeCheckpoint('step-1')
    expect(await storage.listCheckpoints()).toEqual([])
  })

  test('a folder that a live process writes is refused; the lock of a dead one is not', async () => {
    await openFolderStorage(folder)
    await writeFile(join(folder, 'lock'), `${process.ppid} \n`)
    const error = await openFolderStorage(folder).catch((reason: Error) => reason)
    expect(
      (error as Error).message.replace(folder, 'FOLDER').replace(String(process.ppid), 'PID'),
    ).toMatchInlineSnapshot(
      `"FOLDER is being written by process PID. Wait until that run ends, or choose another folder with --out."`,
    )
    // Of a dead process; of one whose number another has now; of one that died while it wrote it.
    for (const left of ['999999999 1\n', `${process.ppid} 1\n`, '', String(process.ppid)]) {
      await writeFile(join(folder, 'lock'), left)
      await (await openFolderStorage(folder)).release()
      expect(await readdir(folder)).toEqual(['checkpoints'])
    }
  })

  test('of two that find the lock of a dead process, the one that comes late gives back what it took', async () => {
    const lock = join(folder, 'lock')
    await writeFile(lock, '999999999 1\n')
    const quicker = `${process.ppid} \n`
    const unwrap = await wrapDisk(folder, ({ name }) => {
      if (name === 'rename') writeFileSync(lock, quicker)
      return 'go'
    })
    await expect(holdFolder(folder).finally(unwrap)).rejects.toThrow(LockedFolderError)
    expect(await readFile(lock, 'utf8')).toBe(quicker)
    expect(await readdir(folder)).toEqual(['lock'])
  })
})

test('a file is replaced as a whole, and a failed write leaves nothing', async () => {
  const path = join(folder, 'answer.json')
  await writeAtomically(path, 'old')
  await writeAtomically(path, 'new')
  await expect(writeAtomically(join(folder, 'missing/answer.json'), 'x')).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['answer.json'])
  expect(await readFile(path, 'utf8')).toBe('new')
})

describe('model files', () => {
  test.each(['../secret', '/etc/passwd', 'onnx/../../secret', '..\\secret'])('%s is not read', async (path) => {
    await expect(folderSource('model', folder).read(path)).rejects.toThrow(/leads out of model/)
  })

  test('a file that is missing is undefined, so that optional files can be', async () => {
    expect(await folderSource('model', folder).read('generation_config.json')).toBeUndefined()
  })

  test('a remote file is fetched once and then read from disk', async () => {
    let fetched = 0
    const remote = {
      name: 'hub',
      read: async (path: string) => (path === 'a.json' ? bytes(`${++fetched}`) : undefined),
    }
    const cached = cachedSource(remote, join(folder, 'cache'))
    for (const _ of [1, 2]) expect(Buffer.from((await cached.read('a.json'))!).toString()).toBe('1')
    expect(await cached.read('b.json')).toBeUndefined()
    expect(fetched).toBe(1)
  })

  test('the hash names the weights, whatever else was read', async () => {
    const read = async (path: string) => bytes(path)
    const hash = async (...paths: string[]) => {
      const { files, sha256 } = hashedSource({ name: 'model', read })
      for (const path of paths) await files.read(path)
      return sha256()
    }
    expect(await hash('onnx/a', 'onnx/b', 'config.json')).toBe(await hash('onnx/b', 'onnx/a'))
    expect(await hash('onnx/a')).not.toBe(await hash('onnx/b'))
  })

  test('“embedded” is the default model', () => {
    expect(modelSource('embedded').name).toBe(modelSource('embedded:guess').name)
  })

  test.each(['embedded:gess', 'no folder', 'gpt2'])('an unknown model is refused: %s', (id) => {
    expect(() => modelSource(id)).toThrowErrorMatchingSnapshot()
  })
})
