// chosen.ts: what a person has chosen of the Hub, as a configuration names it

import type { RunConfig } from '../../core/run/config'
import type { Dtype } from '../../engine/dtypes'
import type { Kind } from './hub-api'

/** A dtype of a model, or a set of rows, at a commit. */
export interface Chosen {
  kind: Kind
  id: string
  commit: string
  /** A dtype, or a pattern of files. */
  name: string
}

/** The model that was chosen: its commit is part of what a run is. */
export function chosenModel({ id, commit, name }: Chosen): RunConfig['model'] {
  return { id: `${id}@${commit}`, dtype: name as Dtype, embedding: 'file' }
}

/** The data that was chosen; what its columns mean is recognised anew. */
export function chosenData({ id, commit, name }: Chosen): Pick<RunConfig['data'], 'source' | 'files' | 'revision' | 'preset' | 'fields'> {
  return {
    source: id,
    files: name,
    revision: commit,
    preset: 'auto',
    fields: { prompt: '', answer: '', harmful: '' },
  }
}
