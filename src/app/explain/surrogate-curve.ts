// surrogate-curve.ts: the objective of one token against the ratio of the policy to the one that sampled
//
// Where the curve is flat the token has no gradient: that is what a clip is. Each algorithm has its own advantage for the
// token, and so its own curve.

import type { TokenExplanation } from '../../core/rl/explain'
import { surrogate } from '../../core/rl/loss'
import { significant, signed } from '../../core/format'
import type { ChartLine, ChartPoint } from '../charts/geometry'
import type { Verdict } from './compare'

/** Points of a curve; steps of 1/100 show where a clip begins to two digits. */
const POINTS_PER_UNIT = 100
/** How far ratios are drawn, unless the token lies farther. */
const USUAL_END = 2
const MOST = 10

/** A verdict that has numbers for the token. */
export type Explained = Verdict & { token: TokenExplanation }

export function isExplained(verdict: Verdict): verdict is Explained {
  return !('missing' in verdict.token)
}

/** The last ratio that is drawn. */
export function endOf({ ratio }: TokenExplanation): number {
  return ratio <= USUAL_END ? USUAL_END : Math.min(MOST, Math.ceil(1.2 * ratio))
}

/**
 * The objective, which the update raises, at every ratio up to `end`.
 *
 * @param oldLogp log π of the policy that sampled, nats: what CISPO weighs changes with the ratio itself
 */
export function objectiveCurve({ token, config }: Explained, oldLogp: number, end: number): ChartPoint[] {
  return Array.from({ length: Math.round(end * POINTS_PER_UNIT) + 1 }, (_, i) => {
    const x = i / POINTS_PER_UNIT
    // log 0 has no place on an axis.
    const logp = oldLogp + Math.log(Math.max(x, 1e-3))
    return { x, y: -surrogate(x, token.advantage, logp, config).value }
  })
}

/** The run’s own curve, that of the algorithm that is looked at, and the first without any clip. */
export function surrogateLines(own: Explained, shown: Explained, oldLogp: number): ChartLine[] {
  const end = endOf(own.token)
  const free = objectiveCurve({ ...own, config: unclipped(own.config) }, oldLogp, end)
  const lines: ChartLine[] = [
    { name: 'without a clip', role: 'ref', points: free, dashed: true },
    { name: own.label, role: 'policy', points: objectiveCurve(own, oldLogp, end) },
  ]
  if (shown.id === own.id) return lines
  return [...lines, { name: shown.label, role: 'group-2', points: objectiveCurve(shown, oldLogp, end) }]
}

/** What the curves say, in a sentence. */
export function curveSentence({ label, token, config }: Explained): string {
  const { advantage, ratio } = token
  if (advantage === 0) return `Under ${label} the advantage is 0, and the curve is flat everywhere.`
  const free = unclipped(config)
  const isFree = free.clip.low === config.clip.low && free.clip.high === config.clip.high && config.surrogate === 'clip'
  const side = advantage > 0 ? 'raise' : 'lower'
  const bound = advantage > 0 ? 1 + config.clip.high : 1 - config.clip.low
  const start = `With an advantage of ${signed(advantage)}, ${label} wants to ${side} the ratio, now ${significant(ratio)}`
  if (config.surrogate === 'cispo')
    return `${start}; its weight is capped at ${significant(config.clip.high)}, and the token always has a gradient.`
  return isFree
    ? `${start}, and nothing is clipped.`
    : `${start}; ${advantage > 0 ? 'above' : 'below'} ${significant(bound)} the curve is flat, and nothing is gained.`
}

function unclipped(config: Explained['config']): Explained['config'] {
  const clip = { ...config.clip, low: Infinity, high: Infinity, dual: null, delta: null }
  return { ...config, surrogate: 'clip', clip }
}
