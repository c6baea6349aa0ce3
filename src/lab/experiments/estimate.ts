// estimate.ts: how long an experiment will take, before it is begun and while it goes on
//
// Work is counted in calls of the engine and their tokens, by the configuration of each arm and the cost of each measure;
// what a call takes is measured on the machine (speed.ts), once a model and task. What the store holds costs nothing.

import type { RunConfig } from '../../core/run/config'
import { canonicalJson } from '../../core/run/hash'
import { mean } from '../../core/stats/moments'
import type { CallOptions } from '../../engine/policy'
import type { ExperimentProgress } from './execute'
import type { Experiment, ExperimentHosts, Measure, Setting } from './experiment'
import { modelKey } from '../model-cache'
import { checkRequestSets } from './measures/prompt-sets'
import { LONGEST_TIMED, measureSpeed, type Speed } from './speed'
import { missingMeasures, planCells, readJson, readRecord, writeJson, type Cell, type ExperimentStore } from './store'

/** Seconds, and the tokens that are drawn and that pass through the model to be scored or learnt from. */
export interface Work {
  seconds: number
  drawnTokens: number
  readTokens: number
}

/** What is to be done for one cell. */
export interface CellWork {
  cell: Cell
  load: Work
  train: Work
  measures: Work
  /** Names of the measures that are missing. */
  missing: readonly string[]
  /** Nothing is missing. */
  isDone: boolean
}

/** What an experiment will take. */
export interface ExperimentEstimate extends Work {
  /** In the order in which they are made. */
  cells: readonly CellWork[]
}

/** What an estimate needs of its host. */
export interface EstimateHosts extends ExperimentHosts {
  /** What the speed depends on beside the model, in words: processor and graphics adapter. */
  machine(): Promise<string>
}

const NOTHING: Work = { seconds: 0, drawnTokens: 0, readTokens: 0 }

/** Answers that decode together in either engine. */
const DECODED_AT_ONCE = 128

/** Problems and answers of the tilt's scatter, of which every evaluation of a run draws one (../tilt.ts). */
const SCATTER = { problems: 16, samples: 8 }

/** Attempts at each problem, on average, until a right answer is there to be imitated, or eight are wrong (../imitated.ts). */
const IMITATION_ATTEMPTS = 3

/** A run that stops where another arm's accuracy is reached makes about this share of its steps. */
const MATCHED_SHARE = 0.5

const RATES = 'rates.json'

/**
 * Estimates what is missing of an experiment. The speeds of models that were not timed on this machine yet are measured
 * first, and kept.
 *
 * @throws {CancelledError} if the signal aborts
 * @throws {TiltlabError} if a model cannot be loaded here
 */
export async function estimateExperiment(
  experiment: Experiment,
  setting: Setting,
  hosts: EstimateHosts,
  store: ExperimentStore,
  options: CallOptions = {},
): Promise<ExperimentEstimate> {
  const { arms, seeds } = experiment.plan(setting)
  // What cannot be asked is said before a model is timed.
  if (setting.own) await checkRequestSets(setting.own.requests, hosts)
  const cells = []
  let loaded = ''
  for (const cell of await planCells(arms, seeds)) {
    const hasRun = (await readRecord(store, cell)) !== undefined
    const missing = await missingMeasures(store, cell)
    const isDone = hasRun && missing.length === 0
    if (isDone) {
      cells.push(doneCell(cell))
      continue
    }
    const model = modelKey({ ...cell.arm.config, seed: cell.seed })
    const work = cellWork(cell, hasRun, missing, await speedOf(cell, hosts, store, options))
    cells.push(model === loaded ? { ...work, load: NOTHING } : work)
    loaded = model
  }
  return { ...total(cells.flatMap(({ load, train, measures }) => [load, train, measures])), cells }
}

/**
 * Seconds that are left. The estimate is corrected by how long what is done has taken, the more so the longer that was.
 *
 * @returns a function of how far the experiment is and of the seconds since it began
 */
export function timeLeft({ cells, seconds: all }: ExperimentEstimate) {
  return (progress: ExperimentProgress, elapsedSeconds: number): number => {
    const before = total(cells.slice(0, progress.cells.done).flatMap((cell) => [cell.load, cell.train, cell.measures]))
    const current = cells.at(progress.cells.done)
    const done = before.seconds + (current ? secondsInto(current, progress) : 0)
    const correction = (elapsedSeconds + TRUSTED_SECONDS) / (done + TRUSTED_SECONDS)
    return Math.max(0, all - done) * correction
  }
}

