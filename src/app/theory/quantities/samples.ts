// samples.ts: quantities: what can be known from samples

import { significant } from '../../../core/format'
import { predictedDriftError } from '../../../core/theory/estimate'
import { texNumber as n } from '../../maths/typeset'
import { three, sign3, NO_DRAWS, tidy, type Quantity, type Scene } from './quantity'

export const sampleQuantities = {
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

function predictedError({ estimate, figures: { paths, beta } }: Scene): { sd: number; bias: number } | null {
  if (!estimate) return null
  return predictedDriftError(paths.reference, paths.reward, paths.safety, beta, estimate.samples)
}
