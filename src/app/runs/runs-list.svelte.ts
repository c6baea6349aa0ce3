// runs-list.svelte.ts: the state of the Runs view: the list, what comes and goes as files, and what went wrong

import { TiltlabError } from '../../core/errors'
import { bundleName } from '../../lab/bundle/names'
import { size } from '../../core/format'
import type { Page } from '../state/page.svelte'
import type { AttachedRunner } from '../runners/attached.svelte'
import type { RunFile } from '../../lab/runner-client'
import { fetchFile, fetchRun } from '../runners/download'
import { save } from '../rewards/save'
import { rowsOf, type Row } from './rows'

export class RunsList {
  /** What is being done; empty for nothing. */
  busy = $state('')
  /** What was imported, refused, or left out, a sentence each. */
  remarks: readonly { sentence: string; tone: 'good' | 'bad' | 'plain' }[] = $state.raw([])
  /** Ends what is being done, where that can be. */
  stop: (() => void) | null = $state.raw(null)

  rows = $derived.by(() => rowsOf(this.page.kept.runs ?? [], this.page.runners.all))
  /** Whether a runner trains something. */
  isWorkedOn = $derived.by(() =>
    this.page.runners.ready.some(({ jobs }) => jobs.some(({ state }) => state === 'running')),
  )
  /** Whether this tab may change what is kept. */
  mayWrite = $derived.by(() => this.page.role === 'writer' && this.page.kept.keeps)

  #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  get page(): Page {
    return this.#page
  }

  /** Whether a run is being trained: here, or by the runner. */
  isLive({ id, runner, job }: Row): boolean {
    if (runner) return job !== null && job.endedAt === null
    return this.page.tab.training && this.page.tab.feed.view.runId === id
  }

  /** Looks at everything anew. */
  async refresh(): Promise<void> {
    await Promise.all([this.refreshRunners(), this.page.kept.measure()])
  }

  /** Asks the runners for their runs. */
  async refreshRunners(): Promise<void> {
    await Promise.all(this.page.runners.all.map((runner) => runner.refresh()))
  }

  /** Hands a run to the person as one file. */
  async export({ id, kept, runner, name, tags, note }: Row): Promise<void> {
    await this.#work(`Packing ${id}.`, async (signal) => {
      if (kept) save(bundleName(id), await this.page.kept.bundle(kept), 'application/zip')
      if (!runner) return []
      const { bundle } = await import('../../lab/bundle/bundle')
      const { storageOf } = await import('../../lab/bundle/read')
      const brought = await this.#fetch(runner, id, signal)
      const words = { name: name === id ? '' : name, tags: [...tags], note }
      save(bundleName(id), await bundle(storageOf(brought), brought.run.summary.config, words), 'application/zip')
      return []
    })
  }

  /** Brings a run of a runner into this browser as it is; one that is being trained is saved and ends there first. */
  async bring({ id, runner }: Row): Promise<void> {
    if (!this.mayWrite || !runner) return
    await this.#work(`Saving ${id} on the runner.`, async (signal) => {
      await runner.settle(id, signal)
      const { run, remarks } = await this.page.kept.take(await this.#fetch(runner, id, signal), 'runner')
      this.page.chooseRuns({ find: '', chosen: [run.id] })
      return [
        `${id} is in this browser now, with its journal and its checkpoints as they were on the runner.`,
        ...remarks,
      ]
    })
  }

  /** The files that a run has left on its runner. */
  async files({ id, runner }: Row): Promise<RunFile[]> {
    let files: RunFile[] = []
    await this.#work(`Asking for the files of ${id}.`, async () => {
      files = (await runner?.client.files(id)) ?? []
      return []
    })
    return files
  }

  /** Hands one of them to the person. */
  async download({ id, runner }: Row, file: RunFile): Promise<void> {
    await this.#work(`Fetching ${file.path}.`, async (signal) => {
      const onBytes = (done: number) => this.#tell(`Fetching ${file.path}`, done, file.sizeBytes)
      const bytes = await fetchFile(runner!.client, id, file, onBytes, signal)
      save(`${id}-${file.path.replaceAll('/', '-')}`, new Blob([bytes as BlobPart]), 'application/octet-stream')
      return []
    })
  }

  /** Takes a run out of the queue, or saves it and ends it. */
  async cancel({ id, runner }: Row): Promise<void> {
    await this.#work(`Cancelling ${id}.`, async () => {
      await runner?.command(id, 'cancel')
      return []
    })
  }

  async bringIn(files: readonly File[]): Promise<void> {
    if (!this.mayWrite) return
    this.remarks = []
    for (const file of files) {
      await this.#work(`Reading ${file.name}.`, async () => {
        const { run, remarks } = await this.page.kept.bringIn(file)
        this.page.chooseRuns({ find: '', chosen: [run.id] })
        return [`“${file.name}” was imported.`, ...remarks]
      })
    }
  }

  async remove(rows: readonly Row[]): Promise<void> {
    const ids = rows.map(({ key }) => key)
    this.page.chooseRuns({ chosen: this.page.runs.chosen.filter((id) => !ids.includes(id)) })
    await this.page.kept.remove(ids)
  }

  forget(sentence: string): void {
    this.remarks = this.remarks.filter((remark) => remark.sentence !== sentence)
  }

  #fetch(runner: AttachedRunner, id: string, signal: AbortSignal) {
    return fetchRun(runner.client, id, (done, total) => this.#tell(`Fetching ${id}`, done, total), signal)
  }

  #tell(what: string, done: number, total: number): void {
    this.busy = `${what}: ${size(done)} of ${size(total)}.`
  }

  async #work(what: string, work: (signal: AbortSignal) => Promise<string[]>): Promise<void> {
    const stopped = new AbortController()
    this.busy = what
    this.stop = () => stopped.abort()
    try {
      const [done, ...rest] = await work(stopped.signal)
      const said = done ? [{ sentence: done, tone: 'good' as const }] : []
      this.remarks = [...this.remarks, ...said, ...rest.map((sentence) => ({ sentence, tone: 'plain' as const }))]
    } catch (error) {
      if (stopped.signal.aborted) return
      if (!(error instanceof TiltlabError)) throw error
      this.remarks = [...this.remarks, { sentence: error.message, tone: 'bad' }]
    } finally {
      this.busy = ''
      this.stop = null
    }
  }
}
