// compare.ts: one kept step under every published algorithm: what would each have done with the same batch?

import { ConfigError } from '../../core/errors'
import type { AlgorithmConfig } from '../../core/rl/config'
import {
  explainRollout,
  likeness,
  type KeptRollout,
  type RolloutExplanation,
  type TokenExplanation,
  type TokenPlace,
} from '../../core/rl/explain'
import { PRESETS } from '../../core/rl/presets'

/** A step under one algorithm. */
export interface Candidate {
  /** null: the algorithm of the run itself. */
  id: string | null
  label: string
  config: AlgorithmConfig
  /** Or what the run did not keep and this algorithm needs. */
  explained: RolloutExplanation | { missing: string }
  /** Cosine of its update with that of the run, over tokens; NaN where one of them does nothing. */
  alike: number
}

/** A token under one algorithm. */
export interface Verdict extends Omit<Candidate, 'explained'> {
  token: TokenExplanation | { missing: string }
}

/**
 * The run's own algorithm first, then the published ones.
 *
 * @param own    of the run, with the β of the step
 * @param rollout  at the log-probabilities that the run's last update saw
 */
export function candidates(rollout: KeptRollout, own: AlgorithmConfig): Candidate[] {
  const running = explainRollout(rollout, own)
  const first: Candidate = { id: null, label: 'This run', config: own, explained: running, alike: 1 }
  const others = PRESETS.map(({ id, label, config }): Candidate => {
    // How long a completion may be is a matter of the run, not of the algorithm.
    const asHere = { ...config, constantLength: own.constantLength }
    const explained = attempt(rollout, asHere)
    const alike = 'missing' in explained ? NaN : likeness(running.gradient, explained.gradient)
    return { id, label, config: asHere, explained, alike }
  })
  return [first, ...others]
}

/** One token under each of them. */
export function verdicts(all: readonly Candidate[], place: TokenPlace): Verdict[] {
  return all.map(({ explained, ...candidate }) => ({
    ...candidate,
    token: 'missing' in explained ? explained : explained.token(place),
  }))
}

function attempt(rollout: KeptRollout, config: AlgorithmConfig): Candidate['explained'] {
  try {
    return explainRollout(rollout, config)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { missing: missingWords(error) }
  }
}

function missingWords({ field, message }: ConfigError): string {
  if (field === 'refLogps') return 'It penalises a KL, and this run did not score the reference.'
  if (field === 'groupSize') return 'It compares the completions of a prompt, and here each has one.'
  return message
}
