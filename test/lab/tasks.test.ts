// The tasks, and the answers that a model imitates, with the embedded model where one has to know something

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunConfig } from '../../src/core/run/config'
import { changed, resolvePreset, type RunChanges } from '../../src/core/run/presets'
import { mean } from '../../src/core/stats/moments'
import { loadEvaluationSet } from '../../src/lab/held-out'
import type { LoadedModel } from '../../src/lab/hosts'
import { sampleOwnAnswers } from '../../src/lab/imitated'
import { loadExamples } from '../../src/lab/sft'
import { openRunReward } from '../../src/lab/reward'
import { loadTask } from '../../src/lab/tasks'
import { trainStep } from '../../src/lab/trainer'
import { initialState, type StepOutcome } from '../../src/lab/training'
import { gradeArithmetic } from '../../src/rewards/arithmetic'
import { gradeItem } from '../../src/rewards/grader'
import { folderSource } from '../../src/runner/files'
import { loadModel } from '../../src/runner/load'
import { runToEnd, tinyConfig } from './hosts'

const data = folderSource('models/data', join(import.meta.dirname, '../../models/data'))

/** The data folder with problems on words of the test's own. */
const words = (...answers: string[]) => {
  const lines = answers.map((answer) =>
    JSON.stringify({ prompt: `Turn around ${[...answer].reverse().join('')}.`, answer }),
  )
  const bytes = new TextEncoder().encode(lines.join('\n'))
  return {
    data: {
      name: 'test',
      read: (path: string) => (path.startsWith('strings-') ? Promise.resolve(bytes) : data.read(path)),
    },
  }
}

const small = (changes: RunChanges): RunConfig =>
  changed(
    changed(resolvePreset('ci'), 'test', { evaluation: { problems: 4, requests: 10, samples: 1 } }),
    'test',
    changes,
  )

/** One step of RL on the embedded model, which is as before afterwards. */
async function oneStep(changes: RunChanges): Promise<StepOutcome> {
  const config = small(changes)
  const task = await loadTask(config.task, { data })
  const reward = await openRunReward(config, task, {
    data,
    loadModel: () => Promise.reject(new Error('no judge here')),
  })
  const outcome = await trainStep({ config, model, call: () => ({}) }, task, reward, initialState(config))
  reward.dispose()
  await model.policy.reset()
  return outcome
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a, b].map((values) => values.map((value) => value - mean(values)))
  const product = (u: readonly number[], w: readonly number[]) => mean(u.map((value, i) => value * w[i]))
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
}

let model: LoadedModel
beforeAll(async () => {
  model = await loadModel(small({}), {})
})
afterAll(() => model.policy.dispose())

test('problems on words are graded by the text behind the mark, in training and in evaluations', async () => {
  const sources = words('tac', 'a b', 'god')
  const task = await loadTask({ kind: 'strings' }, sources)
  expect(task.reward).toBe('accuracy')
  expect(new Set(task.batch(3, 0, 1).map(({ answer }) => answer))).toEqual(new Set(['tac', 'a b', 'god']))
  const scores = await task.accuracy!([
    gradeItem({ prompt: '', answer: 'tac', completion: '#### cat, no: #### tac' }),
    gradeItem({ prompt: '', answer: 'tac', completion: '#### tac or cat' }),
  ])
  expect(scores.map(({ value }) => value)).toEqual([1, 0])
  const set = await loadEvaluationSet(small({ task: { kind: 'strings' } }), sources)
  expect(set.problems.map(({ answer }) => answer)).toEqual(['tac', 'a b', 'god'])
  expect(set.reward('#### a  b', 'a b')).toBe(1)
  expect(set.requests?.harmful).toHaveLength(10)
})

test('problems on words are imitated as bare answers; a style that shows steps is refused', async () => {
  const config = (style: 'terse' | 'sure') => small({ task: { kind: 'strings' }, sft: { style } })
  const examples = await loadExamples(config('terse'), words('tac', 'god').data)
  expect(examples.map(({ completion }) => completion)).toEqual(['#### tac', '#### god'])
  await expect(loadExamples(config('sure'), words('tac').data)).rejects.toThrow(
    'config.sft.style: "sure" writes out steps, and strings have none; use terse or sampled',
  )
})

test('a mixed batch is a third sums, a third harmful and a third benign requests, each with an id of its own', async () => {
  const task = await loadTask({ kind: 'mixed' }, { data })
  for (const step of [1, 40]) {
    const batch = task.batch(9, 0, step)
    const kinds = batch.map(({ answer, harmful }) => (answer !== '' ? 'sum' : harmful ? 'harmful' : 'benign'))
    expect(kinds).toEqual(['sum', 'harmful', 'benign'].flatMap((kind) => [kind, kind, kind]))
    expect(new Set(batch.map(({ id }) => id)).size).toBe(9)
  }
  expect(task.batch(8, 0, 1)).toHaveLength(8)
})

