// `tiltlab train` from the outside: what it leaves behind, and that Ctrl-C loses nothing.

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Evaluation } from '../../src/core/run/events'
import { readJournal } from '../../src/core/run/journal'
import { freePort } from '../free-port'
import { start, tiltlab, tinyRun, type RunningCommand } from './command'

let folder: string
const journal = async (run: string) =>
  readJournal(await readFile(join(folder, run, 'journal.jsonl')).catch(() => Buffer.of()))
const adapter = (run: string) => readFile(join(folder, run, 'adapter/adapter_model.safetensors'))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-train-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('train', () => {
  test('leaves a journal, checkpoints, the settings and the adapter, and says where', async () => {
    const { code, stdout, stderr } = await tiltlab(folder, ['train', ...tinyRun, '--steps', '6', '--out', 'whole'])
    expect({ code, stderr }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "The adapter is in whole/adapter, the journal in whole/journal.jsonl.
      ",
      }
    `)
    expect(stdout).toContain('step 6: reward')
    expect((await readdir(join(folder, 'whole'))).sort()).toEqual([
      'adapter',
      'checkpoints',
      'config.json',
      'journal.jsonl',
    ])
    const { events, lostBytes } = await journal('whole')
    expect(lostBytes).toBe(0)
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(6)
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
  })

  test('Ctrl-C saves, ends with 130 and says how to go on; the resumed run equals the uninterrupted one', async () => {
    const running = start(folder, ['train', ...tinyRun, '--steps', '6', '--out', 'stopped'])
    await stepDone(running, 'stopped', 2)
    running.process.kill('SIGINT')
    const { code, stderr } = await running.done
    expect(code).toBe(130)
    expect(stderr).toMatch(/^Saved after step \d\. Go on with: npx tiltlab train --resume stopped$/m)

    expect((await tiltlab(folder, ['train', '--resume', 'stopped'])).code).toBe(0)
    expect(await adapter('stopped')).toEqual(await adapter('whole'))
    const steps = (await journal('stopped')).events.flatMap((event) => (event.type === 'step' ? [event.step] : []))
    expect(steps).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('kill -9 loses at most what came after the last checkpoint', async () => {
    const words = ['train', ...tinyRun, '--steps', '6', '--checkpoint.every', '1', '--out', 'killed']
    const running = start(folder, words)
    await stepDone(running, 'killed', 3)
    running.process.kill('SIGKILL')
    await running.done
    // The training process sees its parent gone, saves and lets go of the folder.
    while ((await readdir(join(folder, 'killed'))).includes('lock')) await delay(50)
    expect((await tiltlab(folder, ['train', '--resume', 'killed'])).code).toBe(0)
    expect(await adapter('killed')).toEqual(await adapter('whole'))
  })

  test('a run by the WGSL engine that was killed goes on to the same adapter, and tells its memory', async () => {
    const words = ['train', ...tinyRun, '--engine', 'webgpu', '--steps', '3', '--checkpoint.every', '1', '--out']
    const whole = await tiltlab(folder, [...words, 'fast'])
    expect(whole.code, whole.stderr).toBe(0)
    expect(whole.stdout).toMatch(/^safety: .* on webgpu \(.*\nmemory: at most .* \(weights /)
    const running = start(folder, [...words, 'fast-killed'])
    await stepDone(running, 'fast-killed', 2)
    running.process.kill('SIGKILL')
    await running.done
    while ((await readdir(join(folder, 'fast-killed'))).includes('lock')) await delay(50)
    expect((await tiltlab(folder, ['train', '--resume', 'fast-killed'])).code).toBe(0)
    expect(await adapter('fast-killed')).toEqual(await adapter('fast'))
  })

  test('a reward of a person’s own is a file and a formula; the run keeps both and goes on without the file', async () => {
    const program = 'export function reward({ tokens }: { tokens: number[] }): number {\n  return tokens.length\n}\n'
    await writeFile(join(folder, 'longer.ts'), program)
    const words = [
      '--reward.program',
      'longer.ts',
      '--reward',
      '-0.1*user + noisy(refusal)',
      '--reward.on-failure',
      'mask',
    ]
    const { code, stderr } = await tiltlab(folder, ['train', ...tinyRun, '--steps', '2', ...words, '--out', 'own'])
    expect(code, stderr).toBe(0)
    await rm(join(folder, 'longer.ts'))
    const { events } = await journal('own')
    expect(events.find((event) => event.type === 'started')).toMatchObject({
      config: { reward: { program, expression: '-0.1*user + noisy(refusal)', onFailure: 'mask' } },
      reward: { functions: { user: 'user', refusal: 'refusal', noisy: 'noisy(refusal)' } },
    })
    const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect(steps).toHaveLength(2)
    for (const { metrics, groups } of steps) {
      expect(metrics['rewards/user/mean']).toBe(metrics['completions/mean_length'])
      for (const { reward, parts, tokens } of groups.flatMap((group) => group.completions))
        expect(reward).toBeCloseTo(parts!.noisy! - 0.1 * tokens, 12)
    }
    expect((await tiltlab(folder, ['train', '--resume', 'own'])).code).toBe(0)
    expect((await tiltlab(folder, ['train', '--resume', 'own', '--reward', 'refusal + user'])).code).toBe(0)
    expect(JSON.parse(await readFile(join(folder, 'own/config.json'), 'utf8'))).toMatchObject({
      steps: 2,
      reward: { program, expression: 'refusal + user' },
    })
  })

  test.each<[string, string[]]>([
    ['a formula that is wrong', ['--reward', 'accuracy + ']],
    ['a formula with an unknown function', ['--reward', '0.5*lenght']],
    ['a program that is not there', ['--reward.program', 'nowhere.ts']],
    ['a reward for supervised fine-tuning', ['--preset', 'sft', '--reward', 'accuracy']],
    ['a folder that holds a run', ['--out', 'whole']],
    ['a folder without a run', ['--resume', 'nothing']],
    ['settings for a resumed run', ['--resume', 'whole', '--steps', '9']],
    ['a model that does not exist', ['--model', 'embedded:gess']],
    ['a value that is wrong', ['--lr', 'fast']],
    ['a configuration file that is not there', ['--config', 'nowhere.json']],
  ])('%s is refused with 2', async (_, words) => {
    const { code, stdout, stderr } = await tiltlab(folder, ['train', ...words])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatchSnapshot()
  })

  test('an empty program is refused: the run would be rewarded by something else', async () => {
    await writeFile(join(folder, 'empty.ts'), '\n')
    const { code, stderr } = await tiltlab(folder, ['train', ...tinyRun, '--reward.program', 'empty.ts'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'tiltlab: --reward.program: empty.ts is empty\n' })
  })

  test('a run does not go on with data that has changed, and what it has is left as it is', async () => {
    const problems = (answer: number) =>
      Array.from({ length: 6 }, (_, i) => JSON.stringify({ prompt: `${i}+1=?`, answer: String(i + answer) })).join('\n')
    await writeFile(join(folder, 'sums.jsonl'), problems(1))
    const words = ['--task', 'data', '--data', 'sums.jsonl', '--data.held-out', '2', '--steps', '1', '--out', 'sums']
    expect((await tiltlab(folder, ['train', ...tinyRun, ...words])).code).toBe(0)
    const before = await readFile(join(folder, 'sums/journal.jsonl'))
    await writeFile(join(folder, 'sums.jsonl'), problems(2))
    const { code, stderr } = await tiltlab(folder, ['train', '--resume', 'sums'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^tiltlab: The run began on other data: sums\.jsonl has changed/)
    expect(stderr).toMatch(/^Nothing was changed in sums\.$/m)
    expect(await readFile(join(folder, 'sums/journal.jsonl'))).toEqual(before)
  })
})

test('eval compares an adapter with the model without it, and finds what the run found at its end', async () => {
  const { code, stdout } = await tiltlab(folder, ['eval', ...tinyRun, '--adapter', 'whole/adapter', '--json'])
  expect(code).toBe(0)
  const { base, adapter: adapted } = JSON.parse(stdout) as Record<string, Evaluation>
  expect(base.klTask.mean).toBe(0)
  expect(adapted.klTask.mean).toBeGreaterThan(0)
  expect(adapted.harm!.difference).toBeDefined()
  const atEnd = (await journal('whole')).events.findLast((event) => event.type === 'evaluation')
  expect(adapted).toEqual(atEnd?.evaluation)
})

describe('serve --run', () => {
  test('trains a run of its queue and shows it, Ctrl-C saves it, and the same command goes on with it', async () => {
    const port = await freePort()
    const address = `http://127.0.0.1:${port}`
    const words = ['serve', '--run', '--port', String(port), ...tinyRun, '--steps', '50', '--checkpoint.every', '1']
    const first = start(folder, words)
    const { live } = (await (await eventually(() => fetch(`${address}/api/info`))).json()) as { live: string }
    await stepDone(first, `runs/${live}`, 2)
    const authorization = { Authorization: `Bearer ${await readFile(join(folder, 'runs/.token'), 'utf8')}` }
    const { runs } = (await (await fetch(`${address}/api/runs`, { headers: authorization })).json()) as {
      runs: object[]
    }
    expect(runs).toMatchObject([{ id: live, summary: { config: { preset: 'safety', steps: 50 }, end: null } }])
    first.process.kill('SIGINT')
    const { code, stdout, stderr } = await first.done
    expect(code).toBe(130)
    expect(stdout).toMatch(/^step 1: reward/m)
    expect(stderr).toContain(`${address}/#token=${authorization.Authorization.slice('Bearer '.length)} `)
    expect(stderr).toContain(`${live} goes on where it is when tiltlab serve starts again.`)

    const saved = (await journal(`runs/${live}`)).events.filter(({ type }) => type === 'step').length
    const second = start(folder, words)
    const info = await eventually(() => fetch(`${address}/api/info`))
    expect(await info.json()).toMatchObject({ live })
    await stepDone(second, `runs/${live}`, saved + 1)
    second.process.kill('SIGTERM')
    expect(await second.done).toMatchObject({ code: 143, stdout: expect.stringContaining(`Going on with ${live}.`) })
  })
})

async function stepDone(running: RunningCommand, run: string, step: number): Promise<void> {
  while (running.process.exitCode === null) {
    const { events } = await journal(run)
    if (events.some((event) => event.type === 'step' && event.step >= step)) return
    await delay(20)
  }
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      // The server is still starting; the test's own time limit ends a wait for nothing.
      await delay(50)
    }
  }
}
