// child.ts: the training process: one run, its folder, and messages from and to the parent (process.ts)

import { basename, join, resolve } from 'node:path'
import { TiltlabError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { ADAPTER_CONFIG, ADAPTER_MODEL } from '../../engine/formats/peft'
import { checkpointName } from '../../lab/checkpoint'
import { kept } from '../../lab/kept'
import { createSession, type RunCommand } from '../../lab/session'
import { DiskError } from '../disk-error'
import { localFiles } from '../files'
import { loadModel } from '../load'
import { dataSource } from '../models'
import { modelsFolder, packageVersion } from '../package'
import { startSandboxWorker } from '../sandbox'
import { makeFolder, openFolderStorage, writeAtomically, type FolderStorage } from '../storage'
import type { FromChild, ToChild, TrainingJob } from './messages'
import { readSavedConfig, writeSavedConfig } from './saved-config'

/** Runs the one job that the parent sends, to its end. */
export async function runTrainingProcess(): Promise<void> {
  // Ctrl-C reaches the whole terminal; the parent decides what it means, and says so.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  const parent = listen()
  try {
    await runJob(await parent.job, parent)
  } catch (error) {
    if (!(error instanceof TiltlabError)) throw error
    await tell({ type: 'refused', message: error.message, unkept: error instanceof DiskError })
  }
}

/** Who asked for this process. */
interface Parent {
  readonly job: Promise<TrainingJob>
  /** Passes on its commands, those too that came before there was a run. */
  obey(send: (command: RunCommand) => void): void
}

function listen(): Parent {
  const early: RunCommand[] = []
  let pass: (command: RunCommand) => void = (command) => early.push(command)
  const job = new Promise<TrainingJob>((resolvePromise) =>
    process.on('message', (message: ToChild) => {
      if (message.type === 'job') resolvePromise(message.job)
      else pass(message.command)
    }),
  )
  // The parent is gone: save, and end.
  process.on('disconnect', () => pass({ type: 'cancel' }))
  return {
    job,
    obey(send) {
      pass = send
      early.forEach(send)
    },
  }
}

async function runJob(job: TrainingJob, parent: Parent): Promise<void> {
  const folder = resolve(job.folder)
  const storage = await openFolderStorage(folder)
  try {
    const config = job.config ?? (await readSavedConfig(folder))
    if (job.config) await writeSavedConfig(folder, config)
    await train(folder, config, storage, parent)
  } finally {
    await storage.release()
  }
}

async function train(folder: string, config: RunConfig, storage: FolderStorage, parent: Parent): Promise<void> {
  const session = createSession({
    loadModel,
    data: dataSource,
    files: localFiles,
    modelsPath: modelsFolder,
    startSandbox: startSandboxWorker,
    openStorage: async () => storage,
    emit: async (event) => {
      if (event.type === 'checkpoint') await exportAdapter(storage, folder, event.name)
      // The process that saved it may have died before it came so far.
      if (event.type === 'started' && event.fromStep > 0)
        await exportAdapter(storage, folder, checkpointName(event.fromStep))
      await tell({ type: 'event', event })
    },
    identity: {
      version: packageVersion,
      platform: `node ${process.versions.node} ${process.platform} ${process.arch}`,
    },
  })
  session.send({ type: 'start', config, paused: false, runId: basename(folder) })
  parent.obey(session.send)
  await session.idle()
}

/**
 * The newest adapter as PEFT reads it, in a place that does not change with the step.
 * @throws {StorageError}
 */
async function exportAdapter(storage: FolderStorage, folder: string, checkpoint: string): Promise<void> {
  const place = join(folder, 'adapter')
  await kept(async () => {
    await makeFolder(place)
    for (const file of [ADAPTER_MODEL, ADAPTER_CONFIG])
      await writeAtomically(join(place, file), await storage.readCheckpoint(checkpoint, file))
  })
}

/** Waits until the parent has it, so that a slow reader slows the run. A parent that is gone needs no message. */
function tell(message: FromChild): Promise<void> {
  return new Promise((resolvePromise) => {
    if (!process.connected || !process.send) resolvePromise()
    else process.send(message, undefined, undefined, () => resolvePromise())
  })
}
