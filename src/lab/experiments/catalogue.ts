// catalogue.ts: every experiment there is, in the order in which people should meet them

import { ConfigError } from '../../core/errors'
import type { Experiment } from './experiment'
import { ablation } from './ablation'
import { betaSweep } from './beta-sweep'
import { domainTransfer } from './domain-transfer'
import { driftBound } from './drift-bound'
import { independence } from './independence'
import { longTail } from './long-tail'
import { mitigations } from './mitigations'
import { modelFamilies } from './model-families'
import { redTeam } from './red-team'
import { reflectionEntropy } from './reflection-entropy'
import { rewardModelAudit } from './reward-model-audit'
import { rewardTypes } from './reward-types'
import { rlvrVsSft } from './rlvr-vs-sft'
import { safetyRlVsSft } from './safety-rl-vs-sft'
import { scale } from './scale'

/** The experiments; the command line, the page and docs/experiments.md list these. */
export const experiments: readonly Experiment[] = [
  rlvrVsSft,
  driftBound,
  betaSweep,
  independence,
  rewardTypes,
  modelFamilies,
  scale,
  domainTransfer,
  safetyRlVsSft,
  reflectionEntropy,
  ablation,
  rewardModelAudit,
  redTeam,
  longTail,
  mitigations,
]

/** The experiment of this name. @throws {ConfigError} if there is none, listing those there are */
export function findExperiment(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name)
  if (found) return found
  const names = experiments.map((experiment) => experiment.name).join(', ')
  throw new ConfigError('experiment', `there is no experiment "${name}"; there are ${names}`)
}
