// choices.ts: what of a repository can be downloaded: the dtypes that a model really has, the sets of rows of a data set

import { size } from '../../core/format'
import { dtypes, onnxPath, type Dtype } from '../../engine/dtypes'
import { setsOf } from '../../lab/data/source'
import type { HubFile } from './hub-api'

/** Something that is downloaded as a whole. */
export interface Choice {
  files: HubFile[]
  sizeBytes: number
}

/** A model in one of its dtypes. */
export interface ModelChoice extends Choice {
  dtype: Dtype
  /** The ONNX file with its external data. */
  weightsBytes: number
  /** Why it cannot be read here; empty if it can. */
  problem: string
}

/** Rows that belong together. */
export interface DataChoice extends Choice {
  /** As `data.files` names them. */
  pattern: string
}

/** What a model is read from beside its weights; the first three it cannot do without. */
const BESIDE = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'chat_template.jinja']
const NEEDED = 3

/** More a browser does not hold in one piece. */
const MOST_FILE_BYTES = 2 ** 31 - 2 ** 20

/** The dtypes that a model has, the smallest first. */
export function modelChoices(files: readonly HubFile[]): ModelChoice[] {
  const beside = files.filter(({ path }) => BESIDE.includes(path))
  return dtypes.flatMap((dtype) => {
    const weights = files.filter(({ path }) => isWeights(onnxPath(dtype), path))
    if (!weights.some(({ path }) => path === onnxPath(dtype))) return []
    const largest = Math.max(...weights.map(({ sizeBytes }) => sizeBytes))
    const problem =
      largest > MOST_FILE_BYTES ? `A file of ${size(largest)} is larger than a page can read in one piece, 2.1 GB.` : ''
    const weightsBytes = bytesOf(weights)
    return [{ dtype, files: [...beside, ...weights], sizeBytes: weightsBytes + bytesOf(beside), weightsBytes, problem }]
  })
}

/** Why a repository is no model that can be read here; empty if it is one. */
export function modelProblem(files: readonly HubFile[]): string {
  if (modelChoices(files).length === 0)
    return `It has no ONNX file of a name that is read here: ${dtypes.map(onnxPath).join(', ')}.`
  const missing = BESIDE.slice(0, NEEDED).find((path) => !files.some((file) => file.path === path))
  return missing ? `It has no ${missing}.` : ''
}

/** The sets of rows that a data set has. */
export function dataChoices(files: readonly HubFile[]): DataChoice[] {
  return setsOf(files.map(({ path }) => path)).map(({ pattern, paths }) => {
    const own = files.filter(({ path }) => paths.includes(path))
    return { pattern, files: own, sizeBytes: bytesOf(own) }
  })
}

/** The file itself, and what exporters put beside it when it gets large: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`. */
function isWeights(path: string, found: string): boolean {
  return found.startsWith(path) && /^(?:|_data(?:_\d+)?|\.data)$/.test(found.slice(path.length))
}

function bytesOf(files: readonly HubFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
