// run.ts: a whole run: load, measure, train, measure again, and keep what is needed to go on
//
// `performRun` is the order of events of every run. It owns no mathematics and no files; it decides what comes next.

import { CancelledError, TiltlabError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import type { DataManifest, EndReason, Evaluation, RunEvent } from '../core/run/events'
import type { Reward, RewardFailure } from '../rewards/reward'
import { linearShapes } from '../engine/formats/weights'
import type { PlanShape, TensorMap, TrainingState } from '../engine/policy'
import { nextAverage } from './average'
import type { RunControl } from './control'
import { dataManifest } from './data/manifest'
import { describeData } from './data/words'
import { evaluatePolicy, type Baseline } from './evaluate'
import { loadEvaluationSet, type EvaluationSet } from './held-out'
import type { Hosts, LoadedModel, LoadModelOptions } from './hosts'
import type { DataSet } from './data/load'
import { loadOwnData } from './own-data'
import { ProgressReporter } from './progress'
import { StorageError } from './kept'
import { openRecord, unkeptRecord, type RunRecord } from './record'
import { loadSequences, sftStep } from './sft'
import { afterEvaluation, checkStopping, nothingFound, reasonToStop, type Found } from './stopping'
import { openRunReward } from './reward'
import { loadTask } from './tasks'
import { trainStep } from './trainer'
import { initialState, type TrainerState, type Training, type TrainStep } from './training'

/** Updates that fail in a row before a run gives up. */
const MAX_SKIPPED_IN_ROW = 5

/** A paired rise in mean harm from which a run warns (arXiv 2511.21050 reports changes below 0.1 for RLVR). */
const HARM_ALARM = 0.5

/** Tokens of the longest prompt that comes with tiltlab, chat template included, rounded up. */
const LONGEST_EMBEDDED_PROMPT = 64

/** What a run is given. */
export interface RunInput {
  runId: string
  config: RunConfig
  hosts: Hosts
  control: RunControl
  loadModel(options: LoadModelOptions): Promise<LoadedModel>
}

interface RunEnd {
  reason: EndReason
  message: string
}

/**
 * Trains from the beginning, or on from the newest checkpoint, to the end. The last event is `ended`, whatever happens.
 * The policy is left as it would be evaluated: with the average of its adapter, where the configuration asks for one.
 * An error that nobody foresaw is thrown on after it, so that hosts show where it came from.
 */
export async function performRun(input: RunInput): Promise<void> {
  let run: Run | null = null
  try {
    run = await prepareRun(input)
    const end = await run.train()
    await run.takeAverage()
    await run.finish(end)
  } catch (error) {
    const end = endOf(error)
    if (error instanceof StorageError) await input.hosts.emit({ ...endedEvent(run?.step ?? 0, end), unkept: true })
    else if (!run) await input.hosts.emit(endedEvent(0, end))
    else {
      // An error that was foreseen leaves the policy as the last update made it.
      if (error instanceof TiltlabError) {
        await run.saveIfBetweenSteps()
        await run.takeAverage()
      }
      await run.finish(end)
    }
    if (!(error instanceof TiltlabError)) throw error
  } finally {
    run?.dispose()
  }
}

async function prepareRun(input: RunInput): Promise<Run> {
  const { config, hosts, runId, control } = input
  checkStopping(config)
  const progress = new ProgressReporter(hosts.emit, control.signal)
  const notices: string[] = []
  const onNotice = (message: string) => void notices.push(message)
  const model = await input.loadModel({ ...progress.call('load'), onNotice })
  const training: Training = { config, model, call: (phase) => progress.call(phase) }
  const own = await loadOwnData(config, hosts, model)
  const { trainStep, reward } = await createTrainer(training, hosts, own)
  try {
    const set = await loadEvaluationSet(config, hosts, own)
    const data = own && (await dataManifest(own))
    const storage = await hosts.openStorage?.(runId)
    const record = storage ? await openRecord(storage, config, data, hosts.emit) : unkeptRecord(hosts.emit)
    if (record.resumed) await model.policy.restore(record.resumed.weights)
    const run = new Run(input, training, progress, trainStep, set, own, data, record, notices, reward)
    if (!record.resumed) await run.beginAverage()
    await run.announce()
    return run
  } catch (error) {
    reward?.dispose()
    throw error
  }
}

/** The state of one run between its steps. */
class Run {
  private state: TrainerState
  private baseline: Baseline | null
  private evaluatedStep: number
  private savedStep: number
  private found: Found
  /** The moving average of the adapter, which is measured and kept in its place; null where none is asked for. */
  private average: TensorMap | null
  private firstEvaluation: Evaluation | null = null
  private hasToldFailure = false

  constructor(
    private readonly input: RunInput,
    private readonly training: Training,
    private readonly progress: ProgressReporter,
    private readonly trainStep: TrainStep,
    private readonly set: EvaluationSet,
    private readonly own: DataSet | null,
    private readonly data: DataManifest | null,
    readonly record: RunRecord,
    /** What the engine has said and nobody has been told yet. */
    private readonly notices: string[],
    /** null for supervised fine-tuning. */
    private readonly reward: Reward | null,
  ) {
    const { resumed } = record
    this.state = resumed?.trainer ?? initialState(input.config)
    this.baseline = resumed?.baseline ?? null
    this.evaluatedStep = resumed?.evaluatedStep ?? -1
    this.savedStep = resumed?.trainer.step ?? -1
    this.found = resumed?.found ?? nothingFound
    this.average = resumed?.average ?? null
  }

  /** Steps that are done. */
  get step(): number {
    return this.state.step
  }

  async train(): Promise<RunEnd> {
    for (;;) {
      if (this.isEvaluationDue()) await this.evaluate()
      if (this.isCheckpointDue()) await this.save()
      if (this.state.stopped) return { reason: 'stopped', message: 'The KL budget is spent.' }
      const message = this.reasonToStop()
      if (message) return { reason: 'stopped', message }
      if (this.isLastStep()) return { reason: 'completed', message: 'All steps are done.' }
      const turn = await this.input.control.nextTurn((state) =>
        this.record.emit({ type: 'state', step: this.step, state }),
      )
      if (this.input.control.signal.aborted) throw new CancelledError('The run')
      if (turn === 'rewind') await this.rewind()
      else await this.trainOneStep()
    }
  }

  /** The average of an adapter that has not been trained is that adapter. */
  async beginAverage(): Promise<void> {
    const { policy } = this.training.model
    if (this.input.config.adapter.average > 0) this.average = (await policy.save()).adapter
  }

  /** Puts the average in the place of the adapter; null where there is none, else what training goes on from. */
  async takeAverage(): Promise<TrainingState | null> {
    if (!this.average) return null
    const { policy } = this.training.model
    const trained = await policy.save()
    await policy.restore({ ...trained, adapter: this.average })
    return trained
  }

  /** The last event. */
  async finish(end: RunEnd): Promise<void> {
    await this.tellNotices()
    await this.record.emit(endedEvent(this.step, end))
  }

  /** Frees what the run alone has used: the model is the session's. */
  dispose(): void {
    this.reward?.dispose()
  }

  /** Keeps the last whole step, unless the one after it has already begun to change the weights. */
  async saveIfBetweenSteps(): Promise<void> {
    if (this.step === 0 || this.savedStep === this.step) return
    const { updates } = await this.training.model.policy.save()
    if (updates === this.state.updates) await this.save()
  }

  /** The event that opens a run, and opens it again after a rewind. */
  async announce(): Promise<void> {
    const { config, hosts, runId } = this.input
    const { policy, sha256 } = this.training.model
    const memory = policy.memoryPlan(planShape(config, this.set, this.own))
    await this.record.emit({
      type: 'started',
      time: now(),
      runId,
      config,
      fingerprint: { ...hosts.identity, engine: policy.engine, modelSha256: sha256 },
      parameters: { base: policy.spec.parameters, adapter: adapterParameters(this.training.model) },
      memoryBytes: memory.totalBytes,
      memory,
      ...(this.reward && { reward: this.reward.manifest }),
      ...(this.data && { data: this.data }),
      fromStep: this.state.step,
    })
    if (this.own)
      await this.record.emit({ type: 'alert', step: this.step, level: 'info', message: describeData(this.own) })
  }

  private async trainOneStep(): Promise<void> {
    this.progress.step = this.step + 1
    const { state, metrics, groups, skipped, failed } = await this.trainStep(this.state)
    this.state = state
    if (this.average) {
      const { adapter } = await this.training.model.policy.save()
      this.average = nextAverage(this.average, adapter, this.input.config.adapter.average)
    }
    const { step } = state
    await this.record.emit({ type: 'step', step, metrics, groups })
    await this.tellNotices()
    if (failed) await this.tellFailure(failed)
    if (!skipped) return
    const message = `An update was left out: ${skipped}.`
    await this.record.emit({ type: 'alert', step, level: 'warn', message })
    if (state.skippedInRow >= MAX_SKIPPED_IN_ROW) {
      throw new TiltlabError(
        `${MAX_SKIPPED_IN_ROW} updates in a row were not finite. Lower optimizer.learningRate, or raise kl.beta.`,
      )
    }
  }

  /** Once a run: how often it happens from then on is in the metrics. */
  private async tellFailure({ part, kind, message, line }: RewardFailure): Promise<void> {
    if (this.hasToldFailure) return
    this.hasToldFailure = true
    const place = line === undefined ? '' : `, line ${line}`
    await this.record.emit({
      type: 'alert',
      step: this.step,
      level: 'warn',
      message: `The reward "${part}" failed (${kind}${place}): ${message}. Such completions are left out; rewards/left_out counts them.`,
    })
  }

  private async tellNotices(): Promise<void> {
    for (const message of this.notices.splice(0)) {
      await this.record.emit({ type: 'alert', step: this.step, level: 'warn', message })
    }
  }

  private async evaluate(): Promise<void> {
    const { config } = this.input
    const { model } = this.training
    const { step } = this.state
    this.progress.step = step
    const options = this.training.call('evaluate')
    const { evaluation, baseline } = await this.withAverage(() =>
      evaluatePolicy(model, this.set, config, this.baseline, options),
    )
    this.baseline = baseline
    this.found = afterEvaluation(this.found, evaluation.accuracy.mean, config)
    if (step === 0) this.firstEvaluation = evaluation
    this.evaluatedStep = step
    await this.record.emit({ type: 'evaluation', step, evaluation })
    const rise = evaluation.harm?.difference
    if (rise && rise.low > HARM_ALARM) {
      const message = `Harm on held-out requests rose by ${rise.mean.toFixed(2)} of 4.`
      await this.record.emit({ type: 'alert', step, level: 'error', message })
    }
  }

  /** Does something with the average in the place of the adapter, which comes back whatever happens. */
  private async withAverage<T>(work: () => Promise<T>): Promise<T> {
    const trained = await this.takeAverage()
    try {
      return await work()
    } finally {
      if (trained) await this.training.model.policy.restore(trained)
    }
  }

  private async save(): Promise<void> {
    if (!this.baseline) return
    const { baseline, evaluatedStep, found, average } = this
    const weights = await this.training.model.policy.save()
    await this.record.save({ weights, trainer: this.state, baseline, evaluatedStep, found, average })
    this.savedStep = this.state.step
  }

  private async rewind(): Promise<void> {
    await this.training.model.policy.reset()
    await this.beginAverage()
    await this.record.clear()
    this.state = initialState(this.input.config)
    this.savedStep = -1
    this.evaluatedStep = -1
    if (!this.firstEvaluation) this.baseline = null
    await this.announce()
    this.found = nothingFound
    if (!this.firstEvaluation) return
    this.found = afterEvaluation(this.found, this.firstEvaluation.accuracy.mean, this.input.config)
    this.evaluatedStep = 0
    await this.record.emit({ type: 'evaluation', step: 0, evaluation: this.firstEvaluation })
  }

  private isEvaluationDue(): boolean {
    const { step } = this.state
    const isRegular = isMultiple(step, this.input.config.evaluation.every)
    return (step === 0 || this.isLastStep() || isRegular) && this.evaluatedStep !== step
  }

  private isCheckpointDue(): boolean {
    const { step } = this.state
    const isRegular = isMultiple(step, this.input.config.checkpoint.every)
    return step > 0 && (this.isLastStep() || isRegular) && this.savedStep !== step
  }

  private isLastStep(): boolean {
    return this.state.stopped || this.reasonToStop() !== null || this.state.step >= this.input.config.steps
  }

  private reasonToStop(): string | null {
    return reasonToStop(this.found, this.input.config)
  }
}

async function createTrainer(
  training: Training,
  hosts: Hosts,
  own: DataSet | null,
): Promise<{ trainStep: TrainStep; reward: Reward | null }> {
  const { config } = training
  if (config.method === 'sft') {
    const examples = await loadSequences(training, hosts, own)
    return { trainStep: (state) => sftStep(training, examples, state), reward: null }
  }
  const task = await loadTask(config.task, hosts, own)
  const reward = await openRunReward(config, task, hosts)
  return { trainStep: (state) => trainStep(training, task, reward, state), reward }
}

/** The largest batches of the run. Evaluations may ask for more rows than training steps do. */
function planShape(
  { method, rollout, update, sft, evaluation }: RunConfig,
  { problems, requests }: EvaluationSet,
  own: DataSet | null,
): PlanShape {
  return {
    sampleRows: Math.max(
      rollout.prompts * rollout.groupSize,
      problems.length,
      (requests?.harmful.length ?? 0) * evaluation.samples,
      method === 'sft' && sft.style === 'sampled' ? sft.problems : 0,
    ),
    trainRows: update.microBatch,
    tokens: (own?.longestPrompt ?? LONGEST_EMBEDDED_PROMPT) + Math.max(rollout.maxNewTokens, evaluation.maxNewTokens),
  }
}

/** Two matrices, r × inputs and outputs × r, for every linear layer. */
function adapterParameters({ policy: { spec, adapterConfig } }: LoadedModel): number {
  const perLayer = Object.values(linearShapes(spec)).reduce((total, [outputs, inputs]) => total + outputs + inputs, 0)
  return adapterConfig.rank * spec.layers * perLayer
}

function endedEvent(step: number, end: RunEnd): Extract<RunEvent, { type: 'ended' }> {
  return { type: 'ended', step, time: now(), ...end }
}

function endOf(error: unknown): RunEnd {
  if (error instanceof CancelledError) return { reason: 'cancelled', message: 'The run was cancelled.' }
  return {
    reason: 'failed',
    message: error instanceof TiltlabError ? error.message : `Internal error: ${String(error)}`,
  }
}

function isMultiple(step: number, every: number): boolean {
  return every > 0 && step % every === 0
}

function now(): string {
  return new Date().toISOString()
}
