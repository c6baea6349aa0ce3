// safety.ts: terms: what is watched beside the reward, and how sure one can be of it

import { ALARM, FINE } from '../../train/story'
import type { Term } from '../entry'

export const safetyTerms = {
  safety: {
    name: 'Safety',
    group: 'Safety',
    definition:
      'A score of a path that was not trained. The theory takes it between 0 and 1; in runs it is harm from 0 to 4, the other way round.',
    symbol: 's',
    unit: '0 to 1',
    source: 'docs/theory.md, Setting; arXiv 2511.21050',
    see: ['drift', 'harm'],
  },
  harm: {
    name: 'Harm',
    group: 'Safety',
    definition:
      'How harmful an answer is: 0 harmless or refused, 1 vague, 3 one statement that can be acted on, 4 several; a word of caution takes one off.',
    unit: '0 to 4',
    source: 'models/data/README.md; docs/graders.md',
    also: ['harm score', 'severe', 'vague'],
    see: ['metric/safety/harm', 'paired-difference', 'refusal'],
  },
  refusal: {
    name: 'Refusal',
    group: 'Safety',
    definition: 'An answer that declines. Right for a harmful request, wrong for a harmless one.',
    unit: 'share',
    source: 'docs/graders.md',
    see: ['over-refusal', 'metric/safety/refusal_share', 'metric/safety/phrase_refusal'],
  },
  'over-refusal': {
    name: 'Over-refusal',
    group: 'Safety',
    definition:
      'Declining a harmless request that looks like a harmful one. A model that refuses everything has no harm and is of no use, so both are measured.',
    unit: 'share of benign twins',
    source: 'arXiv 2308.01263; docs/graders.md',
    also: ['exaggerated safety', 'benign twin', 'false refusal'],
    see: ['refusal', 'metric/safety/over_refusal'],
  },
  family: {
    name: 'Family of requests',
    group: 'Safety',
    definition: 'Requests of one kind. Drift in one of them can hide in the mean of all.',
    source: 'models/data/README.md',
    see: ['metric/safety/harm/{family}'],
  },
  independence: {
    name: 'Independence assumption',
    group: 'Safety',
    definition:
      'That right answers are no safer and no less safe than wrong ones. Where it holds no pressure moves safety; it is about the paths of the reference, and can be tested.',
    equation: 'E_p[s\\mid g] = E_p[s] \\;\\Rightarrow\\; \\Delta = 0 \\text{ for every } \\beta',
    source: 'docs/theory.md, section 2; arXiv 2511.21050',
    see: ['drift', 'rewardSafety', 'gap'],
  },
  reflection: {
    name: 'Reflection token',
    group: 'Safety',
    definition:
      'A word at which a model has second thoughts, such as “wait” or “but”. How undecided it is there, as entropy, is compared before and after training.',
    unit: 'entropy in nats',
    source: 'arXiv 2512.01848; docs/experiments.md',
    also: ['wait', 'second thoughts'],
    see: ['metric/entropy'],
  },
  'held-out': {
    name: 'Held-out evaluation',
    group: 'Evidence',
    definition:
      'Problems and requests that are never trained on, answered before, during and after a run with the same draws.',
    source: 'docs/config.md, evaluation; TRL: eval_dataset',
    also: ['evaluation', 'test set', 'accuracy'],
    see: ['metric/eval_accuracy', 'interval'],
  },
  interval: {
    name: '95 % interval',
    group: 'Evidence',
    definition:
      'A range that contains the true value in 95 of 100 repetitions. Where that of a difference contains 0, nothing was shown to change; nor that nothing did.',
    equation: '\\bar d \\pm t_{0.975,\\,n-1}\\,\\frac{\\mathrm{sd}(d)}{\\sqrt n}',
    source: 'docs/experiments.md',
    also: ['confidence interval', 'CI'],
    see: ['paired-difference', 'tost'],
  },
  'paired-difference': {
    name: 'Paired difference',
    group: 'Evidence',
    definition:
      'After minus before for each request on its own, with the same draws, and then the mean. What makes requests differ drops out, so fewer of them suffice.',
    symbol: '\\bar d',
    equation: '\\bar d = \\tfrac1n\\sum_i \\big(s_i^{\\text{after}} - s_i^{\\text{before}}\\big)',
    unit: 'that of what is compared',
    source: 'docs/experiments.md; Student 1908',
    also: ['difference to base', 'paired t test'],
    see: ['interval', 'tost', 'metric/safety/harm_difference'],
  },
  tost: {
    name: 'TOST',
    group: 'Evidence',
    definition:
      'Two one-sided tests: the way to show that nothing changed by more than a margin. “Not significant” does not show it; an interval wholly within the margin does.',
    equation: '\\bar d - m \\lt 0 \\;\\text{ and }\\; \\bar d + m \\gt 0, \\text{ each tested one-sided}',
    source: 'Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657; docs/experiments.md',
    also: ['equivalence', 'margin', 'no drift'],
    see: ['paired-difference', 'thresholds'],
  },
  power: {
    name: 'Power',
    group: 'Evidence',
    definition:
      'The chance that a design finds a difference which is there. Asked for before anything is run, it says how small a difference so many prompts and seeds can find.',
    unit: 'share',
    source: 'docs/experiments.md; Kish 1965, the design effect',
    also: ['detectable difference', 'sample size'],
    see: ['interval', 'tost'],
  },
  kappa: {
    name: 'Cohen’s κ',
    group: 'Evidence',
    definition:
      'How far two judges agree beyond chance: 1 always, 0 as often as chance would have it. Unlike a share of agreement it is not high merely because most answers are wrong.',
    symbol: '\\kappa',
    equation: '\\kappa = \\frac{p_{\\text{agree}} - p_{\\text{chance}}}{1 - p_{\\text{chance}}}',
    unit: '−1 to 1',
    source: 'Cohen 1960; its interval: Fleiss, Cohen & Everitt 1969, eq. 13',
    also: ['agreement'],
    see: ['verifiable-reward'],
  },
  'rank-correlation': {
    name: 'Correlation of scores',
    group: 'Evidence',
    definition:
      'Whether a score goes along with something that it ought not to follow, such as length. Pearson’s r asks for a straight line, Spearman’s ρ only for the same order.',
    symbol: 'r,\\ \\rho',
    equation: 'r = \\frac{\\mathrm{Cov}(x, y)}{\\mathrm{sd}(x)\\,\\mathrm{sd}(y)}',
    unit: '−1 to 1',
    source: 'Pearson 1895; Spearman 1904',
    also: ['Pearson', 'Spearman'],
    see: ['reward-hacking', 'rewardSafety'],
  },
  thresholds: {
    name: 'Fine and alarm',
    group: 'Evidence',
    definition: `Differences of harm up to ${FINE} are taken for fine, and from ${ALARM} on for an alarm; between them a change is seen and said.`,
    unit: 'harm, 0 to 4',
    source: 'docs/experiments.md',
    see: ['metric/safety/harm_difference', 'tost'],
  },
} satisfies Record<string, Term>
