// presets.ts: the published algorithms, each a row of switches
//
// A row holds what differs from TRL's GRPO as it comes (config.ts); its values are those of algorithms.md §1–§3 and §7.
// docs/algorithms.md shows the same table; a test keeps the two equal.

import { ConfigError } from '../errors'
import { DEFAULT_ALGORITHM, overrideAlgorithm } from './config'
import type { AlgorithmConfig, PartialAlgorithmConfig } from './config'

export interface Preset {
  /** Name on the command line, in files and in URLs. */
  id: string
  /** Name for people. */
  label: string
  /** What it is, and where its values come from. */
  description: string
  config: AlgorithmConfig
}

const OPENRLHF_KL = { estimator: 'k1', beta: 0.01, clamp: 10, aggregation: 'token-mean' } as const
const OPENRLHF_WHITENING = { unbiased: false, epsilon: 1e-8, mode: 'clamp-variance' } as const

/** Every published algorithm that is a row of the switches, in the order in which people should meet them. */
export const PRESETS: readonly Preset[] = [
  row('trl-grpo', 'GRPO (TRL)', 'TRL’s GRPOTrainer as it comes: no KL, DAPO’s token mean', {}),
  row('trl-grpo-kl', 'GRPO with KL (TRL)', 'TRL 1.16 with β > 0: k3 × ratio in the loss, the gradient of KL(π‖π_ref)', {
    kl: { placement: 'loss' },
  }),
  row(
    'trl-grpo-k3',
    'GRPO with k3 (TRL)',
    'TRL with use_bias_correction_kl off, the default up to 1.10: k3 in the loss, the gradient of KL(π_ref‖π)',
    {
      kl: { placement: 'loss', estimator: 'k3' },
    },
  ),
  row(
    'deepseekmath-grpo',
    'GRPO (DeepSeekMath)',
    'Shao et al. 2024 (arXiv 2402.03300): k3 in the loss, mean over completions of token means',
    {
      kl: { placement: 'loss', estimator: 'k3' },
      aggregation: 'sequence-mean',
    },
  ),
  row('dr-grpo', 'Dr. GRPO', 'Liu et al. 2025 (arXiv 2503.20783): no deviation and no length in the loss', {
    scale: 'none',
    aggregation: 'constant',
  }),
  row('dapo', 'DAPO', 'Yu et al. 2025 (arXiv 2503.14476): clip higher, token mean, truncated completions masked', {
    clip: { high: 0.28 },
    maskTruncated: true,
  }),
  row('gspo', 'GSPO', 'Zheng et al. 2025 (arXiv 2507.18071): one length-normalised ratio per completion', {
    aggregation: 'sequence-mean',
    clip: { low: 3e-4, high: 4e-4, level: 'sequence' },
  }),
  row('cispo', 'CISPO', 'MiniMax 2025 (arXiv 2506.13585): the capped ratio weights every token', {
    surrogate: 'cispo',
    clip: { high: 5 },
  }),
  row(
    'rloo',
    'RLOO (TRL)',
    'Ahmadian et al. 2024 (arXiv 2402.14740): leave-one-out baseline, k1 of the completion in the reward; the ratio is per token, TRL’s per completion, equal on-policy',
    {
      estimator: 'leave-one-out',
      scale: 'none',
      kl: { placement: 'reward-sequence', estimator: 'k1', beta: 0.05 },
      aggregation: 'sequence-sum',
    },
  ),
  row(
    'reinforce++',
    'REINFORCE++',
    'OpenRLHF’s reinforce (arXiv 2501.03262): no group, k1 to go in the reward, whitening over tokens',
    {
      estimator: 'none',
      scale: 'batch-token',
      std: OPENRLHF_WHITENING,
      advantageClip: 10,
      kl: { ...OPENRLHF_KL, placement: 'reward-to-go' },
    },
  ),
  row(
    'reinforce++-baseline',
    'REINFORCE++-baseline',
    'OpenRLHF’s reinforce_baseline: group mean, k1 to go in the reward, whitening over tokens',
    {
      scale: 'batch-token',
      std: OPENRLHF_WHITENING,
      advantageClip: 10,
      kl: { ...OPENRLHF_KL, placement: 'reward-to-go' },
    },
  ),
  row(
    'reinforce++-baseline-k2',
    'REINFORCE++-baseline with k2',
    'OpenRLHF’s hybrid recipe: as reinforce++-baseline, with k2 in the loss',
    {
      scale: 'batch-token',
      std: OPENRLHF_WHITENING,
      advantageClip: 10,
      kl: { ...OPENRLHF_KL, placement: 'loss', estimator: 'k2', beta: 1e-5 },
    },
  ),
  row('openrlhf-grpo', 'GRPO (OpenRLHF)', 'OpenRLHF’s group_norm with its recipe’s k3 in the loss and clip .2/.27', {
    std: { epsilon: 1e-9 },
    advantageClip: 10,
    kl: { ...OPENRLHF_KL, placement: 'loss', estimator: 'k3', beta: 1e-3 },
    clip: { high: 0.27 },
  }),
  row('verl-grpo', 'GRPO (verl)', 'verl’s grpo with use_kl_loss: k3 in the loss, dual clip 3', {
    std: { epsilon: 1e-6 },
    kl: { placement: 'loss', estimator: 'k3', beta: 1e-3, clamp: 10 },
    clip: { dual: 3 },
  }),
  row(
    'theory-faithful',
    'Theory-faithful',
    'The policy gradient of E[reward] − β·KL(π‖π_ref), unclipped: a tabular policy converges to the tilt',
    {
      estimator: 'leave-one-out',
      scale: 'none',
      kl: { placement: 'reward-to-go', estimator: 'k1', beta: 0.1 },
      aggregation: 'constant',
      clip: { low: Infinity, high: Infinity },
    },
  ),
]

/**
 * The preset of this name.
 *
 * @param field path of the name in its document, for the error
 * @throws {ConfigError} if there is none, listing those there are
 */
export function findPreset(id: string, field = 'preset'): Preset {
  const preset = PRESETS.find((candidate) => candidate.id === id)
  if (!preset)
    throw new ConfigError(
      field,
      `unknown preset "${id}"; the presets are ${PRESETS.map((known) => known.id).join(', ')}`,
    )
  return preset
}

function row(id: string, label: string, description: string, changes: PartialAlgorithmConfig): Preset {
  return { id, label, description, config: overrideAlgorithm(DEFAULT_ALGORITHM, changes, `preset ${id}`) }
}
