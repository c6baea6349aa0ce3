// jobs.ts: what a runner has been asked to do, in a database that outlives it
//
//   queued ──claim──▶ running ──end──▶ done | failed | cancelled
//      ▲                 │
//      └────giveBack─────┘   its process died, or the runner did
//
// A job that was acknowledged is on disk: every change is one transaction of a write-ahead log that is synced before it
// returns (synchronous = FULL). Nothing is decided by the wall clock, which may jump: times of day are for people, and a delay
// between tries is measured by the process that waits.

import { resolve } from 'node:path'
import Database from 'libsql'
import { TiltlabError } from '../../core/errors'
import { parseJson, printJson } from '../../core/inspect/json'
import type { RunConfig } from '../../core/run/config'
import { migrateConfig } from '../../core/run/migrate'

/** Where a job is. `done` is a run that came to its end, be it by its own decision. */
export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

/** How a job ends. */
export type JobEnd = Extract<JobState, 'done' | 'failed' | 'cancelled'>

/** One training run that a runner was asked for. */
export interface Job {
  /** The name of its run's folder as well. */
  id: string
  state: JobState
  config: RunConfig
  /** The idempotency key that it was submitted with. */
  key: string | null
  /** Tries that ended without a new checkpoint. */
  tries: number
  /** Why it is where it is, for people; empty where nothing is to be said. */
  cause: string
  /** Somebody wants it to stop, and it has not yet. */
  isCancelling: boolean
  submittedAt: string
  startedAt: string | null
  endedAt: string | null
}

/** A job to be. */
export interface Submission {
  id: string
  config: RunConfig
  /** Chosen by who submits: sent again, the same key gives the same job. */
  key: string | null
}

/** The same idempotency key came with another configuration. */
export class KeyReusedError extends TiltlabError {
  constructor(key: string) {
    super(`The idempotency key “${key}” was used for another job. Use a new key for a new job.`)
  }
}

/** The database was written by a newer tiltlab. */
export class NewerJobsError extends TiltlabError {
  constructor(path: string) {
    super(`${path} was written by a newer tiltlab. Update this one, or choose another folder with --runs.`)
  }
}

/** The database of jobs cannot be read or written. What was acknowledged before is kept; nothing new is until it can. */
export class JobStoreError extends TiltlabError {
  /** There is no room: the only remedy is to make some. */
  readonly isFull: boolean

  constructor(path: string, cause: Error & { code?: string }) {
    const code = cause.code ?? ''
    const isFull = code.startsWith('SQLITE_FULL')
    const isDamaged = /^SQLITE_(?:NOTADB|CORRUPT)/.test(code)
    const remedy = isFull
      ? 'Make room on the disk.'
      : isDamaged
        ? 'It is damaged: move it away and start the runner again. The runs are in their folders, and go on with npx tiltlab train --resume.'
        : 'Look after the disk and the rights of its folder.'
    super(`${resolve(path)} cannot be used: ${cause.message} (${code || 'SQLite'}). ${remedy}`, { cause })
    this.isFull = isFull
  }
}

/** Tries without a new checkpoint after which a job has failed. */
export const MOST_TRIES = 3

/** How long after each failed try the next one waits, ms. */
const DELAYS_MS = [1_000, 10_000]

/** The schema as it grew: entry n makes version n + 1 of version n. */
const migrations = [
  `CREATE TABLE jobs (
     number        INTEGER PRIMARY KEY,
     id            TEXT NOT NULL UNIQUE,
     key           TEXT UNIQUE,
     config        TEXT NOT NULL,
     state         TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
     owner         TEXT,
     tries         INTEGER NOT NULL DEFAULT 0,
     cause         TEXT NOT NULL DEFAULT '',
     is_cancelling INTEGER NOT NULL DEFAULT 0,
     submitted_at  INTEGER NOT NULL,
     started_at    INTEGER,
     ended_at      INTEGER,
     CHECK ((owner IS NOT NULL) = (state = 'running'))
   ) STRICT;
   CREATE INDEX jobs_by_state ON jobs (state, number);`,
]

interface Row {
  number: number
  id: string
  key: string | null
  config: string
  state: JobState
  tries: number
  cause: string
  is_cancelling: number
  submitted_at: number
  started_at: number | null
  ended_at: number | null
}

/**
 * The jobs in one database. Every method is one transaction, done and on disk when it returns; what cannot be done is a
 * `JobStoreError`, and has changed nothing.
 *
 * A claimed job is leased to an owner, one life of a runner: what another owner holds is not changed. Only one runner lives
 * on a database (`lock.ts`), so whatever is leased to somebody else when it starts was left by one that died.
 */
