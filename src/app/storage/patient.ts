// patient.ts: a run that goes on where the disk is full, and is kept again as soon as there is room
//
// What does not fit waits in memory in its order, and goes first the next time that something is written: the journal has
// no gap. A checkpoint that does not fit is left out, the next one is tried again.

import { concatenateBytes } from '../../core/bytes'
import type { RunStorage } from '../../lab/hosts'
import { NoRoomError } from './opfs'

/**
 * The storage of a run that may not end because nothing more fits.
 *
 * @param onTrouble hears why the run is not kept any more, and the empty string once it is kept again
 */
export function patientStorage(storage: RunStorage, onTrouble: (problem: string) => void): RunStorage {
  let waiting: Uint8Array[] = []
  let isInTrouble = false
  /** Whether it was written. @throws whatever is wrong but a lack of room */
  const fits = async (write: () => Promise<void>): Promise<boolean> => {
    try {
      await write()
    } catch (error) {
      if (!(error instanceof NoRoomError)) throw error
      if (!isInTrouble) onTrouble(error.message)
      isInTrouble = true
      return false
    }
    if (isInTrouble) onTrouble('')
    isInTrouble = false
    return true
  }
  const catchUp = async () => {
    if (waiting.length === 0) return
    await storage.appendJournal(concatenateBytes(waiting))
    waiting = []
  }
  return {
    ...storage,
    async appendJournal(bytes) {
      waiting.push(bytes)
      await fits(catchUp)
    },
    async truncateJournal(sizeBytes) {
      // What waits is younger than any checkpoint, which is all that a journal is cut back to.
      waiting = []
      await storage.truncateJournal(sizeBytes)
    },
    async writeCheckpoint(name, files) {
      const isKept = await fits(async () => {
        await catchUp()
        await storage.writeCheckpoint(name, files)
      })
      if (!isKept) await storage.removeCheckpoint(name)
    },
  }
}
