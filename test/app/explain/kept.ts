// kept.ts: a step that was kept token by token, made of nothing, for tests of what explains it

import type { GroupRecord } from '../../../src/core/run/events'
import { resolvePreset } from '../../../src/core/run/presets'
import type { RunConfig } from '../../../src/core/run/config'

/** Two prompts × two completions; the first prompt's differ in reward. */
export function keptGroups({ reference = true } = {}): GroupRecord[] {
  const completion = (reward: number, texts: string[], shift: number) => {
    const logps = texts.map((_, t) => -0.4 - 0.3 * t)
    return {
      text: texts.join(''),
      tokens: texts.length,
      reward,
      advantage: reward,
      truncated: false,
      verdict: reward ? 'right' : 'wrong',
      trace: {
        texts,
        logps,
        ...(reference && { refLogps: logps.map((logp, t) => logp - shift * (t + 1)) }),
        entropies: texts.map((_, t) => 0.2 + 0.1 * t),
      },
    }
  }
  return [
    { prompt: '1+1', answer: '2', completions: [completion(1, ['#', ' 2', '\n'], 0.2), completion(0, ['3'], -0.1)] },
    { prompt: '2+2', answer: '4', completions: [completion(1, ['4', '.'], 0.1), completion(1, ['4'], 0)] },
  ]
}

/** The run that it is of. */
export function keptConfig(preset = 'trl-grpo'): RunConfig {
  const config = resolvePreset(preset)
  return { ...config, rollout: { ...config.rollout, prompts: 2, groupSize: 2 } }
}