export interface Jobs {
  /** @throws {KeyReusedError} */
  submit(submission: Submission): Job
  /** What an earlier submission with its key became; null where there was none. @throws {KeyReusedError} */
  known(submission: Submission): Job | null
  /** Queues a run that came with its name: as a new job, or as its own, which has ended, again. @throws {KeyReusedError} */
  bring(submission: Submission): Job
  /** Newest first; of one state, where it is given. */
  list(state?: JobState): Job[]
  get(id: string): Job | null
  /** Takes the oldest job that is due, and leases it to `owner`. */
  claim(owner: string): Job | null
  /** The run of a job made a checkpoint: what went wrong before it counts no more. */
  progressed(id: string, owner: string): void
  /** Ends a job; false where the owner does not hold it. */
  end(id: string, owner: string, state: JobEnd, cause: string): boolean
  /** Queues a job again after its process died; after `MOST_TRIES` in a row it has failed. */
  retry(id: string, owner: string, cause: string): void
  /** Queues a job again through no fault of its own, for no sooner than `delayMs` from now. */
  giveBack(id: string, owner: string, cause: string, delayMs?: number): void
  /** Queues again what other owners hold, and says which. */
  recover(owner: string, cause: string): Job[]
  /** Cancels a queued job at once, asks a running one to stop, and leaves an ended one as it is. */
  cancel(id: string): Job | null
  /** Milliseconds until the next queued job is due; null where none is queued. */
  nextDueMs(): number | null
  close(): void
}

/** What time it is. */
export interface JobClock {
  now(): number
  elapsed(): number
}

const systemClock: JobClock = { now: Date.now, elapsed: () => performance.now() }

/**
 * Opens the jobs in a database, which is created where there is none.
 *
 * @param path a file, or `:memory:`
 * @param clock the wall clock, and one that only goes forward, both ms
 * @throws {NewerJobsError | JobStoreError}
 */
