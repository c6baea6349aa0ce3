// What a run keeps of each token is enough to compute its loss anew.

import { expect, test } from 'vitest'
import { explainRollout } from '../../src/core/rl/explain'
import { findPreset } from '../../src/core/rl/presets'
import type { RunConfig } from '../../src/core/run/config'
import type { RunEvent } from '../../src/core/run/events'
import { readJournal } from '../../src/core/run/journal'
import { algorithmOf, keptRollout } from '../../src/core/run/kept-rollout'
import { mean, sum } from '../../src/core/stats/moments'
import { MemoryStorage, runToEnd, tinyConfig } from './hosts'

type StepEvent = Extract<RunEvent, { type: 'step' }>

const readable = (text: string) => text.replaceAll('\uFFFD', '')

/** Steps of a short run, as its journal has them. */
async function journalled(config: RunConfig): Promise<StepEvent[]> {
  const storage = new MemoryStorage()
  await runToEnd(config, storage)
  return readJournal(storage.journal).events.filter((event): event is StepEvent => event.type === 'step')
}

function explained(config: RunConfig, { groups, metrics }: StepEvent) {
  const rollout = keptRollout(groups, config)!
  return explainRollout(rollout, algorithmOf(config, metrics.kl_coefficient))
}

test('the tokens are the completion, and their log-ratios are its own', async () => {
  const steps = await journalled(tinyConfig({ steps: 2 }))
  for (const { trace, text, tokens, logRatio } of steps.flatMap((step) => step.groups).flatMap((g) => g.completions)) {
    expect(trace!.texts).toHaveLength(tokens)
    // A model that knows nothing writes bytes that are no characters; how many marks stand for those is not fixed.
    expect(readable(trace!.texts.join(''))).toContain(readable(text))
    expect(sum(trace!.logps) - sum(trace!.refLogps!)).toBeCloseTo(logRatio!, 4)
  }
})

test('the loss of every update of a step is found again from its tokens', async () => {
  const config = tinyConfig({ steps: 3 })
  const steps = await journalled(config)
  for (const step of steps) expect(mean(explained(config, step).losses)).toBeCloseTo(step.metrics.loss, 5)
  // The second minibatch of a step sees a policy that the first has moved.
  const last = steps.at(-1)!.groups.flatMap((group) => group.completions)
  expect(last.map(({ trace }) => trace!.updatedLogps !== undefined)).toEqual(last.map((_, i) => i % 2 === 1))
})

test('with one update the policy is the one that sampled, and every ratio is 1', async () => {
  const { algorithm, update } = tinyConfig()
  const config = tinyConfig({
    steps: 2,
    update: { ...update, minibatches: 1 },
    algorithm: { ...algorithm, ...findPreset('verl-grpo').config },
  })
  for (const step of await journalled(config)) {
    const explanation = explained(config, step)
    expect(explanation.losses).toEqual([expect.closeTo(step.metrics.loss, 5)])
    expect(explanation.token({ completion: 1, token: 3 })).toMatchObject({
      ratio: 1,
      kl: { logRatio: expect.any(Number) as number },
    })
  }
})
