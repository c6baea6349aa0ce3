// answers.ts: draws for measuring, under random keys that no training step uses

import type { RunConfig } from '../core/run/config'
import { sum } from '../core/stats/moments'
import type { CallOptions, TokenSequence } from '../engine/policy'
import { conversationOf, type Asked } from './data/rows'
import type { LoadedModel } from './hosts'

/** What evaluating needs of a configuration. */
export type EvaluationConfig = Pick<RunConfig, 'seed' | 'evaluation'> & {
  rollout: Pick<RunConfig['rollout'], 'temperature'>
}

/** One answer to a held-out prompt. */
export interface Answer extends TokenSequence {
  text: string
}

/** What is drawn for each prompt, and under which key. */
export interface Draw {
  /** The `step` word of the random key; training steps count up from 1 and never come this far. */
  key: number
  samples: number
  greedy: boolean
  /** Drawn from the reference instead of the policy. */
  reference?: true
  /** The `prompt` word of the first prompt's key; 0 if absent. */
  firstPrompt?: number
  /** What the answer is made to begin with: part of its text, but not drawn, nor in its tokens. */
  prefix?: string
}

const FIRST_KEY = 0x8000_0000

/** What is drawn beside training. Each has a key of its own, so that no two of them share noise. */
export const DRAWS = {
  accuracy: { key: FIRST_KEY, samples: 1, greedy: false },
  greedy: { key: FIRST_KEY + 1, samples: 1, greedy: true },
  harm: { key: FIRST_KEY + 2, samples: 2, greedy: false },
  benign: { key: FIRST_KEY + 3, samples: 1, greedy: false },
  tilt: { key: FIRST_KEY + 4, samples: 8, greedy: false },
  passRate: { key: FIRST_KEY + 5, samples: 8, greedy: false },
  imitated: { key: FIRST_KEY + 6, samples: 1, greedy: false, reference: true },
} satisfies Record<string, Draw>

/** Answers of the policy, `draw.samples` for each prompt in turn. @throws {CancelledError} */
export async function answer(
  { policy, tokenizer }: LoadedModel,
  config: EvaluationConfig,
  prompts: readonly Asked[],
  draw: Draw,
  options: CallOptions,
): Promise<Answer[]> {
  const { prefix = '' } = draw
  const forced = prefix === '' ? [] : tokenizer.encode(prefix)
  const ids = prompts.map((prompt) => [...tokenizer.encodeChat(conversationOf(prompt)), ...forced])
  const completions = await policy.sample(
    {
      prompts: ids,
      promptIds: prompts.map((_, i) => (draw.firstPrompt ?? 0) + i),
      samples: draw.samples,
      maxNewTokens: config.evaluation.maxNewTokens,
      temperature: draw.greedy ? 0 : config.rollout.temperature,
      topK: 0,
      topP: 1,
      minP: 0,
      stopTokenIds: policy.spec.eosTokenIds,
      seed: config.seed,
      step: draw.key,
      adapter: !draw.reference,
    },
    options,
  )
  return completions.map(({ tokens }, i) => {
    const prompt = ids[Math.floor(i / draw.samples)]
    return { tokens: [...prompt, ...tokens], from: prompt.length, text: prefix + tokenizer.decode(tokens) }
  })
}

/**
 * KL(π‖π_ref) along each answer, nats: the exact KL of every next-token distribution, summed. Over answers of the policy
 * its mean is an unbiased estimate of the sequence KL with little variance (algorithms.md §5.3).
 */
export async function sequenceKl(
  { policy }: LoadedModel,
  config: EvaluationConfig,
  answers: readonly Answer[],
  options: CallOptions,
): Promise<number[]> {
  const { temperature } = config.rollout
  const request = { adapter: true, temperature, entropy: false, klToReference: true }
  const scored = await policy.score(answers, request, options)
  return scored.map((row) => sum(row.klToReference!))
}
