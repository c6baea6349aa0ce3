// execute.ts: makes what an experiment lacks: runs first, then what is measured of them
//
// Cell by cell, in the order of the plan. A cell that is cancelled in the middle keeps its last checkpoint; everything
// before it is kept whole, and is not made again by the next execution.

import { CancelledError, TiltlabError } from '../../core/errors'
import { canonicalJson } from '../../core/run/hash'
import type { RunConfig } from '../../core/run/config'
import { applyEvent, replay, type RunView } from '../../core/run/view'
import { readJournal } from '../../core/run/journal'
import type { RunEvent } from '../../core/run/events'
import { readAdapter, writeAdapter } from '../../engine/formats/peft'
import type { FileSource } from '../../engine/hub'
import { createModelCache, type ModelCache } from '../model-cache'
import { RunControl } from '../control'
import { performRun } from '../run'
import type { LoadedModel, LoadModelOptions } from '../hosts'
import type { CellRecord, Experiment, ExperimentHosts, Measure, MeasureContext, Results, Setting } from './experiment'
import {
  measurePath,
  missingMeasures,
  planCells,
  readJson,
  readRecord,
  writeJson,
  type Cell,
  type ExperimentStore,
} from './store'

/** How far an experiment has come. */
export interface ExperimentProgress {
  /** Cells that are finished, of all. */
  cells: { done: number; total: number }
  /** What is being worked on. */
  cell: { arm: string; label: string; seed: number }
  doing: 'load' | 'train' | 'measure'
  /** The measure that is being taken. */
  measure?: string
  /** Within this run or this measure: 0 … 1. */
  share: number
}

export interface ExecuteOptions {
  signal?: AbortSignal
  onProgress?: (progress: ExperimentProgress) => void
  /** Hears every event of the runs that are made. */
  onEvent?: (event: RunEvent, cell: Cell) => void
}

/**
 * Runs and measures everything that the experiment asks for and the store lacks.
 *
 * @throws {CancelledError} if the signal aborts; what is finished stays
 * @throws {TiltlabError} naming the run that failed, and why
 */
export async function executeExperiment(
  experiment: Experiment,
  setting: Setting,
  hosts: ExperimentHosts,
  store: ExperimentStore,
  options: ExecuteOptions = {},
): Promise<Results> {
  const plan = experiment.plan(setting)
  const cells = await planCells(plan.arms, plan.seeds)
  const execution = new Execution(hosts, store, cells, options)
  try {
    for (const cell of cells) {
      if (options.signal?.aborted) throw new CancelledError('The experiment')
      await execution.complete(cell)
    }
  } finally {
    execution.dispose()
  }
  return loadResults(experiment, setting, store)
}

/** The results of an experiment that was executed. @throws {TiltlabError} if something is missing */
export async function loadResults(experiment: Experiment, setting: Setting, store: ExperimentStore): Promise<Results> {
  const plan = experiment.plan(setting)
  const cells = await planCells(plan.arms, plan.seeds)
  const loaded = await Promise.all(
    cells.map(async (cell) => ({
      cell,
      record: await readRecord(store, cell),
      measured: await loadMeasured(cell, store),
    })),
  )
  const find = (arm: string, seed: number) => {
    const found = loaded.find(({ cell }) => cell.arm.name === arm && cell.seed === seed)
    if (found?.record) return { ...found, record: found.record }
    throw new TiltlabError(`The run ${arm}, seed ${seed}, is not finished. Run the experiment again: it goes on there.`)
  }
  return {
    setting,
    plan,
    arm: (name) => plan.arms.find((arm) => arm.name === name)!,
    record: (arm, seed) => find(arm, seed).record,
    path: (arm, seed) => find(arm, seed).cell.path,
    of<T>(arm: string, seed: number, measure: Measure<T>) {
      const { cell, measured } = find(arm, seed)
      const index = cell.arm.measures.findIndex((taken) => isSame(taken, measure))
      if (index < 0) throw new Error(`the plan does not measure ${measure.name} of ${arm}`)
      if (measured[index] !== undefined) return measured[index] as T
      throw new TiltlabError(`${measure.name} of ${arm}, seed ${seed}, is missing. Run the experiment again.`)
    },
  }
}

