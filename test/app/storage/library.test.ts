import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/run/events'
import { journalLine, readJournal } from '../../../src/core/run/journal'
import { memoryFiles } from '../../../src/app/storage/files'
import { Library } from '../../../src/app/storage/library'
import { keptFiles } from '../../../src/app/storage/opfs'
import { memoryIndex, type KeptRun } from '../../../src/app/storage/run-index'
import { folderOf, runStorage } from '../../../src/app/storage/run-storage'
import { JOURNAL } from '../../../src/lab/bundle/names'
import { readRun } from '../../../src/lab/bundle/read'
import { readGently } from '../../../src/lab/bundle/read-gently'
import { noWords } from '../../../src/lab/bundle/words'
import { summaryOf } from '../../../src/core/run/summary'
import { nameOf } from '../../../src/app/runs/name'
import { replay } from '../../../src/core/run/view'
import { syntheticRun } from '../synthetic'
import { FakeDisk } from './fake-disk'

const ID = 'reinforce++-20261125T202418'
// Through a journal and back, as JSON knows no −0.
const { events } = readJournal(
  journalOf(
    syntheticRun('reinforce++', { steps: 12, every: 4 }).map((event) =>
      event.type === 'started' ? { ...event, runId: ID } : event,
    ),
  ),
)

function journalOf(all: readonly RunEvent[]): Uint8Array {
  return Buffer.concat(all.map((event, sequence) => journalLine(sequence, event)))
}

async function shelved(journal: Uint8Array, record?: Partial<KeptRun>) {
  const files = memoryFiles()
  const index = memoryIndex()
  const path = `${folderOf(ID)}/${JOURNAL}`
  await files.write(path, journal)
  const summary = summaryOf(replay(events), '2026-01-01T00:00:00.000Z')!
  if (record) await index.put({ id: ID, ...noWords, origin: 'here', sizeBytes: 1, summary, ...record })
  return { files, index, path, library: new Library(files, index) }
}

describe('the library', () => {
  test('a run without a line in the index gets one from its journal', async () => {
    const { library, index } = await shelved(journalOf(events))
    const { runs, problems } = await library.open(true)
    expect(problems).toEqual([])
    expect(runs).toMatchObject([{ id: ID, origin: 'here', summary: { step: 12, end: { reason: 'completed' } } }])
    expect(runs[0].sizeBytes).toBe(journalOf(events).length)
    expect(await index.all()).toEqual(runs)
  })

  test('a run that was cut short is read again, and keeps what a person wrote', async () => {
    const words = { name: 'mine', tags: ['talk'], note: 'look at step 7' }
    const begun = summaryOf(replay(events.slice(0, 1)), 'then')!
    const { library } = await shelved(journalOf(events.slice(0, 7)), { ...words, summary: begun })
    const { runs } = await library.open(true)
    expect(runs).toMatchObject([{ ...words, summary: { step: 4, end: null } }])
  })

  test('while another tab writes, nothing is put right', async () => {
    const { library, index, files } = await shelved(new Uint8Array())
    await index.put({ ...(await otherRun()), id: 'gone' })
    const { runs, problems } = await library.open(false)
    expect([runs, problems]).toEqual([[], []])
    expect(await index.all()).toHaveLength(1)
    expect(await files.folders('')).toHaveLength(1)
  })

  test('a line without a run goes, and is told of', async () => {
    const { library, index } = await shelved(journalOf(events))
    await index.put({ ...(await otherRun()), id: 'gone', name: 'my best run' })
    const { runs, problems } = await library.open(true)
    expect(runs.map(({ id }) => id)).toEqual([ID])
    expect(problems).toMatchInlineSnapshot(`
      [
        {
          "id": "",
          "sentence": "The files of “my best run” are gone: this browser has removed them, or its data was cleared.",
        },
      ]
    `)
    expect(await index.all()).toHaveLength(1)
  })

  test('a run that was about to begin anew when the tab died begins anew', async () => {
    const { library } = await shelved(new Uint8Array(), { summary: summaryOf(replay(events.slice(0, 9)), 'then')! })
    expect((await library.open(true)).runs).toMatchObject([{ id: ID, summary: { step: 0, savedStep: 0, end: null } }])
  })

  test('a folder with nothing in it is cleared away', async () => {
    const { library, files } = await shelved(new Uint8Array())
    expect(await library.open(true)).toEqual({ runs: [], problems: [] })
    expect(await files.folders('')).toEqual([])
  })

  test('a journal of which nothing can be read is told of, with the run that can be deleted', async () => {
    const { library } = await shelved(Buffer.from('<script>alert(1)</script>\n'))
    expect(await library.open(true)).toMatchInlineSnapshot(`
      {
        "problems": [
          {
            "id": "reinforce++-20261125T202418",
            "sentence": "The run reinforce++-20261125T202418 cannot be shown: its journal is damaged. Delete it, and import it again if you exported it.",
          },
        ],
        "runs": [],
      }
    `)
  })

  test('damage in the middle is told, a torn last line is not', async () => {
    const whole = journalOf(events)
    const torn = await shelved(whole.subarray(0, whole.length - 5))
    expect(await torn.library.read(ID)).toMatchObject({ damage: '' })
    const harmed = Uint8Array.from(whole)
    harmed[journalOf(events.slice(0, 6)).length + 40] ^= 1
    const { events: read, damage } = await (await shelved(harmed)).library.read(ID)
    expect(read).toEqual(events.slice(0, 6))
    expect(damage).toBe('The journal of this run is damaged after step 4: what comes later cannot be read.')
  })

  test('what is removed leaves neither files nor a line', async () => {
    const { library, files, index } = await shelved(journalOf(events), {})
    await library.remove(ID)
    expect([await files.sizeBytes(), await index.all()]).toEqual([0, []])
  })
})

