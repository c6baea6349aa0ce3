// model-families.ts: whether what holds for one family of models holds for another (open question 2 of arXiv 2511.21050)

import { seeds } from './arms'
import type { Experiment, Setting } from './experiment'
import { modelReport } from './model-report'
import { modelArms } from './scale'
import { standardMeasures } from './standard'

/** Embedded models of the same size, tokenizer and corpus in two shapes. */
const FAMILIES = { qwen3: 'guess', llama: 'llama' } as const

export const modelFamilies: Experiment = {
  name: 'model-families',
  title: 'Families of models',
  question: 'Is the drift of RLVR and of SFT the same in another family of models?',
  source: 'arXiv 2511.21050, open question 2',
  plan(setting) {
    const { all: measures } = standardMeasures(setting)
    const arms = setting.own
      ? modelArms(setting, 'guess', ownName(setting), measures)
      : Object.entries(FAMILIES).flatMap(([family, model]) => modelArms(setting, model, family, measures))
    return { seeds: seeds(setting, 2), arms }
  },
  report: (results) => modelReport(results, results.setting.own ? [ownName(results.setting)] : Object.keys(FAMILIES)),
}

/** A model of a person's own is one family: the same table, beside those of other runs. */
function ownName({ own }: Setting): string {
  return own?.model.id.split(/[/:]/).at(-1) ?? ''
}
