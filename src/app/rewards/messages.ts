// messages.ts: what the Rewards view and its worker say to each other

import type { RunConfig } from '../../core/run/config'
import type { WorkbenchReport } from '../../lab/workbench/report'
import type { WorkbenchEvent, WorkbenchRequest } from '../../lab/workbench/workbench'
import type { OwnFiles } from '../state/own-files'
import type { Problem } from './faults'
import type { DataLook } from './look'

/** What the view asks for. A new trial ends the one before, and a new look the look before. */
export type ToBench =
  | { type: 'files'; files: OwnFiles }
  | { type: 'try'; id: number; request: WorkbenchRequest }
  /** `config`: the run that the data is for; its model says how long prompts are. */
  | { type: 'look'; id: number; config: RunConfig }
  | { type: 'cancel' }

/** What the worker answers; `id` is that of the question. */
export type FromBench =
  | { type: 'event'; id: number; event: WorkbenchEvent }
  | { type: 'report'; id: number; report: WorkbenchReport }
  | { type: 'problem'; id: number; problem: Problem }
  | { type: 'cancelled'; id: number }
  | { type: 'looked'; id: number; look: DataLook }