/** Plans are made anew for every use, so measures are told apart by what they measure. */
function isSame(a: Measure, b: Measure): boolean {
  return a.name === b.name && canonicalJson(a.settings) === canonicalJson(b.settings)
}

async function loadMeasured(cell: Cell, store: ExperimentStore): Promise<unknown[]> {
  return Promise.all(cell.arm.measures.map(async (measure) => readJson(store, await measurePath(cell, measure))))
}

/** One execution: the models that are open, and what is being worked on. */
class Execution {
  private readonly models: ModelCache
  private done = 0

  constructor(
    private readonly hosts: ExperimentHosts,
    private readonly store: ExperimentStore,
    private readonly cells: readonly Cell[],
    private readonly options: ExecuteOptions,
  ) {
    this.models = createModelCache(hosts)
  }

  dispose(): void {
    this.models.dispose()
  }

  /** Trains and measures what is missing of one cell. */
  async complete(cell: Cell): Promise<void> {
    const record = await readRecord(this.store, cell)
    const missing = await missingMeasures(this.store, cell)
    if (!record || missing.length > 0) {
      const model = record ? await this.reopen(cell) : await this.train(cell)
      for (const [index, measure] of missing.entries()) await this.measure(cell, measure, model, index, missing.length)
    }
    this.done++
  }

  /** The model as the cell's run left it, from its adapter. */
  private async reopen(cell: Cell): Promise<LoadedModel> {
    const model = await this.load(cell)
    if (!cell.arm.base) return model
    const files: FileSource = { name: cell.path, read: (path) => this.store.read(`${cell.path}/adapter/${path}`) }
    const { tensors } = await readAdapter(files)
    await model.policy.restore({ ...(await model.policy.save()), adapter: tensors })
    return model
  }

  /** Trains a cell, or goes on where its run was cancelled, and keeps the record. */
  private async train(cell: Cell): Promise<LoadedModel> {
    const config = await this.configOf(cell)
    if (!cell.arm.base) {
      const model = await this.load(cell)
      await this.keep(cell, untrainedRecord(config, cell.seed, model, this.hosts))
      return model
    }
    const { model, run, watched, isKept } = await this.performTraining(cell, config)
    if (run.end?.reason === 'cancelled') throw new CancelledError('The experiment')
    // A run that broke down in training is a result: its policy is measured as its last update left it. One that could
    // not be begun, or not be kept, is none.
    if (!model || !run.fingerprint || !run.end || !isKept)
      throw new TiltlabError(
        `${cell.arm.label}, seed ${cell.seed}, could not be run: ${run.end?.message ?? 'it has no end'}`,
      )
    const { adapter } = await model.policy.save()
    for (const [file, bytes] of writeAdapter(adapter, model.policy.adapterConfig, config.model.id))
      await this.store.write(`${cell.path}/adapter/${file}`, bytes)
    await this.keep(cell, trainedRecord(config, cell.seed, run, watched))
    return model
  }

  private async performTraining(
    cell: Cell,
    config: RunConfig,
  ): Promise<{ model: LoadedModel | null; run: RunView; watched: CellRecord['watched']; isKept: boolean }> {
    const { arm, path } = cell
    const control = new RunControl(false)
    const cancel = () => control.cancel()
    this.options.signal?.addEventListener('abort', cancel)
    const storage = await this.store.openRun(path)
    let model: LoadedModel | null = null
    let isKept: boolean
    let run = replay(readJournal(await storage.readJournal()).events)
    const watchedPath = `${path}/watched.json`
    // A run that goes on from a checkpoint makes the steps after it again.
    const watched = (await readJson<CellRecord['watched']>(this.store, watchedPath)) ?? []
    const watch = async (step: number) => {
      if (!arm.watch || step % arm.watch.every !== 0) return
      watched.splice(0, watched.length, ...watched.filter((earlier) => earlier.step < step))
      watched.push({ step, value: await arm.watch.measure.take(this.context(cell, config, model!)) })
      await writeJson(this.store, watchedPath, watched)
    }
    try {
      await performRun({
        runId: path.split('/').at(-1)!,
        config,
        control,
        hosts: {
          ...this.hosts,
          openStorage: () => Promise.resolve(storage),
          emit: async (event) => {
            run = applyEvent(run, event)
            this.options.onEvent?.(event, cell)
            if (event.type === 'step') this.report(cell, 'train', event.step / config.steps)
            // The run waits for its host, so nothing else uses the policy meanwhile.
            if (event.type === 'step' || (event.type === 'evaluation' && event.step === 0)) await watch(event.step)
          },
        },
        loadModel: async (options) => (model = await this.load(cell, options)),
      })
      isKept = readJournal(await storage.readJournal()).events.at(-1)?.type === 'ended'
    } finally {
      this.options.signal?.removeEventListener('abort', cancel)
      await storage.release()
    }
    return { model, run, watched, isKept }
  }