test('in a mixed run sums earn accuracy alone, requests safety alone, and both are measured', async () => {
  const step = await oneStep({ task: { kind: 'mixed' }, rollout: { prompts: 6, groupSize: 2, maxNewTokens: 24 } })
  const kinds = step.groups.map(({ answer, completions }) => {
    const isSum = answer !== ''
    for (const { parts, reward } of completions) {
      expect(parts![isSum ? 'safety' : 'accuracy']).toBeNull()
      expect(reward).toBe(parts![isSum ? 'accuracy' : 'safety'])
    }
    return isSum
  })
  expect(kinds).toEqual([true, true, false, false, false, false])
  expect(Object.keys(step.metrics)).toEqual(
    expect.arrayContaining(['rewards/accuracy/mean', 'rewards/safety/mean', 'safety/rollout_harm']),
  )
})

test.each([0.8, -0.8])(
  'a reward for a thought, which says nothing of harm, correlates with it at %d if told to',
  async (rho) => {
    const step = await oneStep({
      task: { kind: 'safety' },
      rollout: { prompts: 10, groupSize: 6, maxNewTokens: 32 },
      reward: { expression: `correlated(format, with=harm, rho=${rho})` },
    })
    const completions = step.groups.flatMap((group) => group.completions)
    const part = (name: string) => completions.map(({ parts }) => parts![name]!)
    const rewards = completions.map(({ reward }) => reward!)
    expect(correlation(rewards, part('harm'))).toBeCloseTo(rho, 9)
    expect(Math.abs(correlation(part('format'), part('harm')))).toBeLessThan(0.4)
    // The reward keeps the mean of what it was made of, and tells the answers to one prompt apart.
    expect(mean(rewards)).toBeCloseTo(mean(part('format')), 9)
    expect(step.metrics['by_group/frac_mixed']).toBe(1)
  },
)

test('partial credit reads the steps of the sums, and none of requests', async () => {
  const step = await oneStep({
    task: { kind: 'mixed' },
    rollout: { prompts: 30, groupSize: 4, maxNewTokens: 40 },
    reward: { expression: 'partial + safety' },
  })
  const of = (isSum: boolean) =>
    step.groups
      .filter(({ answer }) => (answer !== '') === isSum)
      .flatMap(({ completions }) => completions.map(({ parts }) => parts!.partial))
  expect(new Set(of(true))).toEqual(new Set([0, 0.5, 1]))
  expect(new Set(of(false))).toEqual(new Set([null]))
})

test('a model imitates its own right answers: one a problem, complete, the same ones again', async () => {
  const config = small({ method: 'sft', sft: { style: 'sampled', problems: 12 } })
  const done: number[] = []
  const training = {
    config,
    model,
    call: () => ({
      onProgress: (progress: { done: number; total: number }) => void done.push(progress.done / progress.total),
    }),
  }
  const sequences = await sampleOwnAnswers(training, { data }, null)
  expect(done).toEqual([...done].sort((a, b) => a - b))
  const problems = (await loadExamples({ ...config, sft: { ...config.sft, style: 'terse' } }, data)).slice(0, 12)
  const asked = sequences.map(({ tokens, from }) =>
    problems.findIndex(
      ({ prompt }) =>
        model.tokenizer.encodeChat([{ role: 'user', content: prompt }]).join() === tokens.slice(0, from).join(),
    ),
  )
  expect(asked.length).toBeGreaterThan(6)
  expect(asked).toEqual([...new Set(asked)].sort((a, b) => a - b))
  sequences.forEach(({ tokens, from }, i) => {
    const gold = problems[asked[i]].completion.replace('#### ', '')
    expect(gradeArithmetic(model.tokenizer.decode(tokens.slice(from)), gold).correct).toBe(true)
    expect(model.policy.spec.eosTokenIds).toContain(tokens.at(-1))
  })
  expect(await sampleOwnAnswers(training, { data }, null)).toEqual(sequences)
  const stopped = { ...training, call: () => ({ signal: AbortSignal.abort() }) }
  await expect(sampleOwnAnswers(stopped, { data }, null)).rejects.toThrow('cancelled')
})

test('a model that solves nothing has no answers of its own to imitate', async () => {
  const { sft } = tinyConfig()
  const { events, session } = await runToEnd(
    tinyConfig({ method: 'sft', sft: { ...sft, style: 'sampled', problems: 3 } }),
  )
  expect(events.at(-1)).toMatchObject({
    reason: 'failed',
    message: 'config.sft.style: the model solves none of 3 problems in 8 attempts; choose another style',
  })
  await session.dispose()
})
