// kept-runs.svelte.ts: the runs that this browser keeps, as the page sees them

import { messageOf } from '../../core/errors'
import { summaryOf } from '../../core/run/summary'
import type { RunView } from '../../core/run/view'
import type { BroughtRun } from '../../lab/bundle/read'
import { noWords, type Words } from '../../lab/bundle/words'
import type { KeptJournal, Library, OpenedLibrary, Problem, Shelf } from '../storage/library'
import type { KeptRun } from '../storage/run-index'

/** What the browser gives the page, and what is taken. */
export interface Room {
  usedBytes: number
  quotaBytes: number
  /** Whether the browser has promised not to throw it away by itself. */
  persisted: boolean
}

/** The browser fails where it ought not to: nothing is lost by that, and nothing can be shown. */
function unreadable(error: unknown): Shelf {
  const cause = messageOf(error)
  const sentence = `What this browser keeps cannot be read (${cause}). Reload the page; if that does not help, close its other tabs.`
  return { runs: [], problems: [{ sentence, id: '' }] }
}

/** The part of the page that keeps runs could not be fetched. */
function notLoaded(): OpenedLibrary {
  return { library: null, problem: 'What this browser keeps cannot be read, nothing can be kept. Reload the page.' }
}

export class KeptRuns {
  /** Newest first; null until they are known. */
  runs: readonly KeptRun[] | null = $state.raw(null)
  /** Whether this browser lets the page keep anything. */
  keeps = $state(true)
  problems: readonly Problem[] = $state.raw([])
  room: Room | null = $state.raw(null)

  /** Fetched beside the page: nothing waits for it before it answers. */
  #opened = import('../storage/library').then(({ openLibrary }) => openLibrary(), notLoaded)
  /** What is written is written one after the other. */
  #last = Promise.resolve()

  /** Reads what is kept. @param repair whether this tab may put right what is wrong */
  async open(repair: boolean): Promise<void> {
    const { library, problem } = await this.#opened
    this.keeps = library !== null
    const shelf = library ? await library.open(repair).catch(unreadable) : { runs: [], problems: [] }
    this.runs = shelf.runs
    this.problems = problem ? [{ sentence: problem, id: '' }, ...shelf.problems] : shelf.problems
    await this.measure()
  }

  find(id: string): KeptRun | undefined {
    return this.runs?.find((run) => run.id === id)
  }

  /** Every event of a run. @throws {TiltlabError} if none can be read */
  async read(id: string): Promise<KeptJournal> {
    return (await this.#library()).read(id)
  }

  /** A run as one file. */
  async bundle(run: KeptRun): Promise<Blob> {
    return (await this.#library()).bundle($state.snapshot(run) as KeptRun)
  }

  /** Takes in a run from a file. @throws {TiltlabError} why it is refused */
  async bringIn(file: File): Promise<{ run: KeptRun; remarks: string[] }> {
    const { readRun } = await import('../../lab/bundle/read')
    return this.take(await readRun(file.name, file), 'file')
  }

  /** Takes in a run that was read. @throws {TiltlabError} why it is refused */
  async take(brought: BroughtRun, origin: KeptRun['origin']): Promise<{ run: KeptRun; remarks: string[] }> {
    const known = $state.snapshot(this.find(brought.run.id)) as KeptRun | undefined
    const run = await (await this.#library()).add(brought, origin, known)
    this.#show(run)
    return { run, remarks: brought.remarks }
  }

  /** A run of this tab has come this far. @param startedAt when it was begun first, ISO time */
  follow(view: RunView, startedAt: string): void {
    const summary = summaryOf(view, startedAt)
    if (!summary) return
    const known = this.find(view.runId) ?? { id: view.runId, ...noWords, origin: 'here', sizeBytes: 0, summary }
    this.#show({ ...known, summary })
    void this.#write(view.runId)
  }

  /** Takes what a person says of a run. */
  write(id: string, words: Partial<Words>): void {
    const run = this.find(id)
    if (!run) return
    this.#show({ ...run, ...words })
    void this.#write(id)
  }

  /** Removes runs with all that they kept. */
  async remove(ids: readonly string[]): Promise<void> {
    this.runs = (this.runs ?? []).filter(({ id }) => !ids.includes(id))
    this.problems = this.problems.filter(({ id }) => !ids.includes(id))
    await this.#inTurn(async (library) => {
      for (const id of ids) await library.remove(id)
    })
    await this.measure()
  }

  /** Asks the browser how much is taken, and of how much. */
  async measure(): Promise<void> {
    const storage = navigator.storage as StorageManager | undefined
    const { usage = 0, quota = 0 } = (await storage?.estimate?.()) ?? {}
    const persisted = (await storage?.persisted?.()) ?? false
    this.room = quota > 0 ? { usedBytes: usage, quotaBytes: quota, persisted } : null
  }

  /** Asks the browser not to throw away by itself what took so long to make. */
  async persist(): Promise<void> {
    await navigator.storage?.persist?.()
    await this.measure()
  }

  async #library(): Promise<Library> {
    const { library } = await this.#opened
    if (!library) throw new Error('nothing can be kept here')
    return library
  }

  #show(run: KeptRun): void {
    const others = (this.runs ?? []).filter(({ id }) => id !== run.id)
    this.runs = [...others, run].sort((a, b) => (a.summary.startedAt < b.summary.startedAt ? 1 : -1))
  }

  #write(id: string): Promise<void> {
    return this.#inTurn(async (library) => {
      const run = this.find(id)
      if (!run) return
      const { sizeBytes } = await library.put($state.snapshot(run) as KeptRun)
      const now = this.find(id)
      if (now) this.#show({ ...now, sizeBytes })
    })
  }

  #inTurn(work: (library: Library) => Promise<unknown>): Promise<void> {
    this.#last = this.#last.then(async () => {
      const { library } = await this.#opened
      try {
        if (library) await work(library)
      } catch (error) {
        const sentence = `The list of runs could not be written (${messageOf(error)}). What it says of a run is read from its journal when the page is opened next.`
        this.problems = [...this.problems.filter((known) => known.sentence !== sentence), { sentence, id: '' }]
      }
    })
    return this.#last
  }
}
