// arrival.ts: quantities: where training stops, and best-of-n

import { klNumber, significant } from '../../../core/format'
import { drawsForTilt } from '../best'
import { texNumber as n } from '../../maths/typeset'
import { three, type Quantity } from './quantity'

export const arrivalQuantities = {
  betaEff: {
    symbol: '\\beta_{\\mathrm{eff}}',
    name: 'Effective β',
    unit: 'reward per nat',
    equation:
      '\\beta_{\\mathrm{eff}} = \\frac{1}{\\mathrm{logit}\\,P_{\\text{after}} - \\mathrm{logit}\\,P_{\\text{before}}}',
    source: { section: 4 },
    glossary: 'The β whose tilt makes the change of reward that was seen, however large the nominal β was.',
    value: ({ figures, played }) => (played ? (played.betaEff ?? NaN) : figures.beta),
    worked: ({ figures: { reward, beta }, played }) =>
      played
        ? `E[g]:\\ ${n(reward.before)} \\to ${n(played.reward)},\\quad \\beta_{\\mathrm{eff}} = ${n(played.betaEff ?? NaN)}`
        : `\\text{nothing played yet; of the tilt it is }\\beta = ${n(beta)}`,
    show: significant,
  },
  stop: {
    symbol: 'P',
    name: 'Where it stops',
    unit: 'share',
    equation: 'c(P) = \\beta\\,h(P)',
    source: { section: 7, paper: 'arXiv 2503.06639' },
    glossary:
      'The success at which the push of the advantages, c, and the pull of the KL term, h, balance. Only with c = 1 and the gradient of KL(π‖p) is it the tilt’s.',
    value: ({ stop }) => stop?.reward ?? NaN,
    worked: ({ stop, figures: { reward } }) =>
      stop
        ? `\\mathrm{logit}\\,P = \\mathrm{logit}\\,${n(reward.before)} + \\frac{1}{${n(stop.betaEff ?? NaN)}},\\quad P = ${n(stop.reward)}`
        : '\\text{known for rewards of right or wrong}',
    show: three,
  },
  bestReward: {
    symbol: 'E_{\\text{best of }n}[g]',
    name: 'Mean reward of best-of-n',
    unit: 'reward',
    equation: '\\pi_n(r) = \\frac{p(r)}{p(g = g(r))}\\,\\big(F(g(r))^n - F(\\lt g(r))^n\\big)',
    source: { section: 5 },
    glossary: 'Draw n answers and keep the best: the cheapest way to gain reward without training.',
    value: ({ best }) => best.reward.after,
    worked: ({ best, figures: { reward, safetyGap } }) =>
      safetyGap === null
        ? `E_{\\text{best of }${best.n}}[g] = ${n(best.reward.after)}`
        : `1 - (1 - ${n(reward.before)})^{${best.n}} = ${n(best.reward.after)}`,
    show: three,
  },
  bestKl: {
    symbol: '\\log n - \\tfrac{n-1}{n}',
    name: 'KL bound of best-of-n',
    unit: 'nats',
    equation: '\\mathrm{KL}(\\pi_n\\Vert p) \\le \\log n - \\frac{n-1}{n}',
    source: { section: 5, paper: 'arXiv 2401.01879' },
    glossary: 'Exact where no two answers tie. Where many do it is far too large, as KL cannot exceed log 1/q.',
    value: ({ best }) => best.klBound,
    worked: ({ best }) =>
      `${n(best.distances.kl)} \\le \\log ${best.n} - \\frac{${best.n - 1}}{${best.n}} = ${n(best.klBound)}`,
    show: klNumber,
  },
  equalDraws: {
    symbol: 'n',
    name: 'Draws that gain as much',
    unit: '',
    equation: 'n = \\frac{\\log(1 - P)}{\\log(1 - q)}',
    source: { section: 5 },
    glossary: 'How many draws best-of-n takes to succeed as often as the tilt.',
    value: ({ figures }) => drawsForTilt(figures) ?? NaN,
    worked: ({ figures }) => {
      const draws = drawsForTilt(figures)
      return draws === null
        ? '\\text{only for rewards of right or wrong}'
        : `\\frac{\\log ${n(1 - figures.reward.after)}}{\\log ${n(1 - figures.reward.before)}} = ${n(draws)}`
    },
    show: significant,
  },
} satisfies Record<string, Quantity>
