// hosts.ts: what a run needs from the place it runs in
//
// The lab has no files, no network and no GPU of its own. The page's worker and the Node runner hand it these few
// functions; everything else is the same code in both.

import type { EventSink, Fingerprint } from '../core/run/events'
import type { RunConfig } from '../core/run/config'
import type { FileSource } from '../engine/hub'
import type { CallOptions, Policy } from '../engine/policy'
import type { LocalFiles } from './data/file'
import type { Tokenizer } from '../engine/tokenizer'
import type { StartSandboxWorker } from '../rewards/sandbox/messages'

/** A model that is ready to train: weights in an engine, and its tokenizer. */
export interface LoadedModel {
  policy: Policy
  tokenizer: Tokenizer
  /** SHA-256 of the weight files, for the fingerprint. */
  sha256: string
}

/** Options of loading: the engine may go on in another way than it was asked to, and says so. */
export interface LoadModelOptions extends CallOptions {
  onNotice?: (message: string) => void
}

/** The durable folder of one run: an append-only journal and a few checkpoints. */
export interface RunStorage {
  /** The whole journal; empty if there is none yet. */
  readJournal(): Promise<Uint8Array>
  /** Appends and makes durable before it resolves. */
  appendJournal(bytes: Uint8Array): Promise<void>
  /** Cuts the journal to its first `sizeBytes` bytes. */
  truncateJournal(sizeBytes: number): Promise<void>
  /** Names of the checkpoints that were written whole, in no order. */
  listCheckpoints(): Promise<string[]>
  /** One file of a checkpoint. @throws if it is missing */
  readCheckpoint(name: string, file: string): Promise<Uint8Array>
  /** Writes all files under a temporary name, makes them durable in order, then shows them at once under `name`. */
  writeCheckpoint(name: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>
  removeCheckpoint(name: string): Promise<void>
}

/** Everything a session is given by its host. */
export interface Hosts {
  /** Loads a model by its id with a fresh adapter drawn from the seed of the configuration. */
  loadModel(config: RunConfig, options: LoadModelOptions): Promise<LoadedModel>
  /** The folder `models/data`: data sets, styles and the harm rule. */
  data: FileSource
  /** Files that a configuration names by a path of their own: `data.source`. */
  files?: LocalFiles
  /** Folder (Node) or URL (page) that holds `harm-scorer/`; needed where the reward comes from the learned scorer. */
  modelsPath?: string
  /** Starts a worker for a reward that a person wrote; needed where the reward is one. */
  startSandbox?: StartSandboxWorker
  /** Opens or creates the folder of a run; without it nothing is kept. */
  openStorage?(runId: string): Promise<RunStorage>
  /** Receives every event, in order. */
  emit: EventSink
  /** What the host is, for the fingerprint: tiltlab's version and "node 20.19 linux x64" or the user agent. */
  identity: Pick<Fingerprint, 'version' | 'platform'>
}
