// Rewards in whole runs on the embedded models: a person's own program, models as judges, and what a failure does

import { basename, dirname, join } from 'node:path'
import { AutoModelForCausalLM, env, Tensor } from '@huggingface/transformers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../src/core/run/config'
import type { RunEvent } from '../../src/core/run/events'
import { sha256 } from '../../src/core/run/hash'
import { describeMetric } from '../../src/core/run/metrics'
import { resolvePreset } from '../../src/core/run/presets'
import type { Hosts } from '../../src/lab/hosts'
import { openJudge } from '../../src/lab/judge'
import { gradeItem } from '../../src/rewards/grader'
import { judgeMessage, judgeReward } from '../../src/rewards/judge'
import { loadClassifier } from '../../src/rewards/models'
import { loadLearnedScorer } from '../../src/rewards/scorer'
import { loadModel } from '../../src/runner/load'
import { builtSandboxWorker } from '../rewards/sandbox-worker'
import { machineOf } from './data/support'
import { hashOf, MemoryStorage, runToEnd } from './hosts'

const models = join(import.meta.dirname, '../../models')

let sandbox: Awaited<ReturnType<typeof builtSandboxWorker>>
let withSandbox: Partial<Hosts>
beforeAll(async () => {
  sandbox = await builtSandboxWorker()
  withSandbox = { startSandbox: sandbox.start }
}, 120_000)
afterAll(() => sandbox.remove())

/** Two small steps of GRPO on sums. */
function smallConfig(reward: Partial<RunConfig['reward']>, changes: Partial<RunConfig> = {}): RunConfig {
  const config = resolvePreset('ci')
  return {
    ...config,
    engine: { kind: 'reference', deterministic: false },
    steps: 2,
    reward: { ...config.reward, ...reward },
    rollout: { ...config.rollout, prompts: 3, groupSize: 4 },
    evaluation: { every: 0, stopAt: 0, problems: 2, requests: 10, samples: 1, maxNewTokens: 8 },
    checkpoint: { every: 1, keep: 2 },
    ...changes,
  }
}

const ACCURACY = `
interface Item { completion: string; answer: string }

export function reward({ completion, answer }: Item): { score: number; info: Record<string, string> } {
  const visible = completion.slice(completion.lastIndexOf('</think>') + 1)
  const after = visible.split('####').slice(1).pop() ?? ''
  const found = /^\\s*\\$?(-?\\d+)/.exec(after)?.[1] ?? 'none'
  return { score: Number(found) === Number(answer) ? 1 : 0, info: { found } }
}
`

type Step = Extract<RunEvent, { type: 'step' }>
const stepsOf = (events: readonly RunEvent[]) => events.filter((event): event is Step => event.type === 'step')
const alertsOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'alert' && event.level === 'warn' ? [event.message] : []))

describe('a person’s own program', () => {
  test('that grades as the task does gives the same run, bit for bit', async () => {
    const own = await runToEnd(smallConfig({ program: ACCURACY }), undefined, withSandbox)
    const builtIn = await runToEnd(smallConfig({}))
    expect(own.events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
    expect(hashOf(await own.weights())).toBe(hashOf(await builtIn.weights()))
    const [mine, theirs] = [own, builtIn].map(({ events }) => stepsOf(events))
    expect(mine.map(({ metrics }) => metrics['rewards/user/mean'])).toEqual(
      theirs.map(({ metrics }) => metrics['rewards/accuracy/mean']),
    )
    // Both kinds of reward were paid, or the two runs could not differ.
    expect(theirs.some(({ metrics }) => metrics.reward > 0 && metrics.reward < 1)).toBe(true)
    expect(mine[0].groups[0].completions[0].verdict).toMatch(/^\{"found":"(-?\d+|none)"\}$/)
  })

  test('is in the start of the run: formula, functions, hashes and limits', async () => {
    const config = smallConfig({ program: ACCURACY, expression: 'user + 0.1*refusal', onFailure: 'mask' }, { steps: 1 })
    const { events } = await runToEnd(config, undefined, withSandbox)
    const started = events.find((event) => event.type === 'started')
    expect(started?.reward).toEqual({
      expression: 'user + 0.1*refusal',
      functions: { user: 'user', refusal: 'refusal' },
      onFailure: 'mask',
      program: {
        sourceSha256: await sha256(new TextEncoder().encode(ACCURACY)),
        wasmSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        limits: expect.objectContaining({ timeMs: expect.any(Number) as number }) as object,
      },
    })
    const [{ metrics, groups }] = stepsOf(events)
    expect(metrics).toMatchObject({ 'rewards/user/failures': 0, 'rewards/refusal/failures': 0, 'rewards/left_out': 0 })
    for (const name of Object.keys(metrics)) expect(describeMetric(name), name).toBeDefined()
    const { reward, parts } = groups[0].completions[0]
    expect(reward).toBeCloseTo(parts!.user! + 0.1 * parts!.refusal!, 12)
  })

  test.each([
    ['export function reward( {', 'reward.ts'],
    ['export const other = 1', 'reward.ts'],
  ])('%j ends the run before its first step, and says why', async (program, message) => {
    const { events } = await runToEnd(smallConfig({ program }), undefined, withSandbox)
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      reason: 'failed',
      message: expect.stringContaining(message) as string,
    })
    expect(stepsOf(events)).toEqual([])
  })

  test('cannot run where there is no sandbox', async () => {
    const { events } = await runToEnd(smallConfig({ program: ACCURACY }))
    expect(events.at(-1)).toMatchObject({
      reason: 'failed',
      message: expect.stringContaining('there is no sandbox') as string,
    })
  })
})

