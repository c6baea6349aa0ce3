// tilt.ts: quantities: the tilt, what it gains, and how far it is from the reference

import { klNumber, significant } from '../../../core/format'
import { logPartition } from '../../../core/theory/tilt'
import { texNumber as n } from '../../maths/typeset'
import type { Figures } from '../figures'
import { three, type Quantity } from './quantity'

export const tiltQuantities = {
  beta: {
    symbol: '\\beta',
    name: 'KL weight',
    unit: 'reward per nat',
    equation: '\\max_\\pi\\; E_\\pi[g] - \\beta\\,\\mathrm{KL}(\\pi\\Vert p)',
    source: { section: 1 },
    glossary: 'What one nat of KL to the reference costs, in reward. Small: much pressure to gain reward.',
    value: ({ figures }) => figures.beta,
    worked: ({ figures }) => `\\beta = ${n(figures.beta)}`,
    show: significant,
  },
  logZ: {
    symbol: '\\log Z',
    name: 'Log partition',
    unit: 'nats',
    equation: '\\log Z = \\log E_p\\big[e^{g/\\beta}\\big]',
    source: { section: 1 },
    glossary:
      'What makes the tilted probabilities sum to one. Its derivatives in 1/β are mean and variance of the reward.',
    value: ({ figures }) => figures.tilt.logZ,
    worked: ({ figures: { beta, tilt } }) => `\\log E_p\\big[e^{g/${n(beta)}}\\big] = ${n(tilt.logZ)}`,
    show: significant,
  },
  optimum: {
    symbol: '\\beta\\log Z',
    name: 'Value of the optimum',
    unit: 'reward',
    equation: 'E_*[g] - \\beta\\,\\mathrm{KL}(p^*\\Vert p) = \\beta\\log Z',
    source: { section: 1 },
    glossary: 'The most that any policy can have of reward minus β times KL. Only the tilt has it.',
    value: ({ figures }) => figures.tilt.value,
    worked: ({ figures: { beta, reward, distances, tilt } }) =>
      `${n(reward.after)} - ${n(beta)}\\cdot ${n(distances.kl)} = ${n(tilt.value)}`,
    show: three,
  },
  weight: {
    symbol: 'w',
    name: 'Largest weight',
    unit: '',
    equation: 'w(r) = \\frac{p^*(r)}{p(r)} = \\frac{e^{g(r)/\\beta}}{Z}',
    source: { section: 1 },
    glossary: 'By how much a path becomes more or less likely. Paths of the same reward have the same weight.',
    value: ({ figures }) => bestWeight(figures).weight,
    worked: ({ figures }) => {
      const { reward, weight } = bestWeight(figures)
      return `e^{${n(reward)}/${n(figures.beta)} - ${n(figures.tilt.logZ)}} = ${n(weight)}`
    },
    show: significant,
  },
  reward: {
    symbol: 'E_*[g]',
    name: 'Mean reward',
    unit: 'reward',
    equation: 'E_*[g] = \\sum_r p^*(r)\\,g(r) = \\frac{d}{d(1/\\beta)}\\log Z',
    source: { section: 1 },
    glossary: 'What training is for. With rewards of right or wrong it is the share of right answers: accuracy.',
    value: ({ figures }) => figures.reward.after,
    worked: ({ figures: { reward } }) => `E_p[g] = ${n(reward.before)} \\;\\to\\; E_*[g] = ${n(reward.after)}`,
    show: three,
  },
  kl: {
    symbol: '\\mathrm{KL}(p^*\\Vert p)',
    name: 'KL divergence',
    unit: 'nats',
    equation: '\\mathrm{KL}(p^*\\Vert p) = \\sum_r p^*\\log\\frac{p^*}{p} = \\frac{E_*[g]}{\\beta} - \\log Z',
    source: { section: 1 },
    glossary:
      'How far a policy is from the reference: the mean log-ratio of its own samples. What the penalty charges.',
    value: ({ figures }) => figures.distances.kl,
    worked: ({ figures: { beta, reward, tilt, distances } }) =>
      `\\frac{${n(reward.after)}}{${n(beta)}} - ${n(tilt.logZ)} = ${n(distances.kl)}\\ \\text{nats}`,
    show: klNumber,
  },
  klReverse: {
    symbol: '\\mathrm{KL}(p\\Vert p^*)',
    name: 'KL the other way',
    unit: 'nats',
    equation: '\\mathrm{KL}(p\\Vert p^*) = -E_p[\\log w] = \\log Z - \\frac{E_p[g]}{\\beta}',
    source: { section: 1 },
    glossary: 'The mean log-ratio of the reference’s samples. k3 in a loss pulls towards this one, not the other.',
    value: ({ figures }) => figures.distances.klReverse,
    worked: ({ figures: { beta, reward, tilt, distances } }) =>
      `${n(tilt.logZ)} - \\frac{${n(reward.before)}}{${n(beta)}} = ${n(distances.klReverse)}\\ \\text{nats}`,
    show: klNumber,
  },
  chi2: {
    symbol: '\\chi^2',
    name: 'χ² divergence',
    unit: '',
    equation: '\\chi^2 = E_p\\big[(w-1)^2\\big] = e^{\\Lambda(2/\\beta) - 2\\Lambda(1/\\beta)} - 1',
    source: { section: 1 },
    glossary:
      'The variance of the weights under the reference; Λ(1/β) is log Z. Unlike KL it is ruled by the largest weights.',
    value: ({ figures }) => figures.distances.chi2,
    worked: ({ figures: { paths, beta, tilt, distances } }) =>
      `e^{${n(logPartition(paths.reference, paths.reward, beta / 2))} - 2\\cdot ${n(tilt.logZ)}} - 1 = ${n(distances.chi2)}`,
    show: significant,
  },
  tv: {
    symbol: '\\mathrm{TV}',
    name: 'Total variation',
    unit: 'share',
    equation: '\\mathrm{TV} = \\tfrac12\\sum_r |p^*(r) - p(r)|',
    source: { section: 1 },
    glossary: 'The probability that moved. No share of answers can change by more.',
    value: ({ figures }) => figures.distances.tv,
    worked: ({ figures: { reward, distances, safetyGap } }) =>
      safetyGap === null
        ? `\\tfrac12\\sum_r |p^* - p| = ${n(distances.tv)}`
        : `P - q = ${n(reward.after)} - ${n(reward.before)} = ${n(distances.tv)}`,
    show: three,
  },
  ess: {
    symbol: '\\mathrm{ESS}/N',
    name: 'Effective sample',
    unit: 'share',
    equation: '\\frac{\\mathrm{ESS}}{N} = \\frac{1}{E_p[w^2]} = \\frac{1}{1+\\chi^2}',
    source: { section: 1 },
    glossary: 'Which part of samples from the reference still counts when they stand for the tilt.',
    value: ({ figures }) => figures.distances.ess,
    worked: ({ figures: { distances } }) => `\\frac{1}{1 + ${n(distances.chi2)}} = ${n(distances.ess)}`,
    show: significant,
  },
} satisfies Record<string, Quantity>

/** The weight of the best path that the reference takes. */
function bestWeight({ paths, tilt }: Figures): { reward: number; weight: number } {
  const best = paths.reference.findLastIndex((p) => p > 0)
  return { reward: paths.reward[best], weight: tilt.weights[best] }
}
