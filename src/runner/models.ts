// models.ts: a model's id as a folder of files on this machine
//
//   embedded:guess     the package's own models/guess; `embedded` alone is the default one
//   ./folder           a folder with config.json, tokenizer.json and onnx/
//   organisation/name  the Hugging Face Hub, kept in a cache folder; @ and a commit behind it pin it

import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ModelFileError } from '../core/errors'
import { defaultConfig, type RunConfig } from '../core/run/config'
import { listedIds } from '../core/run/embedded-models'
import { hubModel, hubSource, type FileSource } from '../engine/hub'
import type { EngineKind } from '../engine/open'
import { cachedSource, folderSource } from './files'
import { modelsFolder } from './package'

/** Which model answers, and what computes it. */
export interface ModelOptions {
  model?: string
  /** Folder of a PEFT adapter. */
  adapter?: string
  engine: EngineKind
  dtype: RunConfig['model']['dtype']
  embedding: RunConfig['model']['embedding']
}

const EMBEDDED = 'embedded:'

/** Where what can be had again is kept. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tiltlab')

/** Where models of the Hub are kept. */
export const modelCacheFolder = join(cacheFolder, 'models')

/** The data sets, styles and the harm rule that come with tiltlab. */
export const dataSource = folderSource('models/data', join(modelsFolder, 'data'))

/** The files of a model. A folder of that name is meant before a model of the Hub. @throws {ModelFileError} */
export function modelSource(id: string): FileSource {
  if (id === 'embedded') return modelSource(defaultConfig.model.id)
  if (id.startsWith(EMBEDDED)) {
    const folder = join(modelsFolder, id.slice(EMBEDDED.length))
    if (isFolder(folder)) return folderSource(id, folder)
    throw new ModelFileError(id, `is not among the embedded models: ${listedIds}.`)
  }
  if (isFolder(id)) return folderSource(id, id)
  const named = hubModel(id)
  if (named) return cachedSource(hubSource(id), join(modelCacheFolder, named.id, named.revision))
  throw new ModelFileError(id, 'is neither a folder here nor a model of the Hub (organisation/name). Check --model.')
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
