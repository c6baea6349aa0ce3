// runs-list.svelte.ts: the state of the Runs view: the list, what comes and goes as files, and what went wrong

import { TiltlabError } from '../../core/errors'
import { bundleName } from '../../lab/bundle/names'
import type { Page } from '../state/page.svelte'
import { listRunnerRuns, type RunnerRun } from '../state/runner'
import { save } from '../rewards/save'
import { rowsOf, type Row } from './rows'

export class RunsList {
  /** What is being done; empty for nothing. */
  busy = $state('')
  /** What was imported, refused, or left out, a sentence each. */
  remarks: readonly { sentence: string; tone: 'good' | 'bad' | 'plain' }[] = $state.raw([])
  #runner: readonly RunnerRun[] = $state.raw([])

  rows = $derived.by(() => rowsOf(this.page.kept.runs ?? [], this.#runner))
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
  isLive({ id, place, summary }: Row): boolean {
    if (place === 'runner') return this.page.runner?.live === id && summary.end === null
    return this.page.tab.training && this.page.tab.feed.view.runId === id
  }

  /** Asks the runner for its runs; what it said before stays where it does not answer. */
  async refresh(): Promise<void> {
    if (this.page.runner) this.#runner = await listRunnerRuns().catch(() => this.#runner)
    await this.page.kept.measure()
  }

  async export({ kept }: Row): Promise<void> {
    if (!kept) return
    await this.#work(`Packing ${kept.id}.`, async () => {
      save(bundleName(kept.id), await this.page.kept.bundle(kept), 'application/zip')
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
    const ids = rows.map(({ id }) => id)
    this.page.chooseRuns({ chosen: this.page.runs.chosen.filter((id) => !ids.includes(id)) })
    await this.page.kept.remove(ids)
  }

  forget(sentence: string): void {
    this.remarks = this.remarks.filter((remark) => remark.sentence !== sentence)
  }

  async #work(what: string, work: () => Promise<string[]>): Promise<void> {
    this.busy = what
    try {
      const [done, ...rest] = await work()
      const said = done ? [{ sentence: done, tone: 'good' as const }] : []
      this.remarks = [...this.remarks, ...said, ...rest.map((sentence) => ({ sentence, tone: 'plain' as const }))]
    } catch (error) {
      if (!(error instanceof TiltlabError)) throw error
      this.remarks = [...this.remarks, { sentence: error.message, tone: 'bad' }]
    } finally {
      this.busy = ''
    }
  }
}
