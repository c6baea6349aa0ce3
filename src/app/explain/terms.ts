// terms.ts: the loss of a token as lines of an equation, with its numbers in it
//
// Each line is one factor of loss = Σ_i w_i Σ_t [ surrogate(ρ, A) + β·KL ] (core/rl/loss.ts), in TeX and in words.

import { fixed, significant, signed, whole } from '../../core/format'
import type { AlgorithmConfig } from '../../core/rl/config'
import type { AdvantageStage, TokenExplanation } from '../../core/rl/explain'
import { texNumber as tex } from '../maths/typeset'

/** One factor or term. */
export interface TermLine {
  name: string
  /** The equation with this token's numbers. */
  tex: string
  /** What it means here. */
  meaning: string
}

/** Log-probabilities of the token, nats; the reference's where it was scored. */
export interface TokenLogps {
  logp: number
  oldLogp: number
  refLogp: number | undefined
}

/** The way from the reward to the advantage, a step each. */
export function advantageSteps({ stages }: TokenExplanation, config: AlgorithmConfig) {
  return stages.map((stage, i) => ({
    name: stageName(stage, stages[i - 1]?.value, config),
    value: signed(stage.value, 3),
  }))
}

/** The loss of the token, line by line. */
export function termLines(token: TokenExplanation, config: AlgorithmConfig, logps: TokenLogps): TermLine[] {
  return [
    ratioLine(token, config, logps),
    policyLine(token, config, logps),
    ...(token.kl ? [klLine(token, config)] : []),
    weightLine(token, config),
    ...(token.entropy === null ? [] : [entropyLine(token, config)]),
    sumLine(token),
    gradientLine(token),
  ]
}

/** What the update does to the token, in a sentence. */
export function pushSentence(token: TokenExplanation): string {
  switch (token.silent) {
    case 'left-out':
      return 'A reward function failed on its completion, which has no part in the loss.'
    case 'truncated':
      return 'Its completion was cut off, and this algorithm leaves such completions out of the loss.'
    case 'not-counted':
      return 'It does not count in the loss.'
    case null:
      break
  }
  const strength = `${significant(strengthOf(token), 2)} times as strongly as an average token of the update`
  if (token.gradient < 0) return `The update pushes it up, ${strength}.`
  if (token.gradient > 0) return `The update pushes it down, ${strength}.`
  if (token.surrogate.kept === 'ratio') return 'The update leaves it as it is: its advantage is 0.'
  return `The update leaves it as it is: ${keptWords(token.surrogate.kept)}.`
}

/** |push| over that of an average token which counts in the update. */
export function strengthOf({ share, weights }: TokenExplanation): number {
  return share / weights.entropy
}

function ratioLine({ ratio }: TokenExplanation, { clip }: AlgorithmConfig, { logp, oldLogp }: TokenLogps): TermLine {
  const meaning =
    ratio === 1
      ? 'The policy is still the one that sampled: this is the step’s first update.'
      : `Since it sampled, the policy has made it ${ratio > 1 ? 'likelier' : 'less likely'}.`
  if (clip.level === 'sequence')
    return {
      name: 'Ratio',
      tex: String.raw`\rho = \Big(\prod_t \tfrac{\pi}{\pi_{\text{old}}}\Big)^{1/T} = ${tex(ratio, 4)}`,
      meaning: `One ratio for the whole completion. ${meaning}`,
    }
  return {
    name: 'Ratio',
    tex: String.raw`\rho = e^{\log\pi - \log\pi_{\text{old}}} = e^{${tex(logp, 3)} - (${tex(oldLogp, 3)})} = ${tex(ratio, 4)}`,
    meaning,
  }
}

function policyLine(
  { ratio, advantage, surrogate }: TokenExplanation,
  config: AlgorithmConfig,
  { logp }: TokenLogps,
): TermLine {
  const { clip } = config
  const name = 'Policy'
  if (config.surrogate === 'cispo') {
    const cap = Math.min(ratio, clip.high)
    return {
      name,
      tex: String.raw`-\min(\rho, ${tex(clip.high)})\,A\,\log\pi = -${tex(cap, 4)} \cdot (${tex(advantage)}) \cdot (${tex(logp)}) = ${tex(surrogate.value)}`,
      meaning:
        surrogate.kept === 'cap'
          ? 'The ratio is capped, as a weight: the token keeps its gradient.'
          : 'The ratio is a weight.',
    }
  }
  if (clip.low === Infinity && clip.high === Infinity && clip.dual === null && clip.delta === null)
    return {
      name,
      tex: String.raw`-\rho A = -${tex(ratio, 4)} \cdot (${tex(advantage)}) = ${tex(surrogate.value)}`,
      meaning: 'Nothing is clipped.',
    }
  const [low, high] = [1 - clip.low, 1 + clip.high]
  const clipped = Math.min(high, Math.max(low, ratio))
  const capped = Math.min(ratio, clip.delta ?? Infinity)
  const extras = [
    ...(clip.delta === null ? [] : [`the free ratio is capped at ${significant(clip.delta)}`]),
    ...(clip.dual === null ? [] : [`a loss is at most ${significant(clip.dual)}·|A|`]),
  ]
  return {
    name,
    tex: String.raw`-\min\big(\rho A,\ \operatorname{clip}(\rho, ${tex(low, 4)}, ${tex(high, 4)})\,A\big) = -\min(${tex(capped * advantage)},\ ${tex(clipped * advantage)}) = ${tex(surrogate.value)}`,
    meaning: sentence([keptWords(surrogate.kept), ...extras].join('; ')),
  }
}

