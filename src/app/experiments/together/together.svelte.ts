// together.svelte.ts: the runs that are held against each other: which there are, which are chosen, their curves

import { SvelteMap } from 'svelte/reactivity'
import { messageOf } from '../../../core/errors'
import { RunsList } from '../../runs/runs-list.svelte'
import type { Page } from '../../state/page.svelte'
import { defaultTogether } from '../choice'
import { brushed, axesOf } from './parallel'
import type { Choice } from './choice'
import type { Curves } from './curves'
import { groupRuns } from './groups'
import { panelsOf } from './panels'
import { comparableCells, comparableRecordings, comparableRows, type Comparable } from './sources'

export class Together {
  #list: RunsList
  #others: readonly Comparable[] = $state.raw([])
  /** By name: the curves of a run, or why there are none; null while it is being read. */
  #read = new SvelteMap<string, Curves | string | null>()

  choice: Choice = $derived.by(() => this.page.compare.together ?? defaultTogether)
  /** Every run there is. */
  all = $derived.by(() => [
    ...this.#others.filter(({ place }) => place === 'recording'),
    ...comparableRows(this.#list.rows, (id) => this.page.kept.read(id)),
    ...this.#others.filter(({ place }) => place === 'experiment'),
  ])
  /** The chosen runs that are read, in the order in which they were chosen. */
  runs = $derived.by(() =>
    this.choice.runs.flatMap((id) => {
      const found = this.#read.get(id)
      return found && typeof found !== 'string' ? [found] : []
    }),
  )
  axes = $derived.by(() => axesOf(this.runs))
  /** Which of them the brushes keep. */
  kept = $derived.by(() => brushed(this.axes, this.choice.brushes, this.runs.length))
  groups = $derived.by(() => groupRuns(this.runs.filter((_, run) => this.kept[run])))
  panels = $derived.by(() => panelsOf(this.groups, this.choice))
  /** What went wrong, a sentence each. */
  problems = $derived.by(() =>
    this.choice.runs.flatMap((id) => {
      const found = this.#read.get(id)
      if (typeof found === 'string') return [found]
      const isKnown = this.all.some((run) => run.id === id)
      return isKnown || !this.isListed ? [] : [`The run ${id} is not here.`]
    }),
  )
  /** Whether all that can be chosen is known. */
  isListed = $state(false)

  constructor(readonly page: Page) {
    this.#list = new RunsList(page)
  }

  choose(change: Partial<Choice>): void {
    this.page.chooseCompare({ together: { ...this.choice, ...change } })
  }

  toggle(id: string): void {
    const { runs } = this.choice
    this.choose({ runs: runs.includes(id) ? runs.filter((each) => each !== id) : [...runs, id] })
  }

  /** Looks for runs, of which there may be more by now. */
  async look(): Promise<void> {
    const [recordings, cells] = await Promise.all([comparableRecordings(), comparableCells(), this.#list.refresh()])
    this.#others = [...recordings, ...cells]
    this.isListed = true
  }

  /** Reads the chosen runs that are not read yet. */
  readChosen(): void {
    for (const id of this.choice.runs) {
      const run = this.all.find((each) => each.id === id)
      if (run && !this.#read.has(id)) void this.#readRun(run)
    }
  }

  async #readRun(run: Comparable): Promise<void> {
    this.#read.set(run.id, null)
    try {
      const curves = await run.load()
      this.#read.set(run.id, curves ?? `The run ${run.name} was made by a version that is not understood here.`)
    } catch (error) {
      this.#read.set(run.id, `The run ${run.name} cannot be read: ${messageOf(error)}`)
    }
  }
}
