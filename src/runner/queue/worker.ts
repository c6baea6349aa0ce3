// worker.ts: takes jobs from the queue and trains them, one process each
//
// Its whole state is the database and the folders of the runs, so a runner that is killed loses nothing: the next one gives
// back what was held (`recover`) and every run goes on from its last checkpoint.
//
//   the run ends by itself             → done, or failed with its reason: it would fail again
//   somebody cancels it                → saved, cancelled
//   its process dies                   → tried again, at most MOST_TRIES times without a checkpoint between
//   it takes more memory than it may   → failed: it would take it again
//   the runner is stopped              → saved, given back
//   the disk refuses what it writes    → given back, and tried again every minute: every other run has the same disk
//   the database refuses               → what was to be noted is noted once it can be; nothing new is begun until then

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../core/errors'
import { size } from '../../core/format'
import type { RunEvent } from '../../core/run/events'
import type { RunCommand } from '../../lab/session'
import { DiskError } from '../disk-error'
import { LockedFolderError, untilReleased } from '../lock'
import { hasRun } from '../storage'
import type { TrainingJob } from '../training/messages'
import { ProcessDiedError, type TrainingEnd, type TrainingProcess } from '../training/process'
import { JobStoreError, type Job, type JobEnd, type Jobs } from './jobs'
import { residentBytes } from './memory'

/** What a worker is given. */
export interface WorkerSettings {
  jobs: Jobs
  /** One life of a runner: no other ever had this name. */
  owner: string
  runsFolder: string
  /** A graphics card for each job at a time, by its name; null where it does not matter which. */
  gpus: readonly (string | null)[]
  /** What a process may hold in memory; Infinity for no limit. */
  memoryBytes: number
  startTraining(job: TrainingJob, gpu: string | null): TrainingProcess
  onEvent(id: string, event: RunEvent): void
  /** A job changed its state. */
  onChange(job: Job): void
}

/** Takes jobs until it is stopped. */
export interface Worker {
  /** There may be something to do. */
  wake(): void
  /** Passes a command to the process of a running job; false where it has none. */
  send(id: string, command: RunCommand): boolean
  /** Saves and gives back what is running; kills what has not saved after `patienceMs`. */
  stop(patienceMs: number): Promise<void>
}

const CANCEL: RunCommand = { type: 'cancel' }
const MEMORY_CHECK_MS = 1_000
/** How often it is tried whether a disk or a database takes something again. */
const UNKEPT_DELAY_MS = 60_000
const STORE_DELAY_MS = 1_000
/** A process whose runner was killed saves before it lets go of its folder. */
const RELEASE_PATIENCE_MS = 60_000