describe('a run from a file', () => {
  const emptyLibrary = (roomBytes = Infinity) => {
    const disk = new FakeDisk(roomBytes)
    return { disk, library: new Library(keptFiles(disk.handle, 'runs'), memoryIndex()) }
  }

  test('is kept with all that came with it, once', async () => {
    const brought = await readRun('journal.jsonl', new Blob([new Uint8Array(journalOf(events))]))
    const parts = new Map(['state.json', 'manifest.json'].map((name) => [name, new TextEncoder().encode('{}')]))
    brought.checkpoints.set('step-000008', parts)
    const { library, disk } = emptyLibrary()
    const kept = await library.add(brought, 'file')
    expect(kept).toEqual({ ...brought.run, origin: 'file', sizeBytes: disk.usedBytes() })
    const copy = runStorage(library.files, folderOf(ID))
    expect(await copy.readJournal()).toEqual(Uint8Array.from(journalOf(events)))
    expect(await copy.listCheckpoints()).toEqual(['step-000008'])
    expect(await copy.readCheckpoint('step-000008', 'state.json')).toEqual(parts.get('state.json'))
    expect((await readRun('x.zip', await library.bundle(kept))).run).toMatchObject({ id: ID, summary: kept.summary })
    await expect(library.add(brought, 'file')).rejects.toThrow('kept here already')
  })

  test('takes the place of what is kept of it where it went on elsewhere, and nothing else does', async () => {
    const file = (all: readonly RunEvent[]) => readRun('journal.jsonl', new Blob([new Uint8Array(journalOf(all))]))
    const part = (mark: string) => new Map([['manifest.json', new TextEncoder().encode(mark)]])
    const { library } = emptyLibrary()
    const begun = await file(events.slice(0, 7))
    begun.checkpoints.set('step-000002', part('old')).set('step-000004', part('old'))
    const kept = { ...(await library.add(begun, 'file')), name: 'mine', note: 'look at step 4' }
    const home = await file(events)
    home.checkpoints.set('step-000004', part('new')).set('step-000012', part('new'))
    const moved = await library.add(home, 'runner', kept)
    expect(moved).toMatchObject({ name: 'mine', note: 'look at step 4', origin: 'file', summary: { step: 12 } })
    const storage = runStorage(library.files, folderOf(ID))
    expect(await storage.readJournal()).toEqual(Uint8Array.from(journalOf(events)))
    expect((await storage.listCheckpoints()).sort()).toEqual(['step-000004', 'step-000012'])
    expect(await storage.readCheckpoint('step-000004', 'manifest.json')).toEqual(part('new').get('manifest.json'))

    await expect(library.add(begun, 'runner', moved)).rejects.toThrow('is not further on where it comes from')
    const [first, ...rest] = events
    const other = await file([{ ...first, time: '1999-12-31T00:00:00.000Z' } as RunEvent, ...rest])
    await expect(library.add(other, 'runner', { ...moved, summary: { ...moved.summary, step: 1 } })).rejects.toThrow(
      'Delete that one first',
    )
    expect(await storage.readJournal()).toEqual(Uint8Array.from(journalOf(events)))
  })

  test('leaves nothing behind where it does not fit', async () => {
    const brought = await readRun('journal.jsonl', new Blob([new Uint8Array(journalOf(events))]))
    const { library, disk } = emptyLibrary(1000)
    await expect(library.add(brought, 'file')).rejects.toThrow('no room left')
    expect([disk.usedBytes(), (await library.open(true)).runs]).toEqual([0, []])
  })
})

test('a journal of any length is read in pieces as it is read at once', async () => {
  const long = Array.from({ length: 60 }, () => events.slice(1, -1)).flat()
  const bytes = journalOf([events[0], ...long])
  expect(bytes.length).toBeGreaterThan(600_000)
  for (const journal of [bytes, bytes.subarray(0, bytes.length - 3), bytes.subarray(0, 0)])
    expect(await readGently(journal)).toEqual(readJournal(journal))
})

async function otherRun(): Promise<KeptRun> {
  const { library } = await shelved(journalOf(events))
  return (await library.open(false)).runs[0]
}

test('a run is called by its preset and what differs from it, unless a person says otherwise', async () => {
  const run = await otherRun()
  expect(nameOf(run)).toBe('reinforce++, steps 12')
  expect(nameOf({ ...run, name: 'mine' })).toBe('mine')
})