export function openJobs(path: string, clock: JobClock = systemClock): Jobs {
  const database = openDatabase(path)
  /** When a job that is tried again is due, by the clock that only goes forward. */
  const due = new Map<string, number>()
  const statement = {
    insert: database.prepare(
      `INSERT INTO jobs (id, key, config, state, submitted_at) VALUES (?, ?, ?, 'queued', ?) RETURNING *`,
    ),
    remove: database.prepare('DELETE FROM jobs WHERE id = ? AND ended_at IS NOT NULL'),
    byId: database.prepare('SELECT * FROM jobs WHERE id = ?'),
    byKey: database.prepare('SELECT * FROM jobs WHERE key = ?'),
    all: database.prepare('SELECT * FROM jobs ORDER BY number DESC'),
    inState: database.prepare('SELECT * FROM jobs WHERE state = ? ORDER BY number DESC'),
    queued: database.prepare(`SELECT * FROM jobs WHERE state = 'queued' ORDER BY number`),
    held: database.prepare('SELECT * FROM jobs WHERE id = ? AND owner = ?'),
    leftBehind: database.prepare(`SELECT * FROM jobs WHERE state = 'running' AND owner <> ? ORDER BY number`),
    lease: database.prepare(
      `UPDATE jobs SET state = 'running', owner = ?, cause = '', started_at = coalesce(started_at, ?) WHERE id = ?`,
    ),
    forgive: database.prepare('UPDATE jobs SET tries = 0 WHERE id = ? AND owner = ?'),
    queue: database.prepare(`UPDATE jobs SET state = 'queued', owner = NULL, tries = ?, cause = ? WHERE id = ?`),
    end: database.prepare(
      `UPDATE jobs SET state = ?, owner = NULL, cause = ?, is_cancelling = 0, ended_at = ? WHERE id = ?`,
    ),
    askToStop: database.prepare('UPDATE jobs SET is_cancelling = 1 WHERE id = ?'),
  }
  const rowOf = (found: unknown) => (found as Row | undefined) ?? null
  const byId = (id: string) => rowOf(statement.byId.get(id))
  const held = (id: string, owner: string) => rowOf(statement.held.get(id, owner))
  const told = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw error instanceof Database.SqliteError ? new JobStoreError(path, error) : error
    }
  }
  const atOnce = <T>(work: () => T): T =>
    told(() => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        // After some of its errors SQLite has done so itself.
        if (database.inTransaction) database.exec('ROLLBACK')
        throw error
      }
    })

  const endIt = (id: string, state: JobEnd, cause: string) => void statement.end.run(state, cause, clock.now(), id)
  /** A job that was to stop and lost its process has stopped. */
  const queueAgain = (row: Row, tries: number, cause: string, delayMs: number) => {
    if (row.is_cancelling) return endIt(row.id, 'cancelled', cause)
    statement.queue.run(tries, cause, row.id)
    due.set(row.id, clock.elapsed() + delayMs)
  }
  const knownBy = ({ config, key }: Submission) => {
    const known = key === null ? null : rowOf(statement.byKey.get(key))
    if (known && known.config !== printJson(config)) throw new KeyReusedError(key!)
    return known
  }
  const broughtBefore = (submission: Submission) => {
    const known = knownBy(submission)
    if (known && known.id !== submission.id) throw new KeyReusedError(submission.key!)
    return known
  }
  const insert = ({ id, config, key }: Submission) =>
    statement.insert.get(id, key, printJson(config), clock.now()) as Row
  const waitMs = ({ id }: Row) => Math.max(0, (due.get(id) ?? 0) - clock.elapsed())

  return {
    submit: (submission) => atOnce(() => jobOf(knownBy(submission) ?? insert(submission))),
    known: (submission) => told(() => nullable(broughtBefore(submission), jobOf)),
    bring: (submission) =>
      atOnce(() => {
        const known = broughtBefore(submission)
        // It is the youngest job from now on.
        if (!known) statement.remove.run(submission.id)
        return jobOf(known ?? insert(submission))
      }),
    list: (state) => told(() => ((state ? statement.inState.all(state) : statement.all.all()) as Row[]).map(jobOf)),
    get: (id) => told(() => nullable(byId(id), jobOf)),
    claim: (owner) =>
      atOnce(() => {
        const next = (statement.queued.all() as Row[]).find((row) => waitMs(row) === 0)
        if (!next) return null
        statement.lease.run(owner, clock.now(), next.id)
        due.delete(next.id)
        return jobOf(byId(next.id)!)
      }),
    progressed: (id, owner) => told(() => void statement.forgive.run(id, owner)),
    end: (id, owner, state, cause) =>
      atOnce(() => {
        if (!held(id, owner)) return false
        endIt(id, state, cause)
        return true
      }),
    retry: (id, owner, cause) =>
      atOnce(() => {
        const row = held(id, owner)
        if (!row) return
        const tries = row.tries + 1
        if (tries >= MOST_TRIES) endIt(id, 'failed', cause)
        else queueAgain(row, tries, cause, delayAfter(tries))
      }),
    giveBack: (id, owner, cause, delayMs = 0) =>
      atOnce(() => {
        const row = held(id, owner)
        if (row) queueAgain(row, row.tries, cause, delayMs)
      }),
    recover: (owner, cause) =>
      atOnce(() => {
        const left = statement.leftBehind.all(owner) as Row[]
        for (const row of left) queueAgain(row, row.tries, cause, 0)
        return left.map(({ id }) => jobOf(byId(id)!))
      }),
    cancel: (id) =>
      atOnce(() => {
        const row = byId(id)
        if (row?.state === 'queued') endIt(id, 'cancelled', '')
        if (row?.state === 'running') statement.askToStop.run(id)
        return nullable(byId(id), jobOf)
      }),
    nextDueMs() {
      const waits = told(() => statement.queued.all() as Row[]).map(waitMs)
      return waits.length ? Math.min(...waits) : null
    },
    close: () => void database.close(),
  }
}

function openDatabase(path: string): Database.Database {
  try {
    return migrated(new Database(path), path)
  } catch (error) {
    throw error instanceof NewerJobsError ? error : new JobStoreError(path, error as Error)
  }
}

function migrated(database: Database.Database, path: string): Database.Database {
  // A write-ahead log is synced at every commit only with FULL; an acknowledged job must survive a power cut.
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000']) database.pragma(pragma)
  const version = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version.user_version > migrations.length) {
    database.close()
    throw new NewerJobsError(path)
  }
  for (let next = version.user_version; next < migrations.length; next++)
    database.exec(`BEGIN IMMEDIATE; ${migrations[next]}; PRAGMA user_version = ${next + 1}; COMMIT`)
  return database
}

/** 0 for a job that has not been tried in vain. */
function delayAfter(tries: number): number {
  return tries === 0 ? 0 : (DELAYS_MS[tries - 1] ?? DELAYS_MS.at(-1)!)
}

function jobOf(row: Row): Job {
  return {
    id: row.id,
    state: row.state,
    config: migrateConfig(parseJson(row.config, `the configuration of ${row.id}`)),
    key: row.key,
    tries: row.tries,
    cause: row.cause,
    isCancelling: row.is_cancelling === 1,
    submittedAt: new Date(row.submitted_at).toISOString(),
    startedAt: nullable(row.started_at, (ms) => new Date(ms).toISOString()),
    endedAt: nullable(row.ended_at, (ms) => new Date(ms).toISOString()),
  }
}

function nullable<T, R>(value: T | null, map: (value: T) => R): R | null {
  return value === null ? null : map(value)
}
