// kept-choices.ts: what of a kept repository can be used as it is

import { modelChoices } from './choices'
import { setsOf } from '../../lab/data/source'
import { wholeFiles, type KeptRepository } from './shelf'

/** One thing that can be trained, or trained on: a dtype of a model, or a set of rows. */
export interface Usable {
  /** A dtype, or the pattern of the files. */
  name: string
  sizeBytes: number
}

/** What is here as a whole. */
export function usableOf(kept: KeptRepository): Usable[] {
  const whole = wholeFiles(kept)
  if (kept.kind === 'models') {
    const complete = modelChoices(kept.files).filter(({ files }) =>
      files.every(({ path }) => whole.some((file) => file.path === path)),
    )
    return complete.map(({ dtype, sizeBytes }) => ({ name: dtype, sizeBytes }))
  }
  const paths = whole.map(({ path }) => path)
  const own = setsOf(kept.paths).filter((set) => set.paths.every((path) => paths.includes(path)))
  return own.map((set) => ({
    name: set.pattern,
    sizeBytes: whole.filter(({ path }) => set.paths.includes(path)).reduce((sum, file) => sum + file.sizeBytes, 0),
  }))
}