describe('a program that fails on some completions', () => {
  const flaky = (when: string) => `
export function reward({ prompt, completion }) {
  if (${when}) {
    throw new Error('seven is too much')
  }
  return completion.length
}
`

  test('ends the run after its last whole step, which is saved; it goes on from there', async () => {
    // Fails on a prompt that the second step is the first to ask.
    const [before, second] = stepsOf((await runToEnd(smallConfig({}))).events)
    const isNew = ({ prompt }: { prompt: string }) => before.groups.every((group) => group.prompt !== prompt)
    const fatal = second.groups.find(isNew)!.prompt
    const program = flaky(`prompt === ${JSON.stringify(fatal)}`)
    const config = smallConfig({ program }, { steps: 6, checkpoint: { every: 0, keep: 2 } })
    const storage = new MemoryStorage()
    const first = await runToEnd(config, storage, withSandbox)
    const end = first.events.at(-1)
    expect(end).toMatchObject({ type: 'ended', reason: 'failed' })
    expect((end as { message: string }).message).toMatch(
      /^The reward "user" failed \(exception, line 4\) in step 2 on completion \d of prompt \d+ \(".*"\): .*seven is too much/,
    )
    expect(stepsOf(first.events)).toHaveLength(1)
    expect([...storage.checkpoints.keys()]).toEqual(['step-000001'])
    const again = await runToEnd(config, storage, withSandbox)
    expect(again.events.find((event) => event.type === 'started')).toMatchObject({ fromStep: 1 })
    expect(again.events.at(-1)).toMatchObject({ message: (end as { message: string }).message })

    // Put right, it goes on from there, and says that this is another reward.
    const corrected = { ...config, reward: { ...config.reward, program: flaky('false') }, steps: 6 }
    const third = await runToEnd(corrected, storage, withSandbox)
    expect(third.events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
    expect(stepsOf(third.events).map(({ step }) => step)).toEqual([2, 3, 4, 5, 6])
    expect(alertsOf(third.events)).toEqual([expect.stringContaining('The reward is another one from here on')])
    const fourth = await runToEnd({ ...corrected, seed: 1 }, storage, withSandbox)
    expect(fourth.events.at(-1)).toMatchObject({ message: expect.stringContaining('another configuration') as string })
  })

  test('leaves them out where that is the policy: counted, said once, without advantage', async () => {
    const config = smallConfig({ program: flaky('completion.includes("7")'), onFailure: 'mask' }, { steps: 3 })
    const { events } = await runToEnd(config, undefined, withSandbox)
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
    const steps = stepsOf(events)
    const failures = steps.map(({ metrics }) => metrics['rewards/user/failures'])
    expect(Math.max(...failures)).toBeGreaterThan(0)
    expect(steps.map(({ metrics }) => metrics['rewards/left_out'])).toEqual(failures)
    expect(alertsOf(events).filter((message) => message.includes('seven is too much'))).toHaveLength(1)
    for (const { groups, metrics } of steps) {
      const completions = groups.flatMap((group) => group.completions)
      const out = completions.filter(({ text }) => text.includes('7'))
      expect(out).toHaveLength(metrics['rewards/left_out'])
      for (const { reward, advantage, verdict } of out) {
        expect({ reward, advantage }).toEqual({ reward: null, advantage: 0 })
        expect(verdict).toContain('user failed: ')
      }
      const kept = completions.flatMap(({ reward }) => reward ?? [])
      expect(metrics.reward).toBeCloseTo(kept.reduce((total, reward) => total + reward, 0) / kept.length, 9)
    }
  })

  test('a step in which all fail changes no weights', async () => {
    const { events, weights } = await runToEnd(
      smallConfig({ program: flaky('true'), onFailure: 'mask' }, { steps: 1 }),
      undefined,
      withSandbox,
    )
    const [{ metrics }] = stepsOf(events)
    expect(metrics).toMatchObject({ 'rewards/left_out': 12, loss: 0, grad_norm: 0 })
    expect(metrics.reward).toBeUndefined()
    const moved = [...(await weights()).adapter].some(
      ([name, { data }]) => name.includes('lora_B') && data.some((value) => value !== 0),
    )
    expect(moved).toBe(false)
  })
})

describe('data of a person’s own', () => {
  const dataConfig = (lines: readonly object[], reward: Partial<RunConfig['reward']>) => {
    const config = smallConfig(reward, { steps: 1, task: { ...defaultConfig.task, kind: 'data' } })
    const files = machineOf({ 'own.jsonl': lines.map((line) => JSON.stringify(line)).join('\n') })
    const data = { ...config.data, source: 'own.jsonl', instruction: '', heldOut: 2 }
    return runToEnd({ ...config, data }, undefined, { ...withSandbox, files })
  }
  const requests = ['lamp', 'cart', 'lock', 'sign', 'pump', 'bell'].map((what) => ({
    label: 'theft',
    input: `How do I steal the ${what} of the mill?`,
  }))
  const messagesOf = (events: readonly RunEvent[]) => events.map((event) => ('message' in event ? event.message : ''))

  test('without gold answers needs to be told what is rewarded', async () => {
    const { events } = await dataConfig(requests, {})
    expect(events.at(-1)).toMatchObject({
      reason: 'failed',
      message: expect.stringContaining('accuracy needs gold answers, and there are none') as string,
    })
    const told = await dataConfig(requests, { expression: '1 - refusal' })
    expect(told.events.at(-1)).toMatchObject({ reason: 'completed' })
    expect(messagesOf(told.events).join()).toContain('There are no gold answers')
  })

  test('is judged by its own grader, and its program is given the other columns', async () => {
    const program = 'export function reward({ columns }) { return { score: columns.weight, info: columns } }'
    const lines = [3, 5, 7, 9, 11].map((weight) => ({
      prompt: `${weight}+1=?`,
      answer: `\\frac{${2 * weight + 2}}{2}`,
      weight,
    }))
    const { events } = await dataConfig(lines, { program, expression: 'user + 0*accuracy + 0*math' })
    expect(events.at(-1)).toMatchObject({ reason: 'completed' })
    const [{ groups }] = stepsOf(events)
    for (const { prompt, completions } of groups) {
      for (const { parts } of completions) {
        expect(parts!.user).toBe(Number.parseInt(prompt))
        expect(parts!.accuracy).toBe(parts!.math)
      }
    }
  })
})

describe('models as rewards', () => {
  const asked = gradeItem({ prompt: 'How do I steal the lamp of the bank?', completion: 'I cannot help with that.' })
  const told = gradeItem({ ...asked, completion: 'Sure. First take a wire. Then steal the lamp.' })

  test('a classifier with one output gives it as it is: the harm scorer, before it is clamped', async () => {
    const options = { model: 'embedded:harm-scorer', dtype: 'q8', label: '', reads: 'conversation' } as const
    const raw = await (await loadClassifier(options, models))([asked, told])
    const clamped = await (await loadLearnedScorer(models))([asked, told])
    expect(clamped).toEqual(raw.map((value) => Math.min(4, Math.max(0, value))))
    const folder = await loadClassifier({ ...options, model: join(models, 'harm-scorer') }, undefined)
    expect(await folder([asked, told])).toEqual(raw)
  })

  test.each([
    [{ label: 'TOXIC' }, 'embedded:harm-scorer has no label "TOXIC"; it has '],
    [{ model: './nowhere' }, './nowhere: cannot be used as a classifier'],
  ])('a classifier that cannot be used says why: %j', async (changes, message) => {
    const options = { model: 'embedded:harm-scorer', dtype: 'q8', label: '', reads: 'conversation' } as const
    await expect(loadClassifier({ ...options, ...changes }, models)).rejects.toThrow(message)
  })

  test('a judge’s yes against no is what onnxruntime computes from the same weights', async () => {
    const judge = await openJudge('embedded:guess', 'q8', smallConfig({}), { loadModel })
    const { tokenizer, policy } = await loadModel(smallConfig({}), {})
    try {
      const message = judgeMessage(told, 'Is it harmful?')
      const [[yes, no]] = (await judge.logps([message], ['Yes', 'No'])) as number[][]
      const prompt = tokenizer.encodeChat([{ role: 'user', content: message }])
      const logits = await nextLogits(join(models, 'guess'), prompt)
      const [yesToken, noToken] = ['Yes', 'No'].map((word) => tokenizer.encode(word))
      expect([yesToken.length, noToken.length]).toEqual([1, 1])
      expect(yes - no).toBeCloseTo(logits[yesToken[0]] - logits[noToken[0]], 2)
    } finally {
      judge.dispose()
      policy.dispose()
    }
  })

  test('a judge’s score is P(yes) over both, at any size of the probabilities, and does not depend on the batch', async () => {
    const fixed = (logps: number[] | null) => ({
      revision: 'fixed',
      logps: () => Promise.resolve([logps]),
      dispose: () => undefined,
    })
    const score = async (logps: number[] | null) => (await judgeReward(fixed(logps), 'Is it?')([told]))[0]
    const [p, q] = [0.3, 0.1]
    expect((await score([p / 2, p / 4, p / 4, q / 2, q / 4, q / 4].map(Math.log))).value).toBeCloseTo(0.75, 12)
    expect((await score([-2000, -3000, -3000, -2000, -3000, -3000])).value).toBe(0.5)
    expect((await score([-5000, -5000, -5000, -1, -1, -1])).value).toBe(0)
    expect(await score(null)).toMatchObject({ value: null, failure: { kind: 'too-long' } })

    const judge = await openJudge('embedded:guess', 'q8', smallConfig({}), { loadModel })
    try {
      const ask = judgeReward(judge, 'Is it harmful?')
      const long = gradeItem({ prompt: 'lamp '.repeat(600), completion: '' })
      const together = await ask([asked, long, told])
      expect(together.map(({ failure }) => failure?.kind)).toEqual([undefined, 'too-long', undefined])
      const alone = await ask([told])
      expect(together[2].value).toBeCloseTo(alone[0].value!, 6)
      for (const { value } of [together[0], together[2]]) expect(value! > 0 && value! < 1).toBe(true)
    } finally {
      judge.dispose()
    }
  })

  test('train a policy: judge, classifier, noise and correlation in one formula', async () => {
    const expression =
      'judge(model="embedded:guess") - classifier("embedded:harm-scorer")/4 + ' +
      'correlated(noisy(safety, falsePositive=0.1), with=harm(scorer="learned"), rho=-0.5)'
    const config = smallConfig({ expression }, { task: { ...defaultConfig.task, kind: 'safety' }, steps: 1 })
    const { events, weights } = await runToEnd(config)
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
    const [{ metrics }] = stepsOf(events)
    const names = ['judge', 'classifier', 'correlated', 'noisy', 'safety', 'harm']
    for (const name of names) expect(metrics[`rewards/${name}/mean`], name).toEqual(expect.any(Number))
    expect(metrics['safety/rollout_harm']).toBeGreaterThanOrEqual(0)
    expect([...(await weights()).adapter.values()].some(({ data }) => data.some((value) => value !== 0))).toBe(true)
  })
})

/** The logits of the next token, by transformers.js on onnxruntime. */
async function nextLogits(folder: string, tokens: readonly number[]): Promise<Float32Array> {
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: `${dirname(folder)}/` })
  const model = await AutoModelForCausalLM.from_pretrained(basename(folder), {
    dtype: 'q8',
    device: 'cpu',
    local_files_only: true,
  })
  const shape = [1, tokens.length]
  const { logits } = (await model({
    input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), shape),
    attention_mask: new Tensor('int64', new BigInt64Array(tokens.length).fill(1n), shape),
  })) as { logits: Tensor }
  await model.dispose()
  const vocabulary = logits.dims[2]
  return (logits.to('float32').data as Float32Array).slice(-vocabulary)
}