/** For so long the estimate is taken to have been right, so that the first moments do not decide. */
const TRUSTED_SECONDS = 20

function secondsInto({ load, train, measures }: CellWork, { doing, share }: ExperimentProgress): number {
  switch (doing) {
    case 'load':
      return 0
    case 'train':
      return load.seconds + share * train.seconds
    case 'measure':
      return load.seconds + train.seconds + share * measures.seconds
  }
  return doing satisfies never
}

function doneCell(cell: Cell): CellWork {
  return { cell, load: NOTHING, train: NOTHING, measures: NOTHING, missing: [], isDone: true }
}

function cellWork(cell: Cell, hasRun: boolean, missing: readonly Measure[], speed: Speed): CellWork {
  return {
    cell,
    load: { ...NOTHING, seconds: speed.load },
    train: hasRun || !cell.arm.base ? NOTHING : trainingWork(cell, speed),
    measures: total(missing.map((measure) => measureWork(measure, cell.arm.config, speed))),
    missing: missing.map(({ name }) => name),
    isDone: false,
  }
}

/** The speed of a cell's model on its task, from the store or measured now. */
async function speedOf(
  { arm: { config } }: Cell,
  hosts: EstimateHosts,
  store: ExperimentStore,
  options: CallOptions,
): Promise<Speed> {
  const { model, engine, task, data } = config
  const key = canonicalJson([await hosts.machine(), model, engine, task.kind, task.kind === 'data' ? data.source : ''])
  const known = (await readJson<Record<string, Speed>>(store, RATES)) ?? {}
  if (known[key]) return known[key]
  const speed = await measureSpeed(config, hosts, options)
  await writeJson(store, RATES, { ...known, [key]: speed })
  return speed
}

/** A run with its own evaluations and what is watched during it. */
function trainingWork({ arm: { config, matched, watch } }: Cell, speed: Speed): Work {
  const { steps, evaluation, method, sft } = config
  const share = matched === undefined ? 1 : MATCHED_SHARE
  const step = method === 'sft' ? sftStep(config, speed) : rlStep(config, speed)
  const evaluations = evaluation.every > 0 ? 1 + Math.ceil((share * steps) / evaluation.every) : 2
  const looks = watch ? 1 + Math.floor(steps / watch.every) : 0
  return total([
    times(share * steps, step),
    times(evaluations, evaluationWork(config, speed)),
    ...(watch ? [times(looks, measureWork(watch.measure, config, speed))] : []),
    ...(method === 'sft' && sft.style === 'sampled'
      ? [sampling(IMITATION_ATTEMPTS * sft.problems, 1, config.rollout.maxNewTokens, speed)]
      : []),
  ])
}

/** One step of RL (../trainer.ts): draw, score under policy and reference, and descend. */
function rlStep({ rollout, update, algorithm, controller }: RunConfig, speed: Speed): Work {
  const rows = rollout.prompts * rollout.groupSize
  const { maxNewTokens, scoreReference } = rollout
  const needsReference = scoreReference || algorithm.kl.placement !== 'off' || controller.kind !== 'fixed'
  const shape = { rows, prompts: rollout.prompts, maxNewTokens }
  const updates = update.epochs * update.minibatches
  const part = { ...shape, rows: rows / update.minibatches, prompts: rollout.prompts / update.minibatches }
  return total([
    sampling(rollout.prompts, rollout.groupSize, maxNewTokens, speed),
    times((needsReference ? 2 : 1) + (controller.kind === 'budget' ? 1 : 0), scoring(shape, speed)),
    // Every update but the first sees a policy that has moved.
    times(updates - 1, scoring(part, speed)),
    times(updates, learning(part, update.microBatch, speed)),
  ])
}

/** One step of SFT (../sft.ts). Gold answers are taken to be as long as the model's own. */
function sftStep({ sft, rollout, update }: RunConfig, speed: Speed): Work {
  const shape = { rows: sft.batch, prompts: sft.batch, maxNewTokens: rollout.maxNewTokens }
  return total([scoring(shape, speed), learning(shape, update.microBatch, speed)])
}

