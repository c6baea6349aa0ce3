// disk.d.mts: the types of disk.mjs, which Node reads as it is

/** One operation that changes the disk, before it is done. */
export interface Operation {
  /** From 1. */
  number: number
  name: string
  path: string
  /** Where it is renamed to. */
  to?: string
  /** What it writes. */
  bytes?: Uint8Array
  /** What it is cut to. */
  size?: number
}

/** What is to become of an operation: `skip` only says that it is done, `half` writes half of its bytes first. */
export type Verdict = 'go' | 'skip' | { when: 'before' | 'half' | 'after'; act(): never | Promise<never> }

/** The plan of a process that has disk.mjs as a preload, as JSON in TILTLAB_DISK. */
export interface DiskPlan {
  /** Only what lies below it is counted. */
  folder: string
  /** Only a process with this word on its command line. */
  command: string
  /** File that every operation is noted in, one JSON line each. */
  list?: string
  at?: number
  when?: 'before' | 'half' | 'after'
  /** `kill`, or the system's word for a refusal, such as `ENOSPC`. */
  what?: string
  /** The operations after it, too. */
  forEver?: boolean
}

/** Asks about every operation below a folder, until the returned function is called. */
export function wrapDisk(folder: string, decide: (operation: Operation) => Verdict): Promise<() => void>

/** What the system throws. */
export function refusal(code: string, path?: string): Error
