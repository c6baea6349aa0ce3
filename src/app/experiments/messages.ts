// messages.ts: what the Compare view and its worker say to each other

import type { RunEvent } from '../../core/run/events'
import type { ExperimentProgress } from '../../lab/experiments/execute'
import type { Setting } from '../../lab/experiments/experiment'
import type { OwnFiles } from '../state/own-files'
import type { Finished } from './finished'
import type { Forecast, Outlook } from './outlook'

/** An experiment of the catalogue, in words. */
export interface Entry {
  name: string
  title: string
  question: string
  source: string
}

/** An experiment in a setting. */
export interface Asked {
  experiment: string
  setting: Setting
}

/** What the view asks for, with the files of this machine that may be read for it. Another look ends the one before. */
export type ToLaboratory =
  /** What there is to be done, and how long it takes; `timed`: models that were not timed here may be timed now. */
  | { type: 'look'; id: number; asked: Asked; files: OwnFiles; timed: boolean }
  | { type: 'run'; id: number; asked: Asked; files: OwnFiles }
  | { type: 'cancel' }
  /** Removes everything that is kept. */
  | { type: 'clear'; id: number }

/** What the worker answers; `id` is that of the question. */
export type FromLaboratory =
  /** It is there. Where nothing can be kept, what it makes is gone with the tab. */
  | { type: 'ready'; experiments: Entry[]; keeps: boolean }
  | { type: 'outlook'; id: number; outlook: Outlook }
  | { type: 'forecast'; id: number; forecast: Forecast }
  /** `left`: seconds. */
  | { type: 'progress'; id: number; progress: ExperimentProgress; left: number }
  | { type: 'event'; id: number; event: RunEvent }
  | { type: 'finished'; id: number; finished: Finished }
  | { type: 'cancelled'; id: number }
  | { type: 'problem'; id: number; message: string }
  | { type: 'kept'; sizeBytes: number }
