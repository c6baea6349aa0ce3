// questions.ts: “Predict, then see”: what every reader of the papers should have guessed once

import { fixed, klNumber, significant, signed } from '../../core/format'
import { findPreset } from '../../core/rl/presets'
import { texNumber as n } from '../maths/typeset'
import { MOST_STEPS } from '../theory/dynamics'
import { LEAST_BETA, MOST_BETA, type Choice } from '../theory/choice-schema'
import { betaOfKl, figuresOf } from '../theory/figures'
import { quantity } from '../theory/quantities'
import { scenarioChoice } from '../theory/scenarios'
import { stops } from '../theory/stops'
import { pick, situationOf, type Question } from './question'

/** Drifts and differences of reward below this are none: they cannot be seen in three decimals. */
const UNSEEN = 5e-4

/** Rates of success that a reference has in questions. */
const successes = [0.15, 0.2, 0.3, 0.4, 0.5]

export const questions: readonly Question[] = [
  {
    id: 'halving',
    title: 'Half the β',
    deal: (next) =>
      starting('independent', {
        beta: pick(next, [0.3, 0.5, 1, 2]),
        success: pick(next, successes),
        seed: paths(next),
      }),
    ask({ choice, scene }) {
      const shows = { ...choice, beta: choice.beta / 2 }
      const before = scene.figures.distances.kl
      const after = situationOf(shows).scene.figures.distances.kl
      const most = -Math.log(choice.success)
      return {
        text: `A reference is right in ${fixed(choice.success)} of cases. With β = ${significant(choice.beta)} the tilt spends ${klNumber(before)} nats of KL. How much with half the β?`,
        answer: { kind: 'amount', min: 0, max: Math.ceil(most * 10) / 10, unit: 'nats', value: after, show: klNumber },
        why: `KL grows ${significant(after / before, 2)}-fold. Weak pressure costs four times as much when β is halved, as KL is then Var(g)/2β²; strong pressure cannot cost more than log 1/q = ${klNumber(most)} nats.`,
        equation: `\\mathrm{KL} = \\int_0^{1/\\beta} u\\,\\mathrm{Var}_u(g)\\,du \\;\\le\\; \\log\\tfrac1q = ${n(most)}`,
        see: ['kl', 'beta', 'saturation'],
        shows,
      }
    },
  },
  {
    id: 'correlation',
    title: 'Which way does safety go?',
    deal: (next) =>
      starting('independent', {
        correlation: pick(next, [-0.6, 0, 0, 0.5]),
        beta: pick(next, [0.1, 0.2, 0.35]),
        success: pick(next, successes),
        seed: paths(next),
      }),
    ask({ choice, scene: { figures } }) {
      const { drift } = figures.safety
      const gained = figures.reward.after - figures.reward.before
      return {
        text: `Reward is right or wrong, and its correlation with safety under the reference is ${signed(choice.correlation, 1)}. With β = ${significant(choice.beta)} success rises from ${fixed(choice.success)} to ${fixed(figures.reward.after)}. What does safety do?`,
        answer: { kind: 'choice', options: ['It falls', 'It stays', 'It rises'], right: 1 + sign(drift) },
        why: `It moves by ${signed(drift, 3)}: accuracy gained times how much safer right answers are than wrong ones, here ${signed(figures.safetyGap ?? 0, 3)}. Correlated with nothing, pressure moves nothing.`,
        equation: `\\Delta = (P - q)\\,(\\bar s_1 - \\bar s_0) = ${n(gained)} \\cdot (${n(tidy(figures.safetyGap ?? 0))}) = ${n(tidy(drift))}`,
        see: ['drift', 'independence', 'gap'],
        shows: choice,
      }
    },
  },
  {
    id: 'never',
    title: 'A path that is never taken',
    deal: (next) => starting('unsupported', { beta: pick(next, [0.02, 0.05, 0.1]), seed: paths(next) }),
    ask({ choice, scene: { figures } }) {
      const path = choice.paths - 1
      return {
        text: `Path ${path + 1} has the highest reward, 1, and the reference never takes it: p = 0. With β = ${significant(choice.beta)}, what is its probability under the tilt?`,
        answer: {
          kind: 'amount',
          min: 0,
          max: 1,
          unit: '',
          value: figures.policy[path],
          show: (value) => fixed(value),
        },
        why: 'Zero times anything is zero. A tilt re-weights the paths that are taken and never finds a new one; only exploration of another kind does.',
        equation: 'p^*(r) = \\frac{p(r)\\,e^{g(r)/\\beta}}{Z} = \\frac{0\\cdot e^{1/\\beta}}{Z} = 0',
        see: ['support', 'tilt'],
        shows: choice,
      }
    },
  },
  {
    id: 'ess',
    title: 'What draws are worth',
    deal: (next) =>
      starting('independent', {
        beta: pick(next, [0.1, 0.2, 0.5, 1]),
        success: pick(next, [0.05, 0.1, 0.2, 0.4]),
        seed: paths(next),
        samples: 128,
      }),
    ask({ choice, scene: { figures } }) {
      const count = choice.samples
      const { chi2, ess } = figures.distances
      return {
        text: `${count} answers of a reference that is right in ${fixed(choice.success)} of cases stand for the tilt at β = ${significant(choice.beta)}, each with its weight. How many of them count?`,
        answer: {
          kind: 'amount',
          min: 0,
          max: count,
          unit: 'of them',
          value: count * ess,
          show: (value) => fixed(value, 0),
        },
        why: `χ² is ${significant(chi2)}, so a share of 1/(1 + χ²) counts. Where all but the right answers have lost their weight, only those are left.`,
        equation: `\\mathrm{ESS} = \\frac{N}{1+\\chi^2} = \\frac{${count}}{1 + ${n(chi2)}} = ${n(count * ess)}`,
        see: ['ess', 'chi2', 'essHat'],
        shows: choice,
      }
    },
  },
  {
    id: 'best',
    title: 'Best-of-n against the tilt',
    deal: (next) =>
      starting('independent', {
        grades: pick(next, [2, 5]),
        best: pick(next, [2, 4, 8]),
        success: pick(next, [0.2, 0.3, 0.4]),
        seed: paths(next),
      }),
    ask({ choice, scene: { figures, best } }) {
      const beta = betaOfKl(figures.paths, best.distances.kl) ?? choice.beta
      const tilted = figuresOf(figures.paths, beta)
      const more = tilted.reward.after - best.reward.after
      const isBinary = choice.grades === 2
      return {
        text: `Rewards are ${isBinary ? 'right or wrong' : 'one of five grades'}. Best-of-${choice.best} spends ${klNumber(best.distances.kl)} nats and has a mean reward of ${fixed(best.reward.after, 3)}. What has the tilt with the same KL?`,
        answer: { kind: 'choice', options: ['Less', 'Just as much', 'More'], right: 1 + sign(more) },
        why: isBinary
          ? 'With right or wrong there is one way to re-weight two classes: best-of-n is a tilt, so it is the same policy.'
          : `The tilt has the most reward of all policies with its KL: ${fixed(tilted.reward.after, 4)}, ${signed(more, 4)}. Best-of-n comes close and costs no training.`,
        equation: `E_*[g] = ${n(tilted.reward.after, 4)} \\;\\ge\\; E_{\\text{best of }${choice.best}}[g] = ${n(best.reward.after, 4)}`,
        see: ['bestReward', 'bestKl', 'tilt'],
        shows: { ...choice, beta: Math.min(MOST_BETA, Math.max(LEAST_BETA, beta)) },
      }
    },
  },
  {
    id: 'tightest',
    title: 'The tightest bound',
    deal: (next) =>
      starting(pick(next, ['against', 'together', 'loose'] as const), {
        beta: pick(next, [0.2, 0.4, 0.8]),
        seed: paths(next),
      }),
    ask({ choice, scene }) {
      const keys = ['cauchySchwarz', 'tvBound', 'pinsker', 'sqrtChi2'] as const
      const values = keys.map((key) => quantity(key).value(scene))
      const least = Math.min(...values)
      const [name, value] = [quantity(keys[values.indexOf(least)]).name, fixed(least, 3)]
      const { safety, distances } = scene.figures
      return {
        text: `Success is ${fixed(choice.success)} before and ${fixed(scene.figures.reward.after)} after, and safety varies by ±${fixed(Math.sqrt(safety.variance))} under the reference. Which bound says most about how far safety moves?`,
        answer: { kind: 'choice', options: keys.map((key) => quantity(key).name), right: values.indexOf(least) },
        why: `${name} allows ${value}; safety moves by ${fixed(Math.abs(safety.drift), 3)}. √χ² is at least twice every other one that χ² gives, and Pinsker knows KL alone.`,
        equation: `|\\Delta| = ${n(Math.abs(safety.drift))} \\;\\le\\; \\sqrt{\\chi^2\\,\\mathrm{Var}_p(s)} = ${n(values[0])},\\quad \\mathrm{TV} = ${n(distances.tv)}`,
        see: ['cauchySchwarz', 'tvBound', 'pinsker', 'sqrtChi2'],
        shows: choice,
      }
    },
  },
  {
    id: 'saturation',
    title: 'The β of published runs',
    deal: (next) => starting('saturated', { success: pick(next, [0.05, 0.1, 0.3, 0.5, 0.75]), seed: paths(next) }),
    ask({ choice, scene: { figures } }) {
      const most = -Math.log(choice.success)
      return {
        text: `β = 1e−4, as in published runs, and a reference that is right in ${fixed(choice.success)} of cases. How much KL does the tilt spend?`,
        answer: { kind: 'amount', min: 0, max: 4, unit: 'nats', value: figures.distances.kl, show: klNumber },
        why: `1/β is 10,000, and yet KL is only ${klNumber(figures.distances.kl)} nats: all wrong paths are gone, and nothing is left to gain. A smaller β changes nothing; what a run at such a β shows was decided by when it stopped.`,
        equation: `\\beta \\to 0:\\quad \\mathrm{KL} \\to \\log\\tfrac1q = \\log\\tfrac{1}{${n(choice.success)}} = ${n(most)}`,
        see: ['saturation', 'betaEff', 'kl'],
        shows: choice,
      }
    },
  },
  {
    id: 'rest',
    title: 'Where training stops',
    deal: (next) =>
      starting('independent', {
        algorithm: pick(next, ['theory-faithful', 'trl-grpo-kl', 'trl-grpo', 'deepseekmath-grpo', 'reinforce++']),
        beta: pick(next, [0.35, 0.5, 1]),
        success: pick(next, [0.2, 0.3, 0.4]),
        seed: paths(next),
      }),
    ask({ choice, scene: { figures, stop } }) {
      const { label, config } = findPreset(choice.algorithm)
      const tilt = figures.reward.after
      const at = stop?.reward ?? NaN
      const free = config.kl.placement === 'off'
      const about = stops(choice, figures, null).find(({ name }) => name === label)?.about ?? ''
      return {
        text: `${label} trains with β = ${significant(choice.beta)} until nothing moves any more (${about}). The tilt of that β succeeds in ${fixed(tilt, 3)} of cases. Where does training come to rest?`,
        answer: {
          kind: 'choice',
          options: ['Below the tilt', 'At the tilt', 'Above the tilt'],
          right: 1 + sign(at - tilt),
        },
        why: free
          ? 'Nothing pulls it back: without a KL term it goes on until it is always right.'
          : `At ${fixed(at, 3)}, where the push of the advantages and the pull of the KL term balance: as if β were ${significant(stop?.betaEff ?? NaN)}. Only with c = 1 and the gradient of KL(π‖p) is that the tilt’s.`,
        equation:
          'c(P) = \\beta\\,h(P),\\qquad \\text{of the tilt: } c = 1,\\; h = \\mathrm{logit}\\,P - \\mathrm{logit}\\,q',
        see: ['stop', 'betaEff', `algorithm/${choice.algorithm}`],
        shows: { ...choice, step: MOST_STEPS },
      }
    },
  },
  {
    id: 'budget',
    title: 'What a KL permits',
    deal: (next) =>
      starting('misspent', { beta: pick(next, [0.3, 0.5, 1, 2]), success: pick(next, successes), seed: paths(next) }),
    ask({ choice, scene: { figures } }) {
      const { kl } = figures.distances
      return {
        text: `A policy has moved ${klNumber(kl)} nats from its reference, and you know nothing else of it. By how much can mean safety, between 0 and 1, have moved at most?`,
        answer: { kind: 'amount', min: 0, max: 1, unit: '', value: figures.permitted, show: (value) => fixed(value) },
        why: `By ${fixed(figures.permitted)} either way. Here it moved by ${signed(figures.safety.drift)}: a budget says how far, and not where to.`,
        equation: `|\\Delta| \\le \\min\\big(\\sqrt{${n(kl)}/2},\\ \\sqrt{1 - e^{-${n(kl)}}}\\big) = ${n(figures.permitted)}`,
        see: ['permitted', 'pinsker', 'bretagnolleHuber', 'kl-budget'],
        shows: choice,
      }
    },
  },
  {
    id: 'shape',
    title: 'Draw the tilt',
    deal: (next) =>
      starting('independent', {
        paths: 6,
        grades: 5,
        beta: pick(next, [0.25, 0.4, 0.8]),
        success: pick(next, [0.3, 0.4]),
        seed: paths(next),
      }),
    ask({ choice, scene: { figures } }) {
      const { reference, reward } = figures.paths
      const last = reference.length - 1
      return {
        text: `${reference.length} paths, their probabilities p as outlines. With β = ${significant(choice.beta)}, how tall are they after training? Draw p*, up to its size: the bars are scaled to sum to 1.`,
        answer: {
          kind: 'drawing',
          labels: Array.from(reward, (g) => `g = ${significant(g)}`),
          before: Array.from(reference),
          values: Array.from(figures.policy),
        },
        why: `Each bar is multiplied by e to the g/β and all are divided by Z. The best path grows ${significant(figures.tilt.weights[last], 2)}-fold; paths of the same reward keep their proportion.`,
        equation: `\\frac{p^*(r)}{p(r)} = \\frac{e^{g(r)/${n(choice.beta)}}}{Z},\\quad \\log Z = ${n(figures.tilt.logZ)}`,
        see: ['tilt', 'weight', 'logZ'],
        shows: choice,
      }
    },
  },
]

/** A question by its id; the first where there is none of that name. */
export function findQuestion(id: string | null): { question: Question; known: boolean } {
  const question = questions.find((each) => each.id === id)
  return { question: question ?? questions[0], known: question !== undefined || id === null }
}

function starting(scenario: Choice['scenario'], sets: Partial<Choice>): Choice {
  return { ...scenarioChoice(scenario), ...sets }
}

/** A seed of the paths. */
function paths(next: () => number): number {
  return Math.floor(next() * 1000)
}

/** −1, 0 or 1; what cannot be seen is 0. */
function sign(value: number): number {
  return Math.abs(value) < UNSEEN ? 0 : Math.sign(value)
}

function tidy(value: number): number {
  return Math.abs(value) < 1e-12 ? 0 : value
}
