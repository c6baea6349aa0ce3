// kept.ts: a run that its storage refuses to keep

import { messageOf, TiltlabError } from '../core/errors'

/** The folder of the run cannot be written or read any more: a full disk, a folder that was removed. */
export class StorageError extends TiltlabError {
  constructor(cause: unknown) {
    // A message for a person says itself what to do.
    const problem = cause instanceof TiltlabError ? cause.message : `${messageOf(cause)}. Make room.`
    super(`The run could not be kept: ${problem} Then it can go on from its last checkpoint.`, { cause })
  }
}

/** Does something with the storage of a run. @throws {StorageError} instead of whatever the host's storage throws */
export async function kept<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw cause instanceof StorageError ? cause : new StorageError(cause)
  }
}
