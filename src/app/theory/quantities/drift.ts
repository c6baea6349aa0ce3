// drift.ts: quantities: how far safety drifts, and what bounds it

import { signed, significant } from '../../../core/format'
import { betaOfKl } from '../figures'
import { texNumber as n } from '../../maths/typeset'
import { three, sign3, PAPER, tidy, type Quantity } from './quantity'

export const driftQuantities = {
  drift: {
    symbol: '\\Delta',
    name: 'Drift of safety',
    unit: 'safety',
    equation: '\\Delta = E_*[s] - E_p[s] = \\mathrm{Cov}_p(w, s)',
    source: { section: 2, paper: PAPER },
    glossary:
      'How far mean safety moves. Exactly the covariance of weights and safety: zero if they have nothing to do with each other.',
    value: ({ figures }) => tidy(figures.safety.drift),
    worked: ({ figures: { safety } }) => `${n(safety.after)} - ${n(safety.before)} = ${n(tidy(safety.drift))}`,
    show: sign3,
  },
  correlation: {
    symbol: '\\mathrm{corr}_p(w, s)',
    name: 'Share of Cauchy–Schwarz used',
    unit: '',
    equation: '\\Delta = \\mathrm{corr}_p(w, s)\\,\\sqrt{\\chi^2\\,\\mathrm{Var}_p(s)}',
    source: { section: 3 },
    glossary: 'How nearly safety is an affine function of the weight: ±1 makes the Cauchy–Schwarz bound exact.',
    value: ({ figures }) => tidy(figures.safety.correlation),
    worked: ({ figures: { safety, bounds } }) =>
      `\\frac{${n(tidy(safety.drift))}}{${n(bounds.cauchySchwarz)}} = ${n(tidy(safety.correlation))}`,
    show: (value) => signed(value, 2),
  },
  rewardSafety: {
    symbol: '\\mathrm{corr}_p(g, s)',
    name: 'Correlation of g and s',
    unit: '',
    equation: '\\mathrm{corr}_p(g, s) = \\frac{\\mathrm{Cov}_p(g, s)}{\\sqrt{\\mathrm{Var}_p(g)\\,\\mathrm{Var}_p(s)}}',
    source: { section: 2 },
    glossary: 'Whether right paths are the safer ones under the reference. Its sign is the way safety goes at first.',
    value: ({ figures }) => tidy(figures.rewardSafetyCorrelation),
    worked: ({ figures }) => `\\mathrm{corr}_p(g, s) = ${n(tidy(figures.rewardSafetyCorrelation))}`,
    show: (value) => signed(value, 2),
  },
  sensitivity: {
    symbol: '\\frac{d\\Delta}{d\\beta}',
    name: 'Change of drift with β',
    unit: '',
    equation: '\\frac{d\\Delta}{d\\beta} = -\\frac{\\mathrm{Cov}_*(g, s)}{\\beta^2}',
    source: { section: 2 },
    glossary: 'What a little more β does to safety. Its sign can change on the way: drift is not monotone in pressure.',
    value: ({ figures }) => tidy(figures.sensitivity),
    worked: ({ figures: { sensitivity, beta } }) =>
      `-\\frac{${n(tidy(-sensitivity * beta ** 2))}}{(${n(beta)})^2} = ${n(tidy(sensitivity))}`,
    show: significant,
  },
  gap: {
    symbol: '\\bar s_1 - \\bar s_0',
    name: 'Safety gap',
    unit: 'safety',
    equation: '\\Delta = (P - q)\\,\\big(E_p[s\\mid\\text{right}] - E_p[s\\mid\\text{wrong}]\\big)',
    source: { section: 4 },
    glossary: 'How much safer right answers are than wrong ones. Times the gain of accuracy it is the drift.',
    value: ({ figures }) => tidy(figures.safetyGap ?? NaN),
    worked: ({ figures: { reward, safetyGap, safety } }) =>
      safetyGap === null
        ? '\\text{only for rewards of right or wrong}'
        : `(${n(reward.after)} - ${n(reward.before)})\\cdot ${n(tidy(safetyGap))} = ${n(tidy(safety.drift))}`,
    show: sign3,
  },
  cauchySchwarz: {
    symbol: '\\sqrt{\\chi^2\\,\\mathrm{Var}_p(s)}',
    name: 'Cauchy–Schwarz',
    unit: 'safety',
    equation: '|\\Delta| \\le \\sqrt{\\chi^2\\,\\mathrm{Var}_p(s)}',
    source: { section: 3 },
    glossary: 'The bound that knows how much safety varies. Reached where safety is affine in the weight.',
    value: ({ figures }) => figures.bounds.cauchySchwarz,
    worked: ({ figures: { distances, safety, bounds } }) =>
      `\\sqrt{${n(distances.chi2)}\\cdot ${n(safety.variance)}} = ${n(bounds.cauchySchwarz)}`,
    show: three,
  },
  tvBound: {
    symbol: '\\mathrm{TV}',
    name: 'Total variation',
    unit: 'safety',
    equation: '|\\Delta| \\le \\mathrm{TV}',
    source: { section: 3 },
    glossary: 'The tightest bound that knows nothing about safety but that it lies between 0 and 1. Never empty.',
    value: ({ figures }) => figures.bounds.tv,
    worked: ({ figures }) => `|\\Delta| \\le ${n(figures.bounds.tv)}`,
    show: three,
  },
  bretagnolleHuber: {
    symbol: '\\sqrt{1 - e^{-\\mathrm{KL}}}',
    name: 'Bretagnolle–Huber',
    unit: 'safety',
    equation: '|\\Delta| \\le \\mathrm{TV} \\le \\sqrt{1 - e^{-\\mathrm{KL}}}',
    source: { section: 3 },
    glossary: 'What KL alone permits, at any KL: never above 1.',
    value: ({ figures }) => figures.bounds.bretagnolleHuber,
    worked: ({ figures: { distances, bounds } }) =>
      `\\sqrt{1 - e^{-${n(distances.kl)}}} = ${n(bounds.bretagnolleHuber)}`,
    show: three,
  },
  pinsker: {
    symbol: '\\sqrt{\\mathrm{KL}/2}',
    name: 'Pinsker',
    unit: 'safety',
    equation: '|\\Delta| \\le \\mathrm{TV} \\le \\sqrt{\\tfrac12\\mathrm{KL}}',
    source: { section: 3 },
    glossary: 'What KL alone permits, tight while KL is small; empty from 2 nats on.',
    value: ({ figures }) => figures.bounds.pinsker,
    worked: ({ figures: { distances, bounds } }) => `\\sqrt{${n(distances.kl)}/2} = ${n(bounds.pinsker)}`,
    show: three,
  },
  halfSqrtChi2: {
    symbol: '\\tfrac12\\sqrt{\\chi^2}',
    name: 'Half √χ²',
    unit: 'safety',
    equation: '|\\Delta| \\le \\tfrac12\\sqrt{\\chi^2}',
    source: { section: 3 },
    glossary: 'Cauchy–Schwarz, as no safety between 0 and 1 varies by more than ¼.',
    value: ({ figures }) => figures.bounds.halfSqrtChi2,
    worked: ({ figures: { distances, bounds } }) => `\\tfrac12\\sqrt{${n(distances.chi2)}} = ${n(bounds.halfSqrtChi2)}`,
    show: three,
  },
  sqrtChi2: {
    symbol: '\\sqrt{\\chi^2}',
    name: 'The paper’s √χ²',
    unit: 'safety',
    equation: '|\\Delta| \\le \\sqrt{\\chi^2}',
    source: { section: 3, paper: PAPER },
    glossary: 'The published bound: always at least twice too large, and empty once χ² exceeds 1.',
    value: ({ figures }) => figures.bounds.sqrtChi2,
    worked: ({ figures: { distances, bounds } }) => `\\sqrt{${n(distances.chi2)}} = ${n(bounds.sqrtChi2)}`,
    show: three,
  },
  aPriori: {
    symbol: '\\tfrac{c}{4\\beta}',
    name: 'From β alone',
    unit: 'safety',
    equation: '|\\Delta| \\le \\frac{c}{4\\beta},\\quad c = \\max g - \\min g',
    source: { section: 3 },
    glossary:
      'What can be promised before a sample is drawn. Says something only where β is above a quarter of the range of rewards.',
    value: ({ figures }) => figures.aPriori.drift,
    worked: ({ figures: { beta, aPriori } }) =>
      `\\frac{${n(4 * beta * aPriori.drift)}}{4\\cdot ${n(beta)}} = ${n(aPriori.drift)}`,
    show: significant,
  },
  permitted: {
    symbol: '\\Delta_{\\max}(\\mathrm{KL})',
    name: 'Drift this KL permits',
    unit: 'safety',
    equation: '|\\Delta| \\le \\min\\big(\\sqrt{\\mathrm{KL}/2},\\ \\sqrt{1 - e^{-\\mathrm{KL}}}\\big)',
    source: { section: 3 },
    glossary: 'All that a KL budget promises about safety: how far it can move, and not which way.',
    value: ({ figures }) => figures.permitted,
    worked: ({ figures: { bounds, permitted } }) =>
      `\\min(${n(bounds.pinsker)},\\ ${n(bounds.bretagnolleHuber)}) = ${n(permitted)}`,
    show: three,
  },
  budgetBeta: {
    symbol: '\\beta_{\\mathrm{budget}}',
    name: 'β that spends the budget',
    unit: 'reward per nat',
    equation: '\\mathrm{KL}(p^*_\\beta\\Vert p) = \\text{budget}',
    source: { section: 1 },
    glossary:
      'As KL grows with pressure, one β spends exactly what is allowed; none, if even the strongest pressure spends less.',
    value: ({ figures, budget }) => betaOfKl(figures.paths, budget) ?? NaN,
    worked: ({ figures, budget }) => {
      const beta = betaOfKl(figures.paths, budget)
      return beta === null
        ? `\\text{no tilt of these paths spends }${n(budget)}\\text{ nats}`
        : `\\mathrm{KL}(p^*_{${n(beta)}}\\Vert p) = ${n(budget)}`
    },
    show: significant,
  },
} satisfies Record<string, Quantity>
