// scale.ts: whether what holds for one size of the embedded family holds for the others

import { ConfigError } from '../../core/errors'
import { grpo, seeds, sft, untrained, type ArmInput } from './arms'
import { modelReport } from './model-report'
import type { Arm, Experiment, Measure, Setting } from './experiment'
import { standardMeasures } from './standard'

/** Models of one shape, tokenizer and corpus, by size. */
const SIZES = ['small', 'guess', 'large'] as const

export const scale: Experiment = {
  name: 'scale',
  title: 'Drift and gain against size',
  question: 'Do accuracy gain and drift change with the size of the model?',
  source: 'arXiv 2511.21050, 7B against 32B',
  plan(setting) {
    if (setting.own)
      throw new ConfigError(
        '--model',
        'the experiment "scale" compares the sizes of the embedded family; use "model-families"',
      )
    const { all: measures } = standardMeasures(setting)
    return { seeds: seeds(setting, 2), arms: SIZES.flatMap((size) => modelArms(setting, size, size, measures)) }
  },
  report: (results) => modelReport(results, SIZES),
}

/** The untrained model, GRPO and SFT on one model. */
export function modelArms(
  setting: Setting,
  model: NonNullable<ArmInput['model']>,
  name: string,
  measures: readonly Measure[],
): Arm[] {
  const base = `${name}-base`
  const input = { model, base, measures }
  return [
    untrained(setting, { name: base, label: `${name}, base`, model, measures }),
    grpo(setting, { ...input, name: `${name}-grpo`, label: `${name}, GRPO` }),
    sft(setting, {
      ...input,
      name: `${name}-sft`,
      label: `${name}, SFT`,
      changes: { sft: { style: setting.own ? 'own' : 'sure' } },
    }),
  ]
}
