// rewards.ts: terms: what a completion earns, and what becomes of it on the way to the gradient

import type { Term } from '../entry'

export const rewardTerms = {
  'verifiable-reward': {
    name: 'Verifiable reward',
    group: 'Rewards and advantages',
    definition:
      'A reward that a program computes from the text, such as 1 for the right result and 0 otherwise. Nobody’s taste is in it, and it can still be cheated.',
    symbol: 'g',
    unit: 'reward',
    source: 'docs/rewards.md; TRL: reward_funcs',
    also: ['reward function', 'grader', 'g', 'R'],
    see: ['reward-hacking', 'metric/reward'],
  },
  'reward-hacking': {
    name: 'Reward hacking',
    group: 'Rewards and advantages',
    definition:
      'What is rewarded rises and what was meant does not: the policy has found completions that the program takes for good.',
    source: 'docs/reward-guide.md; arXiv 1606.06565, section 4',
    also: ['cheating', 'specification gaming'],
    see: ['verifiable-reward'],
  },
  group: {
    name: 'Group',
    group: 'Rewards and advantages',
    definition:
      'The completions that are drawn for the same prompt in a step. They are compared with each other, so no model has to say what a prompt is worth.',
    symbol: 'G',
    unit: 'completions a prompt',
    source: 'arXiv 2402.03300, section 4.1; TRL: num_generations',
    also: ['group size', 'G'],
    see: ['advantage', 'metric/frac_reward_zero_std'],
  },
  baseline: {
    name: 'Baseline',
    group: 'Rewards and advantages',
    definition:
      'What is subtracted from a reward so that only better than usual is made likelier: the mean of the group, of the others in it, or of the batch. The first switch of an algorithm.',
    symbol: 'b',
    equation: 'A_i = R_i - \\tfrac1G\\sum_j R_j \\quad\\text{or}\\quad R_i - \\tfrac1{G-1}\\sum_{j\\ne i} R_j',
    unit: 'reward',
    source: 'docs/algorithms.md, estimator; leave-one-out: arXiv 2402.14740, section 3',
    also: ['estimator', 'leave-one-out', 'RLOO'],
    see: ['advantage', 'scale'],
  },
  scale: {
    name: 'Scale of the advantage',
    group: 'Rewards and advantages',
    definition:
      'What a centred reward is divided by: nothing, or the deviation in its group or batch. Dividing by the group’s deviation pushes hardest where nearly all or nearly none are right. The second switch.',
    equation: 'A_i = \\frac{R_i - \\mathrm{mean}(R)}{\\mathrm{std}(R) + \\varepsilon}',
    source: 'arXiv 2402.03300, section 4.1.2; TRL: scale_rewards',
    also: ['normalisation', 'whitening', 'standard deviation'],
    see: ['advantage', 'stop'],
  },
  advantage: {
    name: 'Advantage',
    group: 'Rewards and advantages',
    definition: 'How much better a completion was than its like. Above 0 its tokens are pushed up, below 0 down.',
    symbol: 'A',
    equation: 'A_i = \\frac{R_i - b_i}{\\text{scale}}',
    source: 'docs/algorithms.md, Order of operations; arXiv 2402.03300, section 4.1.2',
    also: ['A'],
    see: ['baseline', 'scale', 'surrogate'],
  },
  'importance-ratio': {
    name: 'Importance ratio',
    group: 'The loss',
    definition: 'How much likelier a token is now than when it was drawn. 1 at the first update after sampling.',
    symbol: '\\rho',
    equation:
      '\\rho = \\frac{\\pi(y_t\\mid\\cdot)}{\\pi_{\\mathrm{old}}(y_t\\mid\\cdot)} = e^{\\log\\pi - \\log\\pi_{\\mathrm{old}}}',
    source: 'arXiv 1707.06347, section 3; per completion: arXiv 2507.18071; TRL: importance_sampling_level',
    also: ['ratio', 'r_t(θ)', 'ρ'],
    see: ['clip', 'old-policy'],
  },
  clip: {
    name: 'Clip',
    group: 'The loss',
    definition:
      'Once a token has moved far enough in the wished direction, it gives no more gradient. It limits one step, not the distance to the reference. The fifth switch.',
    symbol: '\\varepsilon',
    equation:
      '\\min\\big(\\rho A,\\; \\mathrm{clip}(\\rho,\\, 1-\\varepsilon_{\\text{low}},\\, 1+\\varepsilon_{\\text{high}})\\,A\\big)',
    source: 'arXiv 1707.06347, eq. 7; two ε: arXiv 2503.14476; TRL: epsilon, epsilon_high',
    also: ['PPO clip', 'ε', 'clip-higher', 'dual clip'],
    see: ['importance-ratio', 'metric/clip_ratio/region_mean', 'metric/completions/clipped_ratio'],
  },
  surrogate: {
    name: 'Surrogate',
    group: 'The loss',
    definition:
      'What is minimised in the place of minus the reward, which has no gradient: ratio times advantage, clipped, token by token.',
    equation:
      'L = \\sum_i w_i \\sum_t \\big[-\\min(\\rho A,\\, \\mathrm{clip}(\\rho) A) + \\beta\\,\\mathrm{KL}_t\\big]',
    source: 'docs/algorithms.md, Order of operations; arXiv 2402.03300, section 4.1.1',
    also: ['objective', 'policy loss'],
    see: ['metric/loss', 'aggregation', 'clip'],
  },
  aggregation: {
    name: 'Aggregation',
    group: 'The loss',
    definition:
      'How tokens are averaged into a loss: over all tokens, over completions first, or over a constant. It decides whether a token of a long completion counts less. The fourth switch.',
    equation:
      '\\frac{\\sum_{i,t} \\ell_{i,t}}{\\sum_i T_i} \\quad\\text{or}\\quad \\frac1N\\sum_i \\frac1{T_i}\\sum_t \\ell_{i,t}',
    source: 'docs/algorithms.md, aggregation; arXiv 2503.20783, section 3; TRL: loss_type',
    also: ['token mean', 'length bias', 'loss type'],
    see: ['surrogate', 'algorithm/dr-grpo'],
  },
  push: {
    name: 'Push',
    group: 'The loss',
    definition:
      'What an update does to one token: minus the derivative of the loss in its log-probability. Above 0 it becomes likelier.',
    equation: '-\\frac{\\partial L}{\\partial \\log \\pi(y_t)}',
    source: 'docs/algorithms.md, Order of operations',
    see: ['advantage', 'surrogate'],
  },
  'natural-step': {
    name: 'Natural step',
    group: 'Where training stops',
    definition:
      'A step that is measured in the distribution and not in its logits, so that rare paths are learnt as fast as frequent ones. Paths of the same reward keep their proportions.',
    equation: '\\pi \\leftarrow \\pi\\, e^{\\eta (A - E_\\pi[A])}\\big/ Z',
    source: 'docs/theory.md, section 8',
    also: ['natural gradient', 'geometry', 'softmax'],
    see: ['stop'],
  },
} satisfies Record<string, Term>