/** A run's own evaluation (../evaluate.ts). */
function evaluationWork({ evaluation, task }: RunConfig, speed: Speed): Work {
  const { problems, samples, maxNewTokens } = evaluation
  const requests = task.kind === 'data' ? 0 : evaluation.requests
  const scattered = Math.min(problems, SCATTER.problems)
  const scored = (rows: number, prompts = rows) => times(2, scoring({ rows, prompts, maxNewTokens }, speed))
  return total([
    times(2, sampling(problems, 1, maxNewTokens, speed)),
    sampling(requests, samples, maxNewTokens, speed),
    sampling(requests, 1, maxNewTokens, speed),
    scored(problems),
    scored(requests),
    sampling(scattered, SCATTER.samples, maxNewTokens, speed),
    scored(scattered * SCATTER.samples, scattered),
  ])
}

function measureWork({ cost }: Measure, { update }: RunConfig, speed: Speed): Work {
  const { prompts, maxNewTokens, drawn, scored, learnt = 0 } = cost
  const tokens = (rows: number) => (rows === 0 ? 0 : tokensOf({ rows, prompts, maxNewTokens }, speed))
  return total([
    sampling(prompts, drawn / prompts, maxNewTokens, speed),
    through(1, tokens(scored), speed.score),
    through(Math.ceil(learnt / update.microBatch), tokens(learnt), speed.gradient),
  ])
}

interface Shape {
  /** Completions. */
  rows: number
  /** Distinct prompts, which are read once each. */
  prompts: number
  maxNewTokens: number
}

/** Waves of completions, each as long as its longest one. */
function sampling(prompts: number, samples: number, maxNewTokens: number, speed: Speed): Work {
  const rows = prompts * samples
  if (rows === 0) return NOTHING
  const waves = Math.ceil(rows / DECODED_AT_ONCE)
  const lengths = lengthsUpTo(maxNewTokens, speed)
  const drawnTokens = rows * mean(lengths)
  const steps = waves * longestOf(rows / waves, lengths)
  const seconds = steps * speed.decode.each + drawnTokens * speed.decode.token
  const prompt = through(waves, prompts * speed.promptTokens, speed.score)
  return total([{ seconds, drawnTokens, readTokens: 0 }, prompt])
}

function scoring(shape: Shape, speed: Speed): Work {
  return through(1, tokensOf(shape, speed), speed.score)
}

/** Forward, backward and update. */
function learning(shape: Shape, microBatch: number, speed: Speed): Work {
  const work = through(Math.ceil(shape.rows / microBatch), tokensOf(shape, speed), speed.gradient)
  return { ...work, seconds: work.seconds + speed.update }
}

function tokensOf({ rows, prompts, maxNewTokens }: Shape, speed: Speed): number {
  return prompts * speed.promptTokens + rows * mean(lengthsUpTo(maxNewTokens, speed))
}

function through(calls: number, readTokens: number, { each, token }: Speed['score']): Work {
  return { seconds: readTokens === 0 ? 0 : calls * each + readTokens * token, drawnTokens: 0, readTokens }
}

/** Lengths of answers under a budget; one that was not drawn to its end may be as long as that. */
function lengthsUpTo(maxNewTokens: number, { answers }: Speed): number[] {
  return answers.map((length) => (length >= LONGEST_TIMED ? maxNewTokens : Math.min(length, maxNewTokens)))
}

/** The expected longest of n answers, of ascending lengths that are as likely as each other. */
function longestOf(n: number, lengths: readonly number[]): number {
  const share = (i: number) => (i / lengths.length) ** n
  return lengths.reduce((sum, length, i) => sum + length * (share(i + 1) - share(i)), 0)
}

function times(count: number, { seconds, drawnTokens, readTokens }: Work): Work {
  return { seconds: count * seconds, drawnTokens: count * drawnTokens, readTokens: count * readTokens }
}

function total(works: readonly Work[]): Work {
  return works.reduce(
    (sum, work) => ({
      seconds: sum.seconds + work.seconds,
      drawnTokens: sum.drawnTokens + work.drawnTokens,
      readTokens: sum.readTokens + work.readTokens,
    }),
    NOTHING,
  )
}
