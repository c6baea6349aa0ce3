// queue.ts: the jobs of one folder of runs and the worker that trains them, held by one runner at a time
//
//   jobs.db    what was asked for
//   lock       the runner that works on it
//   <id>/      a run each, as `tiltlab train` leaves it

import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { RunConfig } from '../../core/run/config'
import type { RunEvent } from '../../core/run/events'
import type { RunCommand } from '../../lab/session'
import { holdFolder } from '../lock'
import { makeFolder } from '../storage'
import { startTraining } from '../training/process'
import { runName } from '../training/supervise'
import { openJobs, type Job, type Jobs, type Submission } from './jobs'
import { startWorker, type Worker, type WorkerSettings } from './worker'

/** What a runner does with what it is asked. */
export interface Queue {
  readonly jobs: Jobs
  /** Queues a run; what has been acknowledged survives everything. @throws {KeyReusedError} */
  submit(config: RunConfig, key: string | null): Job
  /** Queues a run that has its name and its folder already. @throws {KeyReusedError} */
  bring(submission: Submission): Job
  /** null where there is no such job. */
  cancel(id: string): Job | null
  /** Passes a command to a run; false where it does not run. */
  send(id: string, command: RunCommand): boolean
  /** Begins to train: what an earlier life of the runner left first. */
  begin(): void
  /** Lets runs save for so long, and lets go of the folder. */
  stop(patienceMs: number): Promise<void>
}

/** What a queue is given. */
export interface QueueSettings {
  runsFolder: string
  /** A graphics card for each job at a time, by its name; null where it does not matter which. */
  gpus: readonly (string | null)[]
  memoryBytes: number
  /** What trains; a load test has something quicker. */
  startTraining?: WorkerSettings['startTraining']
  onEvent(id: string, event: RunEvent): void
  /** A job was queued, taken, given back or ended; or was there already. */
  onChange(job: Job): void
}

/**
 * Opens the queue in a folder of runs.
 * @throws {LockedFolderError} if another runner holds it; {DiskError | JobStoreError} if it cannot be written
 */
export async function openQueue(settings: QueueSettings): Promise<Queue> {
  const { runsFolder } = settings
  await makeFolder(runsFolder)
  const letGo = await holdFolder(runsFolder)
  const jobs = openJobs(join(runsFolder, 'jobs.db'))
  for (const job of jobs.list()) if (job.endedAt === null) settings.onChange(job)
  let worker: Worker | undefined
  const queued = (job: Job) => {
    settings.onChange(job)
    worker?.wake()
    return job
  }
  return {
    jobs,
    submit: (config, key) =>
      queued(jobs.submit({ id: `${runName(config, new Date())}-${randomBytes(2).toString('hex')}`, config, key })),
    bring: (submission) => queued(jobs.bring(submission)),
    cancel(id) {
      const job = jobs.cancel(id)
      if (job?.isCancelling) worker?.send(id, { type: 'cancel' })
      if (job) settings.onChange(job)
      return job
    },
    send: (id, command) => worker?.send(id, command) ?? false,
    begin() {
      worker ??= startWorker({ startTraining, ...settings, jobs, owner: randomUUID() })
    },
    async stop(patienceMs) {
      await worker?.stop(patienceMs)
      jobs.close()
      await letGo()
    },
  }
}
