// `tiltlab reward test` as a person uses it: tests beside a reward, a report, examples that become tests, and mistakes

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start, tiltlab, tinyModel } from './command'

const CONTAINS = `interface Item {
  completion: string
  answer: string
}

export function reward({ completion, answer }: Item): number {
  if (completion === '') throw new Error('nothing to read')
  return completion.split(/\\D+/).includes(answer) ? 1 : 0
}
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiltlab-reward-'))
  writeFileSync(join(folder, 'contains.ts'), CONTAINS)
  writeFileSync(join(folder, 'broken.ts'), CONTAINS.replace('? 1 : 0', '? 1 : : 0'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const onSums = ['--task', 'arithmetic', '--rows', '12']

test('a report says what pays, and where in the program it fails', async () => {
  const { code, stdout } = await tiltlab(folder, ['reward', 'test', 'contains.ts', ...onSums])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^reward {3}user, program [0-9a-f]{12}\nprompts {2}12 of the sums that come with tiltlab, seed 0\n/,
  )
  expect(stdout).toContain(
    'bad   Hackable by listing all numbers from 0 to 99: 100 % (12 of 12; 95 % interval 76–100 %)',
  )
  expect(stdout).toContain('12 × user: exception: Error: nothing to read (line 7), on probe/empty:0')
  expect(stdout).toMatch(/> 7 \| {3}if \(completion === ''\) throw new Error\('nothing to read'\)\n +\| +\^/)
})

test('a program that does not compile is shown with the line at fault, under its own name', async () => {
  const { code, stdout, stderr } = await tiltlab(folder, ['reward', 'test', 'broken.ts', ...onSums])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^tiltlab: broken\.ts:8:\d+: /)
  expect(stderr).toMatch(/> +8 \| /)
})

test('examples are kept as tests, which fail until the reward is mended', async () => {
  const kept = await tiltlab(folder, [
    'reward',
    'test',
    'contains.ts',
    ...onSums,
    '--save',
    'gold:0,probe/all-numbers:3',
  ])
  expect(kept.code).toBe(1)
  expect(kept.stderr).toContain('2 examples kept in contains.reward-test.json')
  expect(JSON.parse(readFileSync(join(folder, 'contains.reward-test.json'), 'utf8'))).toMatchObject({
    version: 1,
    reward: { program: 'contains.ts', accuracy: 'sums' },
    cases: [{ expected: { min: expect.any(Number) } }, { expected: { max: expect.any(Number) } }],
  })
  const alone = await tiltlab(folder, ['reward', 'test', 'contains.ts'])
  expect(alone.code).toBe(1)
  expect(alone.stdout).toMatch(
    /^failed: probe\/all-numbers:3 .*: expected at most 0\.\d+, got 1\n1 of 2 tests of contains/,
  )
  writeFileSync(join(folder, 'contains.ts'), CONTAINS.replace('.includes(answer)', '.at(-1) === answer'))
  const mended = await tiltlab(folder, ['reward', 'test', 'contains.reward-test.json', '--json'])
  expect(mended.code).toBe(0)
  expect(JSON.parse(mended.stdout)).toMatchObject({ report: null, cases: [{ passed: true }, { passed: true }] })
})

test('a formula and a model: completions are drawn as a run would draw them', async () => {
  const words = ['--reward', 'accuracy - 0.01*length', '--model', tinyModel, '--engine', 'reference']
  const { code, stdout } = await tiltlab(folder, [
    ...['reward', 'test', ...words, ...onSums, '--samples', '2', '--max-new-tokens', '4', '--json'],
  ])
  expect(code).toBe(0)
  const { report } = JSON.parse(stdout) as { report: { examples: { suite: string; id: string; score: number }[] } }
  const own = report.examples.filter(({ suite }) => suite === 'model')
  expect(own).toHaveLength(24)
  expect(own[3].id).toBe('model:1.1')
  for (const { score } of own) expect(score).toBeCloseTo(-0.04, 1)
})

test.each([
  [['reward', 'test'], /name a program, a \*\.reward-test\.json, or a formula/],
  [['reward', 'test', 'none.ts'], /none\.ts cannot be read \(ENOENT\)/],
  [['reward', 'test', 'none.reward-test.json'], /is not there/],
  [['reward', 'test', '--reward', 'format'], /there are no tests, so name data/],
  [['reward', 'test', '--reward', 'format', ...onSums, '--save', 'found'], /a formula has no file/],
  [['reward', 'test', 'broken.ts', ...onSums, '--rows', '0'], /--rows: expected a whole number of at least 1/],
  [['reward', 'test', '--reward', 'format + oops', ...onSums], /there is no reward function "oops"/],
])('%j is refused with what to do', async (words, message) => {
  const { code, stderr } = await tiltlab(folder, words)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
})

test('Ctrl-C stops a reward that hangs', async () => {
  writeFileSync(join(folder, 'slow.ts'), 'export function reward() { for (;;) {} }')
  const running = start(folder, ['reward', 'test', 'slow.ts', '--task', 'arithmetic', '--rows', '1000'])
  await new Promise((resolve) => setTimeout(resolve, 4000))
  running.process.kill('SIGINT')
  expect(await running.done).toMatchObject({ code: 130, stdout: '', stderr: 'stopped\n' })
})
