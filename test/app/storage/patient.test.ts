import { expect, test } from 'vitest'
import { keptFiles } from '../../../src/app/storage/opfs'
import { patientStorage } from '../../../src/app/storage/patient'
import { runStorage } from '../../../src/app/storage/run-storage'
import { FakeDisk } from './fake-disk'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (found: Uint8Array) => new TextDecoder().decode(found)

function run(roomBytes: number) {
  const disk = new FakeDisk(roomBytes)
  const troubles: string[] = []
  const storage = runStorage(keptFiles(disk.handle, 'runs'), 'a')
  return { disk, storage, troubles, patient: patientStorage(storage, (problem) => troubles.push(problem)) }
}

test('a journal that does not fit waits, is told of once, and is complete once there is room', async () => {
  const { disk, storage, troubles, patient } = run(8)
  await patient.appendJournal(bytes('one\n'))
  await patient.appendJournal(bytes('two, which is too long\n'))
  await patient.appendJournal(bytes('three\n'))
  expect(text(await storage.readJournal())).toBe('one\n')
  expect(troubles).toEqual([expect.stringContaining('no room left')])
  disk.roomBytes = 100
  await patient.appendJournal(bytes('four\n'))
  expect(text(await storage.readJournal())).toBe('one\ntwo, which is too long\nthree\nfour\n')
  expect(troubles.slice(1)).toEqual([''])
})

test('a checkpoint that does not fit leaves nothing behind, and takes the waiting journal with it when it fits', async () => {
  const { disk, storage, troubles, patient } = run(10)
  await patient.writeCheckpoint('step-000001', new Map([['state.json', bytes('1')]]))
  await patient.appendJournal(bytes('a line of more than ten bytes\n'))
  const large = new Map([['adapter', bytes('12345')], ['state.json', bytes('12345')]]) // prettier-ignore
  await patient.writeCheckpoint('step-000002', large)
  expect(await storage.listCheckpoints()).toEqual(['step-000001'])
  expect(disk.usedBytes()).toBe(1)
  expect(troubles).toHaveLength(1)
  disk.roomBytes = 100
  await patient.writeCheckpoint('step-000002', large)
  expect((await storage.listCheckpoints()).sort()).toEqual(['step-000001', 'step-000002'])
  expect(text(await storage.readJournal())).toBe('a line of more than ten bytes\n')
  expect(troubles[1]).toBe('')
})

test('what a rewind forgets does not come back when there is room', async () => {
  const { disk, storage, patient } = run(4)
  await patient.appendJournal(bytes('too long\n'))
  await patient.truncateJournal(0)
  disk.roomBytes = 100
  await patient.appendJournal(bytes('new\n'))
  expect(text(await storage.readJournal())).toBe('new\n')
})

test('another fault than a lack of room is not taken for one', async () => {
  const { storage } = run(100)
  const broken = { ...storage, appendJournal: () => Promise.reject(new Error('the disk is gone')) }
  await expect(patientStorage(broken, () => {}).appendJournal(bytes('x'))).rejects.toThrow('the disk is gone')
})
