// outlook.ts: what an experiment consists of, and what of it is there already

import type { ExperimentEstimate } from '../../lab/experiments/estimate'
import type { Experiment, Setting } from '../../lab/experiments/experiment'
import { plannedPower, type PlannedPower } from '../../lab/experiments/power'
import { missingMeasures, planCells, readRecord, type Cell, type ExperimentStore } from '../../lab/experiments/store'
import type { Files } from '../storage/files'

/** begun: its run was cut short and goes on from its last checkpoint; trained: something was not measured yet. */
export type CellState = 'waiting' | 'begun' | 'trained' | 'done'

/** An arm in words. */
export interface OutlookArm {
  name: string
  label: string
  /** Training steps; 0 for the model as it comes. */
  steps: number
}

export interface OutlookCell {
  arm: string
  seed: number
  state: CellState
}

/** What has to be done. */
export interface Outlook {
  arms: OutlookArm[]
  seeds: readonly number[]
  /** In the order in which they are made. */
  cells: OutlookCell[]
  /** How small a difference it can tell. */
  power: PlannedPower[]
}

/** What the rest of it takes on this machine. */
export type Forecast = Pick<ExperimentEstimate, 'seconds' | 'drawnTokens' | 'readTokens'>

/** Looks into the store. @throws {ConfigError} where the experiment has no meaning in this setting */
export async function outlookOf(
  experiment: Experiment,
  setting: Setting,
  store: ExperimentStore,
  files: Files,
): Promise<Outlook> {
  const plan = experiment.plan(setting)
  const { arms, seeds } = plan
  const cells = await planCells(arms, seeds)
  return {
    arms: arms.map(({ name, label, base, config }) => ({ name, label, steps: base === undefined ? 0 : config.steps })),
    seeds,
    cells: await Promise.all(
      cells.map(async (cell) => ({
        arm: cell.arm.name,
        seed: cell.seed,
        state: await stateOf(cell, store, files),
      })),
    ),
    power: await plannedPower(plan, store),
  }
}

async function stateOf(cell: Cell, store: ExperimentStore, files: Files): Promise<CellState> {
  if (await readRecord(store, cell)) return (await missingMeasures(store, cell)).length === 0 ? 'done' : 'trained'
  return (await files.folders(cell.path)).length > 0 ? 'begun' : 'waiting'
}