function klLine({ kl, ratio }: TokenExplanation, config: AlgorithmConfig): TermLine {
  const { estimator, placement, beta } = config.kl
  const { logRatio, value } = kl!
  const symbols = { k1: String.raw`\ell`, k2: String.raw`\tfrac{\ell^2}{2}`, k3: String.raw`e^{-\ell} - 1 + \ell` }
  const corrected = estimator === 'k3-ratio' && placement === 'loss'
  const symbol = symbols[estimator === 'k3-ratio' ? 'k3' : estimator]
  const equation = corrected
    ? String.raw`\rho\,(${symbol}) = ${tex(ratio, 4)} \cdot ${tex(value / ratio)} = ${tex(value)}`
    : String.raw`${symbol} = ${tex(value)}`
  const places = {
    off: '',
    loss: `β = ${significant(beta)} of it are added to the loss.`,
    'reward-to-go': `β = ${significant(beta)} of it are taken from the advantage of this token and of those before it.`,
    'reward-sequence': `β = ${significant(beta)} of it, summed over the completion, are taken from the reward.`,
  }
  return {
    name: 'KL',
    tex: String.raw`\ell = \log\tfrac{\pi}{\pi_{\text{ref}}} = ${tex(logRatio)},\quad ${equation}`,
    meaning: places[placement],
  }
}

function weightLine({ weights }: TokenExplanation, { aggregation, constantLength, kl }: AlgorithmConfig): TermLine {
  const count = whole(1 / weights.policy)
  const words = {
    'token-mean': `One of ${count} tokens of the update: each counts the same.`,
    'sequence-mean': `One of ${count} = completions × tokens of this one: in a long completion a token counts less.`,
    'sequence-sum': `One of ${count} completions, whose tokens are summed: a long completion counts more.`,
    constant: `Completions × ${whole(constantLength)}, whatever their lengths.`,
  }
  const isOwn = kl.placement === 'loss' && kl.aggregation === 'token-mean' && weights.kl !== weights.policy
  return {
    name: 'Weight',
    tex: String.raw`w = \tfrac{1}{${(1 / weights.policy).toFixed(0)}} = ${tex(weights.policy)}`,
    meaning: words[aggregation] + (isOwn ? ` Its KL counts as one of ${whole(1 / weights.kl)} tokens.` : ''),
  }
}

function entropyLine({ entropy, terms }: TokenExplanation, { entropyCoefficient }: AlgorithmConfig): TermLine {
  return {
    name: 'Entropy',
    tex: String.raw`-c_H H / N = ${tex(terms.entropy)}`,
    meaning: `H = ${fixed(entropy!, 3)} nats, of which ${significant(entropyCoefficient)} are a bonus.`,
  }
}

function sumLine({ terms, loss }: TokenExplanation): TermLine {
  const parts = [terms.policy, terms.kl, terms.entropy].filter((term, i) => i === 0 || term !== 0)
  return {
    name: 'Loss',
    tex: String.raw`L = ${parts.map((part, i) => (i === 0 ? tex(part) : `${part < 0 ? '-' : '+'} ${tex(Math.abs(part))}`)).join(' ')}${parts.length > 1 ? ` = ${tex(loss)}` : ''}`,
    meaning: 'What this token adds to the loss of the update.',
  }
}

function gradientLine(token: TokenExplanation): TermLine {
  return {
    name: 'Push',
    tex: String.raw`-\frac{\partial L}{\partial \log\pi} = ${tex(token.gradient === 0 ? 0 : -token.gradient)}`,
    meaning: pushSentence(token),
  }
}

function stageName({ stage, value }: AdvantageStage, before: number | undefined, config: AlgorithmConfig): string {
  const less = before === undefined ? 0 : before - value
  const over = before === undefined || value === 0 ? NaN : before / value
  const baselines = {
    none: '',
    'group-mean': 'the mean of its group',
    'leave-one-out': 'the mean of the others in its group',
    'batch-mean': 'the mean of the batch',
  }
  switch (stage) {
    case 'reward':
      return 'Reward'
    case 'kl-sequence':
      return `less β × KL of the completion, ${significant(less)}`
    case 'baseline':
      return `less ${baselines[config.estimator]}, ${significant(less)}`
    case 'group-scale':
      return `over the deviation of its group${Number.isFinite(over) ? `, ${significant(over)}` : ''}`
    case 'clip':
      return 'clipped'
    case 'kl-to-go':
      return `less β × KL from here on, ${significant(less)}`
    case 'batch-scale':
      return config.scale === 'batch-token'
        ? 'whitened over the tokens of the batch'
        : 'over the deviation of the batch'
  }
  return stage satisfies never
}

function keptWords(kept: TokenExplanation['surrogate']['kept']): string {
  switch (kept) {
    case 'ratio':
      return 'the clip does not bite'
    case 'clip':
      return 'the clip holds it: it has moved far enough'
    case 'cap':
      return 'the ratio is capped'
    case 'dual':
      return 'the dual clip bounds its loss'
  }
  return kept satisfies never
}

function sentence(words: string): string {
  return `${words[0].toUpperCase()}${words.slice(1)}.`
}