  private keep(cell: Cell, record: CellRecord): Promise<void> {
    return writeJson(this.store, `${cell.path}/cell.json`, record)
  }

  /** With its seed; the accuracy to stop at is that of the arm it is matched to. */
  private async configOf({ arm, seed }: Cell): Promise<RunConfig> {
    const config = { ...arm.config, seed }
    if (!arm.matched) return config
    const matched = this.cells.find((cell) => cell.arm.name === arm.matched && cell.seed === seed)!
    const record = await readRecord(this.store, matched)
    const accuracy = record?.series['eval_accuracy']?.values.at(-1)
    if (accuracy === undefined) throw new Error(`${arm.name} is matched to ${arm.matched}, which has no accuracy`)
    return { ...config, evaluation: { ...config.evaluation, stopAt: accuracy } }
  }

  private async measure(cell: Cell, measure: Measure, model: LoadedModel, index: number, total: number): Promise<void> {
    const config = await this.configOf(cell)
    const context = this.context(cell, config, model, (share) =>
      this.report(cell, 'measure', (index + share) / total, measure.name),
    )
    await writeJson(this.store, await measurePath(cell, measure), await measure.take(context))
  }

  private context(
    cell: Cell,
    config: RunConfig,
    model: LoadedModel,
    onShare: (share: number) => void = () => {},
  ): MeasureContext {
    const { signal } = this.options
    return {
      model,
      config,
      hosts: this.hosts,
      ofBase: async <T>(measure: Measure<T>) => {
        const base = this.cells.find(
          ({ arm, seed }) => arm.name === (cell.arm.base ?? cell.arm.name) && seed === cell.seed,
        )!
        const value = await readJson<T>(this.store, await measurePath(base, measure))
        if (value === undefined) throw new Error(`${measure.name} was not measured of ${base.arm.name}`)
        return value
      },
      options: { ...(signal && { signal }), onProgress: ({ done, total }) => onShare(done / Math.max(1, total)) },
    }
  }

  private load(cell: Cell, options: LoadModelOptions = {}): Promise<LoadedModel> {
    this.report(cell, 'load', 0)
    const { signal } = this.options
    return this.models.load({ ...cell.arm.config, seed: cell.seed }, { ...(signal && { signal }), ...options })
  }

  private report({ arm, seed }: Cell, doing: ExperimentProgress['doing'], share: number, measure?: string): void {
    this.options.onProgress?.({
      cells: { done: this.done, total: this.cells.length },
      cell: { arm: arm.name, label: arm.label, seed },
      doing,
      ...(measure && { measure }),
      share,
    })
  }
}

function untrainedRecord(config: RunConfig, seed: number, model: LoadedModel, hosts: ExperimentHosts): CellRecord {
  return {
    version: 1,
    seed,
    config,
    fingerprint: { ...hosts.identity, engine: model.policy.engine, modelSha256: model.sha256 },
    parameters: model.policy.spec.parameters,
    seconds: 0,
    tokens: 0,
    steps: 0,
    end: { reason: 'untrained', message: 'The model as it comes.' },
    series: {},
    watched: [],
  }
}

function trainedRecord(config: RunConfig, seed: number, run: RunView, watched: CellRecord['watched']): CellRecord {
  const series = Object.fromEntries(run.series)
  const seconds = (series['step_time']?.values ?? []).reduce((total, value) => total + value, 0)
  return {
    version: 1,
    seed,
    config,
    fingerprint: run.fingerprint!,
    parameters: run.parameters.base,
    seconds,
    tokens: series['num_tokens']?.values.at(-1) ?? 0,
    steps: run.step,
    end: run.end!,
    series,
    watched,
  }
}