/** Queues again what an earlier life held, and begins. */
export function startWorker(settings: WorkerSettings): Worker {
  const { jobs, owner, onChange } = settings
  const free = [...settings.gpus]
  const running = new Map<string, TrainingProcess>()
  const work = new Set<Promise<void>>()
  const stopping = new AbortController()
  let alarm: ReturnType<typeof setTimeout> | undefined

  function wake(): void {
    clearTimeout(alarm)
    if (stopping.signal.aborted) return
    try {
      while (free.length > 0) {
        const job = jobs.claim(owner)
        if (!job) break
        begin(job, free.shift()!)
      }
      const dueMs = free.length > 0 ? jobs.nextDueMs() : null
      if (dueMs !== null) alarm = setTimeout(wake, dueMs + 1)
    } catch (error) {
      if (!(error instanceof JobStoreError)) throw error
      alarm = setTimeout(wake, STORE_DELAY_MS)
    }
  }

  function begin(job: Job, gpu: string | null): void {
    onChange(job)
    const done = perform(job, gpu)
      .then(noted)
      .finally(() => {
        work.delete(done)
        free.push(gpu)
        const after = unlessRefused(() => jobs.get(job.id))
        if (after) onChange(after)
        wake()
      })
    work.add(done)
  }

  /** Writes what became of a job: a database that refuses is asked again until the runner ends, and then its next life knows. */
  async function noted(note: () => void): Promise<void> {
    for (;;) {
      try {
        return note()
      } catch (error) {
        if (!(error instanceof JobStoreError)) throw error
        if (stopping.signal.aborted) return
        await delay(STORE_DELAY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  /** Trains a job. @returns what is to be noted of it */
  async function perform(job: Job, gpu: string | null): Promise<() => void> {
    const folder = join(settings.runsFolder, job.id)
    try {
      await untilReleased(folder, RELEASE_PATIENCE_MS, stopping.signal)
      if (stopping.signal.aborted) return () => jobs.giveBack(job.id, owner, '')
      const training = settings.startTraining(
        hasRun(folder) ? { kind: 'resume', folder } : { kind: 'new', folder, config: job.config },
        gpu,
      )
      running.set(job.id, training)
      const end = await watch(job, training)
      return () => conclude(job, end)
    } catch (error) {
      if (error instanceof ProcessDiedError || error instanceof LockedFolderError)
        return () => jobs.retry(job.id, owner, messageOf(error))
      if (error instanceof DiskError) return () => jobs.giveBack(job.id, owner, error.message, UNKEPT_DELAY_MS)
      return () => void jobs.end(job.id, owner, 'failed', messageOf(error))
    } finally {
      running.delete(job.id)
    }
  }

  /** Follows a run to its end. @throws {ProcessDiedError} */
  async function watch(job: Job, training: TrainingProcess): Promise<TrainingEnd> {
    training.subscribe((event) => {
      if (event.type === 'checkpoint') unlessRefused(() => jobs.progressed(job.id, owner))
      settings.onEvent(job.id, event)
    })
    // Asked for while it was being started.
    if (stopping.signal.aborted || unlessRefused(() => jobs.get(job.id))?.isCancelling) training.send(CANCEL)
    let tooMuch = ''
    const check = () => {
      const bytes = residentBytes(training.pid)
      if (bytes <= settings.memoryBytes) return
      tooMuch = `It took ${size(bytes)} of memory, and may take ${size(settings.memoryBytes)}. Make rollout.prompts, rollout.groupSize or update.microBatch smaller, or raise --memory.`
      training.kill()
    }
    const watching = Number.isFinite(settings.memoryBytes) ? setInterval(check, MEMORY_CHECK_MS) : undefined
    try {
      return await training.ended
    } catch (error) {
      if (tooMuch) return { reason: 'failed', step: 0, message: tooMuch }
      throw error
    } finally {
      clearInterval(watching)
    }
  }

  function conclude(job: Job, { reason, message, unkept }: TrainingEnd): void {
    const isWanted = jobs.get(job.id)?.isCancelling ?? false
    if (unkept) jobs.giveBack(job.id, owner, message, UNKEPT_DELAY_MS)
    else if (reason === 'cancelled' && !isWanted) jobs.giveBack(job.id, owner, 'The runner was stopped.')
    else jobs.end(job.id, owner, ENDS[reason], reason === 'cancelled' ? '' : message)
  }

  for (const job of jobs.recover(owner, 'The runner ended without a word.')) onChange(job)
  wake()
  return {
    wake,
    send(id, command) {
      running.get(id)?.send(command)
      return running.has(id)
    },
    async stop(patienceMs) {
      clearTimeout(alarm)
      stopping.abort()
      for (const training of running.values()) training.send(CANCEL)
      const patience = delay(patienceMs, 'late', { ref: false })
      if ((await Promise.race([Promise.all(work), patience])) === 'late')
        for (const training of running.values()) training.kill()
      await Promise.all(work)
    },
  }
}

/** What a job that goes on can do without, where the database does not answer. */
function unlessRefused<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch (error) {
    if (error instanceof JobStoreError) return null
    throw error
  }
}

const ENDS: Record<TrainingEnd['reason'], JobEnd> = {
  completed: 'done',
  stopped: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
}
