// disk-error.ts: what the file system refuses, in words that say what to do

import { resolve } from 'node:path'
import { TiltlabError } from '../core/errors'

/** What is wrong and what to do, for the refusals that a person can do something about. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no room left on the disk. Make room',
  EDQUOT: 'the quota of this user is used up. Make room',
  EFBIG: 'it may not become larger. Raise the limit of the size of a file (ulimit -f)',
  EROFS: 'the file system can only be read. Make it writable',
  EACCES: 'access is denied. Give this user the right to it',
  EPERM: 'access is denied. Give this user the right to it',
  EIO: 'the disk failed. Check it',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine. Close some',
  ENOENT: 'it is gone, or its folder is. Put it back',
}

/** A file or folder cannot be written or read, through no fault of what is written. */
export class DiskError extends TiltlabError {
  /** The system's word for it, such as `ENOSPC`. */
  readonly code: string

  constructor(path: string, cause: NodeJS.ErrnoException) {
    const code = cause.code!
    const [problem, remedy] = ADVICE[code].split('. ')
    super(`${resolve(path)}: ${problem} (${code}). ${remedy}.`, { cause })
    this.code = code
  }
}

/** Does something with a path. @throws {DiskError} where the system refuses; anything else as it is */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isRefusal(error) ? new DiskError(path, error) : error
  }
}

/** For a file or folder that need not be there: any other error is thrown on. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && !(error instanceof DiskError) && 'code' in error && String(error.code) in ADVICE
}
