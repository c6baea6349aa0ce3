// catalogue.svelte.ts: the state of the dialog that finds, downloads and removes models or data sets of the Hub
//
//   words ──▶ found ──▶ look (what it needs, what it is) ──▶ download ──▶ kept ──▶ chosen
//
// It outlives the dialog: a download goes on while that is closed, and is shown when it is opened again.

import { CancelledError, messageOf } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { hubModel } from '../../engine/hub'
import { openHub, type Asked, type HubClient } from './client'
import type { Choice } from './choices'
import type { Transfer } from './download'
import { architectureWords } from './architecture'
import type { Found, Kind } from './hub-api'
import type { Look } from './look'
import type { Kept } from './messages'
import { Pace } from './pace'
import { wholeFiles, type KeptRepository } from './shelf'

/** A download that is under way, or broke off. */
export interface Transferring {
  /** `organisation/name` */
  id: string
  transfer: Transfer
  bytesPerSecond: number
}

export class Catalogue {
  /** Of the last search; null before one. */
  found: readonly Found[] | null = $state.raw(null)
  searching = $state(false)
  /** What can be had of each find, bytes, as far as it was asked for. */
  sizes: Readonly<Record<string, readonly number[]>> = $state.raw({})
  /** What is looked at, while and after it is. */
  lookingAt = $state('')
  look: Look | null = $state.raw(null)
  transferring: Transferring | null = $state.raw(null)
  /** null until it is known. */
  kept: Kept | null = $state.raw(null)
  problem = $state('')
  /** What was done, for those who do not see it. */
  said = $state('')

  #hub: HubClient = openHub()
  #search: Asked<unknown> | null = null
  #look: Asked<unknown> | null = null
  #download: Asked<unknown> | null = null

  constructor(readonly kind: Kind) {
    void this.refresh()
  }

  async search(words: string): Promise<void> {
    if (words.trim() === '') return
    this.#search?.cancel()
    const asked = this.#hub.ask('search', { kind: this.kind, words })
    this.#search = asked
    this.searching = true
    this.problem = ''
    await this.#attempt(async () => {
      this.found = await asked.answer
      this.said = this.found.length === 0 ? 'Nothing was found.' : `${this.found.length} found.`
    })
    if (this.#search !== asked) return
    this.searching = false
    await this.#measure(this.found ?? [])
  }

  /** Asks for the sizes of finds one after the other, until others are found: the Hub counts requests. */
  async #measure(found: readonly Found[]): Promise<void> {
    for (const { id, gated, architecture } of found) {
      if (this.found !== found) return
      if (gated || id in this.sizes || !architectureWords(architecture).runs) continue
      // A size that is not told is no reason to stop.
      const sizes = await this.#hub.ask('sizes', { kind: this.kind, id }).answer.catch(() => undefined)
      if (sizes) this.sizes = { ...this.sizes, [id]: sizes }
    }
  }

  /** Shows what a configuration asks for, where it is not here: a link may name a model that another machine has. */
  async lookAtMissing(config: RunConfig): Promise<void> {
    const named = this.kind === 'models' ? hubModel(config.model.id) : undefined
    if (!named || this.look || this.lookingAt) return
    await this.refresh()
    const { id, revision } = named
    if (!this.keptOf({ id, commit: revision })) await this.lookAt(id, revision, config)
  }

  /** @param config tells how large a run of a model would be */
  async lookAt(id: string, revision: string, config: RunConfig): Promise<void> {
    this.#look?.cancel()
    const asked = this.#hub.ask('look', { kind: this.kind, id, revision, config })
    this.#look = asked
    this.lookingAt = id
    this.look = null
    this.problem = ''
    await this.#attempt(async () => (this.look = await asked.answer))
    if (this.#look === asked) this.lookingAt = ''
  }

  /** Leaves what was found and looked at behind; a download goes on. */
  forget(): void {
    this.#search?.cancel()
    this.#look?.cancel()
    this.found = null
    this.look = null
    this.lookingAt = ''
    this.problem = ''
  }

  /** Downloads what is missing of a choice of what is looked at. */
  async download({ files }: Choice): Promise<void> {
    const { look } = this
    if (!look || this.#download) return
    const pace = new Pace()
    const { repository } = look
    const paths = files.map(({ path }) => path)
    void navigator.storage?.persist?.()
    this.problem = ''
    const asked = this.#hub.ask('download', { repository, paths }, (transfer) => {
      const bytesPerSecond = pace.add(transfer.receivedBytes, performance.now())
      this.transferring = { id: repository.id, transfer, bytesPerSecond }
    })
    this.#download = asked
    await this.#attempt(async () => {
      await asked.answer
      this.said = `${repository.id} is on this machine.`
    })
    this.#download = null
    this.transferring = null
    await this.refresh()
  }

  /** Stops the download; what has arrived is kept. */
  cancel(): void {
    this.#download?.cancel()
  }

  async remove({ kind, id, commit }: KeptRepository): Promise<void> {
    this.problem = ''
    await this.#attempt(async () => {
      await this.#hub.ask('remove', { name: { kind, id, commit } }).answer
      this.said = `${id} was removed.`
    })
    await this.refresh()
  }

  async refresh(): Promise<void> {
    await this.#attempt(async () => (this.kept = await this.#hub.ask('list', { kind: this.kind }).answer))
  }

  /** What has arrived of a repository; undefined if nothing has. */
  keptOf({ id, commit }: { id: string; commit: string }): KeptRepository | undefined {
    return this.kept?.repositories.find((kept) => kept.id === id && kept.commit === commit)
  }

  /** Whether all of a choice is here. */
  has(repository: { id: string; commit: string }, { files }: Choice): boolean {
    const kept = this.keptOf(repository)
    const whole = kept ? wholeFiles(kept).map(({ path }) => path) : []
    return files.every(({ path }) => whole.includes(path))
  }

  /** Whether some of a choice has been asked for, so that a download goes on. */
  hasBegun(repository: { id: string; commit: string }, { files }: Choice): boolean {
    const kept = this.keptOf(repository)?.files ?? []
    return files.some(({ path }) => kept.some((file) => file.path === path && !file.isWhole))
  }

  async #attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (!(error instanceof CancelledError)) this.problem = messageOf(error)
    }
  }
}

const catalogues: Partial<Record<Kind, Catalogue>> = {}

/** The one of its kind. */
export function catalogueOf(kind: Kind): Catalogue {
  return (catalogues[kind] ??= new Catalogue(kind))
}
