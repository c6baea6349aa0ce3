import { describe, expect, test } from 'vitest'
import { memoryFiles, type Files } from '../../../src/app/storage/files'
import { keptFiles } from '../../../src/app/storage/opfs'
import { runStorage } from '../../../src/app/storage/run-storage'
import { FakeDisk } from './fake-disk'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (found: Uint8Array | undefined) => found && new TextDecoder().decode(found)

const places: [string, () => Files][] = [
  ['in memory', memoryFiles],
  ['kept by the browser', () => keptFiles(new FakeDisk().handle, 'runs')],
]

describe.each(places)('files %s', (_, open) => {
  test('what is written is read again, whole; what is not there is undefined', async () => {
    const files = open()
    expect(await files.read('runs/a/cell.json')).toBeUndefined()
    await files.write('runs/a/cell.json', bytes('a longer text'))
    await files.write('runs/a/cell.json', bytes('short'))
    expect(text(await files.read('runs/a/cell.json'))).toBe('short')
    expect(await files.sizeBytes()).toBe(5)
  })

  test('what was read does not change with what is written later, nor the other way round', async () => {
    const files = open()
    const written = bytes('one')
    await files.write('a', written)
    written[0] = 0
    const read = await files.read('a')
    await files.append('a', bytes(' two'))
    expect([text(read), text(await files.read('a'))]).toEqual(['one', 'one two'])
  })

  test('folders are listed without files and without what lies deeper', async () => {
    const files = open()
    await files.write('runs/a/deeper/x', bytes('1'))
    await files.write('runs/b/y', bytes('1'))
    await files.write('runs/z', bytes('1'))
    expect((await files.folders('runs')).sort()).toEqual(['a', 'b'])
    expect(await files.folders('nowhere')).toEqual([])
    expect(await files.folders('')).toEqual(['runs'])
  })

  test('a folder is removed with all that is in it, and nothing else; clearing leaves nothing', async () => {
    const files = open()
    await files.write('runs/a/x', bytes('1'))
    await files.write('runs/ab/x', bytes('22'))
    expect([await files.sizeBytes('runs/a'), await files.sizeBytes('runs'), await files.sizeBytes()]).toEqual([1, 3, 3])
    await files.remove('runs/a')
    await files.remove('runs/never')
    expect(await files.read('runs/a/x')).toBeUndefined()
    expect(text(await files.read('runs/ab/x'))).toBe('22')
    await files.clear()
    expect(await files.sizeBytes()).toBe(0)
    expect(await files.read('runs/ab/x')).toBeUndefined()
  })

  test('a journal grows, and is cut to its first bytes', async () => {
    const run = runStorage(open(), 'runs/a')
    expect(await run.readJournal()).toHaveLength(0)
    await run.truncateJournal(0)
    await run.appendJournal(bytes('one\n'))
    await run.appendJournal(bytes('two\n'))
    await run.truncateJournal(4)
    await run.appendJournal(bytes('three\n'))
    expect(text(await run.readJournal())).toBe('one\nthree\n')
  })

  test('a checkpoint is listed once it is whole, and replaced as a whole', async () => {
    const files = open()
    const run = runStorage(files, 'runs/a')
    await run.writeCheckpoint('step-10', new Map([['state.json', bytes('1')], ['old', bytes('2')]])) // prettier-ignore
    await run.writeCheckpoint('step-10', new Map([['state.json', bytes('3')]]))
    expect(await run.listCheckpoints()).toEqual(['step-10'])
    expect(text(await run.readCheckpoint('step-10', 'state.json'))).toBe('3')
    await expect(run.readCheckpoint('step-10', 'old')).rejects.toThrow('missing')
    await run.removeCheckpoint('step-10')
    expect(await run.listCheckpoints()).toEqual([])
  })
})

describe('a disk without room', () => {
  test('says what to do, and keeps the file as it was', async () => {
    const files = keptFiles(new FakeDisk(20).handle, 'runs')
    await files.write('runs/a/measures/x.json', bytes('twelve bytes'))
    const refused = files.write('runs/a/measures/x.json', bytes('more than twenty bytes'))
    await expect(refused).rejects.toThrowErrorMatchingInlineSnapshot(
      `[NoRoomError: This browser has no room left for what the page keeps. Remove kept runs, experiments or models that you do not need, or free some of the disk. What is kept already stays.]`,
    )
    await expect(files.append('runs/a/measures/x.json', bytes('and more'))).resolves.toBeUndefined()
    await expect(files.append('runs/a/measures/x.json', bytes('and more'))).rejects.toThrow('no room left')
    expect(text(await files.read('runs/a/measures/x.json'))).toBe('twelve bytesand more')
  })

  test('a checkpoint that did not fit is not listed', async () => {
    const run = runStorage(keptFiles(new FakeDisk(10).handle, 'runs'), 'runs/a')
    const parts = new Map([['adapter', bytes('12345678')], ['state.json', bytes('12345')]]) // prettier-ignore
    await expect(run.writeCheckpoint('step-10', parts)).rejects.toThrow('no room left')
    expect(await run.listCheckpoints()).toEqual([])
  })
})
