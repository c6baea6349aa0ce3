// quantities.ts: every quantity of the theory, once
//
// Symbol, name, unit, equation, source and explanation of each; tooltips, the table of quantities and the glossary read
// them from here. `value` and `worked` compute nothing: they read what figures.ts has, and write the equation with it.

import { predictedDriftError, type ReferenceEstimate } from '../../core/theory/estimate'
import { logPartition } from '../../core/theory/tilt'
import { fixed, klNumber, signed, significant } from '../../core/format'
import { texNumber as n } from '../maths/typeset'
import { drawsForTilt, type BestFigures } from './best'
import { betaOfKl, type Figures } from './figures'
import type { Stop } from './stops'

/** What a quantity is read from. */
export interface Scene {
  figures: Figures
  /** KL that may be spent, nats. */
  budget: number
  best: BestFigures
  /** Where the chosen algorithm comes to rest; null where that is not known. */
  stop: Stop['found']
  /** Mean reward of the policy that was played, and the β of the tilt with as much; null at the start. */
  played: { reward: number; betaEff: number | null } | null
  /** What draws say; null without draws. */
  estimate: ReferenceEstimate | null
}

export interface Quantity {
  /** TeX. */
  symbol: string
  name: string
  unit: 'nats' | 'reward' | 'reward per nat' | 'safety' | 'share' | ''
  /** TeX. */
  equation: string
  /** Where it is derived: section of docs/theory.md, and the paper it comes from. */
  source: { section: number; paper?: string }
  /** What it is and what it is good for, for somebody who meets it first. */
  glossary: string
  value(scene: Scene): number
  /** The equation with its values, TeX. */
  worked(scene: Scene): string
  show(value: number): string
}

const three = (value: number) => fixed(value, 3)
const sign3 = (value: number) => signed(value, 3)
const PAPER = 'arXiv 2511.21050'
const NO_DRAWS = '\\text{no draws yet}'

export const quantities = {
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
  essHat: {
    symbol: '\\mathrm{ESS}',
    name: 'Effective draws',
    unit: '',
    equation: '\\mathrm{ESS} = \\frac{(\\sum_i v_i)^2}{\\sum_i v_i^2},\\quad v_i = e^{g_i/\\beta}',
    source: { section: 6 },
    glossary:
      'How many of the draws still count. Below 10, or a twentieth of them, estimates say more about N than about the policy.',
    value: ({ estimate }) => estimate?.ess ?? NaN,
    worked: ({ estimate }) =>
      estimate ? `\\mathrm{ESS} = ${n(estimate.ess)}\\ \\text{of}\\ ${estimate.samples}` : NO_DRAWS,
    show: significant,
  },
  driftHat: {
    symbol: '\\hat\\Delta',
    name: 'Estimated drift',
    unit: 'safety',
    equation: '\\hat\\Delta = \\sum_i \\tilde w_i s_i - \\bar s,\\quad \\tilde w_i = v_i\\Big/\\sum_j v_j',
    source: { section: 6 },
    glossary: 'The drift as N draws of the reference show it. Biased while few of them count.',
    value: ({ estimate }) => estimate?.drift ?? NaN,
    worked: ({ estimate, figures }) =>
      estimate
        ? `\\hat\\Delta = ${n(tidy(estimate.drift))},\\quad \\Delta = ${n(tidy(figures.safety.drift))}`
        : NO_DRAWS,
    show: sign3,
  },
  driftError: {
    symbol: '\\mathrm{sd}(\\hat\\Delta)',
    name: 'Its predicted deviation',
    unit: 'safety',
    equation: '\\mathrm{sd}^2 \\approx \\tfrac1N E_p\\big[(w(s - E_*s) - (s - E_ps))^2\\big]',
    source: { section: 6 },
    glossary: 'What to expect of N draws, to first order; the true error is larger where fewer than five or so count.',
    value: (scene) => predictedError(scene)?.sd ?? NaN,
    worked: (scene) => {
      const error = predictedError(scene)
      return error ? `\\mathrm{sd} = ${n(error.sd)},\\quad \\mathrm{bias} = ${n(tidy(error.bias))}` : NO_DRAWS
    },
    show: three,
  },
} satisfies Record<string, Quantity>

export type QuantityKey = keyof typeof quantities

/** A quantity by its key, with its widest type. */
export function quantity(key: QuantityKey): Quantity {
  return quantities[key]
}

/** Its unit as a sentence; empty for a pure number. */
export function unitWords({ unit }: Quantity): string {
  if (unit === '') return ''
  return `In ${unit === 'share' ? 'shares of one' : unit === 'safety' ? 'units of safety, 0 to 1' : unit}.`
}

/** Where it is derived, and where it comes from. */
export function sourceWords({ source: { section, paper } }: Quantity): string {
  return `docs/theory.md, section ${section}${paper ? `; ${paper}` : ''}`
}

/** Rounding errors of quantities that are zero by theory are shown as zero. */
function tidy(value: number): number {
  return Math.abs(value) < 1e-12 ? 0 : value
}

/** The weight of the best path that the reference takes. */
function bestWeight({ paths, tilt }: Figures): { reward: number; weight: number } {
  const best = paths.reference.findLastIndex((p) => p > 0)
  return { reward: paths.reward[best], weight: tilt.weights[best] }
}

function predictedError({ estimate, figures: { paths, beta } }: Scene): { sd: number; bias: number } | null {
  if (!estimate) return null
  return predictedDriftError(paths.reference, paths.reward, paths.safety, beta, estimate.samples)
}
