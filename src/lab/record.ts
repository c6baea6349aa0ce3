// record.ts: what is kept of a run while it goes on: its journal, its checkpoints, and the host that watches

import { TiltlabError } from '../core/errors'
import { migrateConfig } from '../core/run/migrate'
import { configHash } from '../core/run/hash'
import type { RunConfig } from '../core/run/config'
import type { DataManifest, EventSink, RunEvent } from '../core/run/events'
import { openJournal, type Journal } from '../core/run/journal'
import { loadNewestCheckpoint, removeOlder, saveCheckpoint, type Checkpoint } from './checkpoint'
import type { RunStorage } from './hosts'
import { kept } from './kept'

/** The version of the configuration from which held-out rows follow from the hashes of their prompts. */
const SPLIT_BY_HASH = 3
const OTHER_HELD_OUT =
  'An older tiltlab began this run and held out other rows: some that are held out now have been trained on. ' +
  'Start a new run for a clean comparison.'

const OTHER_REWARD = 'The reward is another one from here on: steps before and after it are not to be compared.'

/** The keeping side of a run. */
export interface RunRecord {
  /** Where to go on from; null for a new run. */
  resumed: Checkpoint | null
  /** Writes the event to the journal, then shows it to the host. */
  emit: EventSink
  /** Saves a checkpoint and says so; does nothing without storage. */
  save(checkpoint: Checkpoint): Promise<void>
  /** Forgets everything that was kept. */
  clear(): Promise<void>
}

/** A run that is watched but not kept. */
export function unkeptRecord(emit: EventSink): RunRecord {
  return { resumed: null, emit, save: () => Promise.resolve(), clear: () => Promise.resolve() }
}

/**
 * Opens the folder of a run. If it holds a checkpoint, the journal is cut back to the moment when that was saved, so that
 * the steps after it, which will be made again, are not there twice.
 *
 * @param data what the run is made on; null for the tasks of the embedded models
 * @throws {TiltlabError} if the folder belongs to a run with another configuration, or on other data; {StorageError} here and
 *   from every method
 */
export async function openRecord(
  storage: RunStorage,
  config: RunConfig,
  data: DataManifest | null,
  show: EventSink,
): Promise<RunRecord> {
  const journal = await openJournal({
    read: () => kept(() => storage.readJournal()),
    append: (bytes) => kept(() => storage.appendJournal(bytes)),
    truncate: (sizeBytes) => kept(() => storage.truncateJournal(sizeBytes)),
  })
  const started = await startOf(journal, config)
  const warnings: string[] = []
  const resumed = await loadNewestCheckpoint(storage, started.hashes, (name, problem) => {
    warnings.push(`Checkpoint ${name} cannot be used: ${problem} An older state is taken.`)
  })
  if (resumed && data) checkData(data, journal)
  const step = resumed?.trainer.step ?? 0
  await journal.keepFirst(eventsUpTo(journal, step))

  const emit: EventSink = async (event) => {
    await journal.append(event)
    await show(event)
  }
  // A process may have been killed between writing a checkpoint, removing older ones, and noting it.
  if (resumed) await removeOlder(storage, config, resumed.info.name)
  if (resumed && !isNoted(journal, step)) await emit({ type: 'checkpoint', step, ...resumed.info })
  if (resumed && started.heldOutOthers) warnings.push(OTHER_HELD_OUT)
  if (resumed && started.rewardChanged) warnings.push(OTHER_REWARD)
  for (const message of warnings) await emit({ type: 'alert', step, level: 'warn', message })
  return {
    resumed,
    emit,
    async save(checkpoint) {
      const info = await saveCheckpoint(storage, config, checkpoint)
      if (info) await emit({ type: 'checkpoint', step: checkpoint.trainer.step, ...info })
    },
    async clear() {
      for (const name of await kept(() => storage.listCheckpoints())) await kept(() => storage.removeCheckpoint(name))
      await journal.keepFirst(0)
    },
  }
}

/** Versions before data had a hash say nothing of theirs. */
function checkData({ source, rowsSha256 }: DataManifest, { content }: Journal): void {
  const began = content.events.flatMap((event) => (event.type === 'started' && event.data ? [event.data] : [])).at(0)
  if (!began || began.rowsSha256 === rowsSha256) return
  throw new TiltlabError(
    `The run began on other data: ${source} has changed since, or is read in another way by this version. ` +
      'Restore the data, or choose another name for a new run.',
  )
}

/** How many events to keep: those up to where the checkpoint of this step was written; none without a checkpoint. */
function eventsUpTo({ content }: Journal, step: number): number {
  if (step === 0) return 0
  const isOfLaterStep = (event: RunEvent) => event.type !== 'started' && event.step > step
  const saved = content.events.findLastIndex((event) => isCheckpointOf(event, step))
  if (saved >= 0) return saved + 1
  // Everything up to the step of a checkpoint that was not noted happened.
  const later = content.events.findIndex(isOfLaterStep)
  return later < 0 ? content.events.length : later
}

function isNoted({ content }: Journal, step: number): boolean {
  return content.events.some((event) => isCheckpointOf(event, step))
}

function isCheckpointOf(event: RunEvent, step: number): boolean {
  return event.type === 'checkpoint' && event.step === step
}

/** What the journal says of the run that it belongs to. */
interface RunStart {
  /** The hash of its configuration, as this version and as the version that began the run writes it. */
  hashes: string[]
  /** The version that began the run chose the held-out rows of a data file by another rule. */
  heldOutOthers: boolean
  /** It goes on with another reward than it had last. */
  rewardChanged: boolean
}

/**
 * A run may go on with another reward, and in nothing else with another configuration: a program that failed is put right
 * without losing what was trained.
 *
 * @throws {TiltlabError} if the journal is of a run with another configuration
 */
async function startOf({ content }: Journal, config: RunConfig): Promise<RunStart> {
  const own = await configHash(config)
  const recorded = content.events.flatMap((event): RunConfig[] => (event.type === 'started' ? [event.config] : []))
  if (recorded.length === 0) return { hashes: [own], heldOutOthers: false, rewardChanged: false }
  const withOwnReward = { ...migrateConfig(recorded[0]), reward: config.reward }
  if ((await configHash(withOwnReward)) !== own)
    throw new TiltlabError('A run of this name was made with another configuration. Choose another name or remove it.')
  return {
    hashes: [own, ...(await Promise.all(recorded.map(configHash)))],
    heldOutOthers: recorded[0].version < SPLIT_BY_HASH && config.task.kind === 'data',
    rewardChanged: (await configHash(migrateConfig(recorded.at(-1)))) !== own,
  }
}
