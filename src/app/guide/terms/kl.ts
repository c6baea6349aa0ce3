// kl.ts: terms: how the distance to the reference is estimated, charged and limited

import type { Term } from '../entry'

export const klTerms = {
  'log-ratio': {
    name: 'Log-ratio',
    group: 'KL to the reference',
    definition:
      'By how many nats the policy prefers a token, or a whole completion, to the reference. Its mean under the policy is the KL.',
    symbol: '\\ell',
    equation: '\\ell = \\log \\frac{\\pi}{\\pi_{\\mathrm{ref}}}',
    unit: 'nats',
    source: 'docs/algorithms.md, Order of operations',
    also: ['log π/π_ref', 'log weight'],
    see: ['kl', 'weight', 'k1'],
  },
  'kl-placement': {
    name: 'Where the KL enters',
    group: 'KL to the reference',
    definition:
      'A KL penalty is taken from the reward, token by token or as a sum, or added to the loss and differentiated. The same estimator does different things in the two places. The third switch.',
    source: 'docs/algorithms.md, Which KL is penalised; TRL: beta',
    also: ['penalty', 'reward-to-go', 'KL in the loss'],
    see: ['beta', 'k1', 'k2', 'k3'],
  },
  k1: {
    name: 'k1',
    group: 'KL to the reference',
    definition:
      'The log-ratio itself: right on average, with much noise, and below 0 for single tokens. In a reward it has the gradient of the KL; in a loss it has none.',
    symbol: 'k_1',
    equation: 'k_1 = \\ell',
    unit: 'nats',
    source: 'Schulman 2020, Approximating KL divergence; docs/algorithms.md, Which KL is penalised',
    also: ['KL estimator'],
    see: ['log-ratio', 'k2', 'k3', 'metric/theory/kl_sequence'],
  },
  k2: {
    name: 'k2',
    group: 'KL to the reference',
    definition:
      'Half the square of the log-ratio: never below 0, biased where policies are far apart, and with the gradient of the KL in a loss.',
    symbol: 'k_2',
    equation: 'k_2 = \\tfrac12 \\ell^2',
    unit: 'nats',
    source: 'Schulman 2020, Approximating KL divergence; docs/algorithms.md, Which KL is penalised',
    also: ['KL estimator'],
    see: ['k1', 'k3'],
  },
  k3: {
    name: 'k3',
    group: 'KL to the reference',
    definition:
      'Never below 0 and right on average. As a loss it pulls towards the other KL, that of the reference against the policy.',
    symbol: 'k_3',
    equation: 'k_3 = e^{-\\ell} - 1 + \\ell',
    unit: 'nats',
    source: 'Schulman 2020, Approximating KL divergence; arXiv 2402.03300, eq. 4',
    also: ['KL estimator', 'low variance KL'],
    see: ['klReverse', 'k3-ratio', 'metric/kl'],
  },
  'k3-ratio': {
    name: 'k3 × ratio',
    group: 'KL to the reference',
    definition: 'k3 times the importance ratio, gradient included: with it the loss has the gradient of the KL again.',
    symbol: '\\rho\\,k_3',
    equation: '\\rho\\,(e^{-\\ell} - 1 + \\ell)',
    unit: 'nats',
    source: 'docs/algorithms.md, kl.estimator; TRL: use_bias_correction_kl',
    see: ['k3', 'importance-ratio'],
  },
  'kl-budget': {
    name: 'KL budget',
    group: 'KL to the reference',
    definition:
      'How many nats the policy may move. It limits how far, and not where to: the same KL has come with much drift and with none.',
    unit: 'nats',
    source: 'docs/algorithms.md, β while a run goes on; docs/theory.md, section 3',
    also: ['allowance', 'gauge'],
    see: ['kl', 'permitted', 'budgetBeta', 'kl-controller'],
  },
  'kl-controller': {
    name: 'KL controller',
    group: 'KL to the reference',
    definition: 'Who decides β while a run goes on: nobody, a target KL that β steers towards, or a budget.',
    equation:
      '\\beta \\leftarrow \\beta\\,(1 + e\\, n / h),\\quad e = \\mathrm{clamp}(\\mathrm{KL}/\\text{target} - 1,\\, \\pm 0.2)',
    source: 'arXiv 1909.08593, section 2.2; docs/algorithms.md, β while a run goes on',
    also: ['adaptive KL'],
    see: ['beta', 'metric/kl_coefficient'],
  },
  tilt: {
    name: 'Exponential tilt',
    group: 'The tilt',
    definition:
      'The reference with every probability multiplied by e to the reward over β, and renormalised. No other policy has as much of reward minus β times KL.',
    symbol: 'p^*',
    equation: 'p^*(r) = \\frac{p(r)\\, e^{g(r)/\\beta}}{Z}',
    source: 'docs/theory.md, section 1; arXiv 2511.21050',
    also: ['p*', 'Gibbs policy', 'optimum', 'softmax of the reward'],
    see: ['beta', 'weight', 'logZ', 'stop'],
  },
  support: {
    name: 'Support',
    group: 'The tilt',
    definition:
      'The paths that the reference takes at all. A tilt re-weights them and never adds one: zero times anything is zero.',
    equation: 'p(r) = 0 \\;\\Rightarrow\\; p^*(r) = 0',
    source: 'docs/theory.md, section 1',
    also: ['zero probability', 'unsupported'],
    see: ['tilt', 'weight'],
  },
  saturation: {
    name: 'Saturation',
    group: 'The tilt',
    definition:
      'Where a smaller β changes nothing more: the tilt is the reference given its best reward, and its KL is what the rarity of that allows.',
    equation:
      '\\beta \\to 0:\\quad P \\to 1,\\quad \\mathrm{KL} \\to \\log\\tfrac1q,\\quad \\chi^2 \\to \\tfrac{1-q}{q}',
    source: 'docs/theory.md, section 4',
    also: ['β = 1e−4'],
    see: ['beta', 'betaEff', 'essHat'],
  },
  'tilt-scatter': {
    name: 'Tilt scatter',
    group: 'The tilt',
    definition:
      'Log-ratio of each completion over its reward. On the tilt the completions of a prompt lie on a line of slope 1/β.',
    equation: '\\log \\frac{\\pi(y\\mid x)}{\\pi_{\\mathrm{ref}}(y\\mid x)} = \\frac{g(y)}{\\beta} - \\log Z(x)',
    source: 'docs/theory.md, section 6',
    see: ['metric/theory/tilt_slope', 'betaEff', 'tilt'],
  },
} satisfies Record<string, Term>
