// look.ts: what there is to know of a repository before anything large is downloaded

import { messageOf, TiltlabError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { size, whole } from '../../core/format'
import { forecastMemory } from '../../engine/forecast'
import { readModelSpec } from '../../engine/formats/config'
import { hubSource } from '../../engine/hub'
import { dataChoices, modelChoices, modelProblem, type DataChoice, type ModelChoice } from './choices'
import { fitOf, recommended, shapeOf, type Fit, type MachineLimits } from './fit'
import { openRepository, type Repository } from './hub-api'

export interface ModelLook {
  kind: 'models'
  repository: Repository
  /** Base parameters; 0 where config.json could not be read. */
  parameters: number
  /** Why it cannot be trained here at all; empty if it can. */
  problem: string
  choices: (ModelChoice & { fit: Fit | null })[]
  /** The dtype to take; empty if none fits. */
  take: string
  /** What to do where nothing fits; empty if something does. */
  advice: string
}

export interface DataLook {
  kind: 'datasets'
  repository: Repository
  problem: string
  choices: DataChoice[]
}

export type Look = ModelLook | DataLook

/** Looks at a model: its description, its dtypes, and what a run of it would hold. @throws {HubError | CancelledError} */
export async function lookAtModel(
  id: string,
  revision: string,
  config: RunConfig,
  machine: MachineLimits,
  signal?: AbortSignal,
): Promise<ModelLook> {
  const repository = await openRepository('models', id, revision, signal)
  const { files, commit } = repository
  const none = { kind: 'models' as const, repository, parameters: 0, take: '', advice: '' }
  const problem = repository.gated
    ? 'Its owner asks for consent. Get it at huggingface.co with your own account, and choose its folder here.'
    : modelProblem(files)
  const choices = modelChoices(files)
  if (problem !== '') return { ...none, problem, choices: choices.map((choice) => ({ ...choice, fit: null })) }
  try {
    const spec = await readModelSpec(hubSource(`${id}@${commit}`), signal && { signal })
    const shape = shapeOf(config)
    const fitted = choices.map((choice) => {
      const forecast = forecastMemory(spec, choice.weightsBytes, config.adapter, machine.engine, shape)
      return { ...choice, fit: fitOf(forecast, machine), totalBytes: forecast.plan.totalBytes }
    })
    const take = recommended(fitted)
    const usable = fitted.filter((choice) => choice.problem === '' && choice.fit.fits !== 'no')
    const smallest = Math.min(...fitted.map(({ totalBytes }) => totalBytes))
    return {
      ...none,
      parameters: spec.parameters,
      problem: '',
      choices: fitted.map(({ totalBytes: _, ...choice }) => choice),
      take: take && take.fit.fits !== 'no' ? take.dtype : '',
      advice: usable.length > 0 ? '' : adviceFor(spec.parameters, smallest, machine),
    }
  } catch (error) {
    if (!(error instanceof TiltlabError) || signal?.aborted) throw error
    return { ...none, problem: messageOf(error), choices: choices.map((choice) => ({ ...choice, fit: null })) }
  }
}

/** A run of a model of so many parameters holds so many bytes: how large a model would fit here? */
function adviceFor(parameters: number, totalBytes: number, { engine, memoryBytes }: MachineLimits): string {
  const room = engine === 'wasm' ? 2 ** 32 : (memoryBytes ?? Infinity)
  const millions = Math.floor((parameters * Math.min(1, room / totalBytes)) / 1e6)
  const smaller = millions > 0 ? `Take a model of at most some ${whole(millions)} million parameters` : 'Take a smaller model'
  return `${smaller}, or set fewer prompts and shorter completions; the smallest run of this one holds ${size(totalBytes)}.`
}

/** Looks at a data set: which rows it has. @throws {HubError | CancelledError} */
export async function lookAtData(id: string, revision: string, signal?: AbortSignal): Promise<DataLook> {
  const repository = await openRepository('datasets', id, revision, signal)
  const choices = dataChoices(repository.files)
  const problem = repository.gated
    ? 'Its owner asks for consent. Get it at huggingface.co with your own account, and choose its files here.'
    : choices.length === 0
      ? 'It has no files that are read here: JSON lines, JSON, CSV or Parquet.'
      : ''
  return { kind: 'datasets', repository, problem, choices }
}
