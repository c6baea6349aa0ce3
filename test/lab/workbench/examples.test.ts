// The rewards of examples/rewards, held to the tests beside them, and what the workbench says of each

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import { parseRewardTest, runCases } from '../../../src/lab/workbench/cases'
import { runWorkbench } from '../../../src/lab/workbench/workbench'
import type { WorkbenchHosts } from '../../../src/lab/workbench/workbench'
import { builtSandboxWorker } from '../../rewards/sandbox-worker'
import { hostsWith } from './support'

const folder = join(import.meta.dirname, '../../../examples/rewards')
const files = readdirSync(folder)
const sourceOf = (file: string) => readFileSync(join(folder, file), 'utf8')

let worker: Awaited<ReturnType<typeof builtSandboxWorker>>
let hosts: WorkbenchHosts
beforeAll(async () => {
  worker = await builtSandboxWorker()
  hosts = hostsWith({}, { startSandbox: worker.start })
}, 120_000)
afterAll(() => worker.remove())

test('every program has tests beside it', () => {
  const programs = files.filter((file) => file.endsWith('.ts'))
  expect(programs.length).toBeGreaterThan(1)
  expect(files).toEqual(expect.arrayContaining(programs.map((file) => file.replace(/\.ts$/, '.reward-test.json'))))
})

test.each(files.filter((file) => file.endsWith('.reward-test.json')))('%s passes', async (file) => {
  const kept = parseRewardTest(sourceOf(file), file)
  expect(kept.cases.length).toBeGreaterThan(0)
  const { program } = kept.reward
  const results = await runCases(kept, program === '' ? '' : sourceOf(program), hosts)
  expect(results.filter(({ passed }) => !passed)).toEqual([])
})

test('the guide prints the programs and the formula as they are', () => {
  const guide = readFileSync(join(folder, '../../docs/reward-guide.md'), 'utf8')
  for (const file of files.filter((each) => each.endsWith('.ts'))) expect(guide).toContain(sourceOf(file).trim())
  const { expression } = parseRewardTest(sourceOf('shaped-answer.reward-test.json'), 'shaped').reward
  expect(guide).toContain(expression)
})

/** What is wrong with a program on the sums, by the names of the probes that are paid. */
async function hacksOf(file: string) {
  const config = { ...defaultConfig, reward: { ...defaultConfig.reward, program: sourceOf(file) } }
  const { probes, suites, failures } = await runWorkbench({ config, prompts: 30, samples: 0 }, hosts)
  expect(failures).toEqual([])
  const corrupted = suites.filter(({ suite }) => suite === 'corrupted')
  return {
    hacks: probes.filter(({ isHack }) => isHack).map(({ variant }) => variant),
    corruptedLikeGold: corrupted.reduce((sum, { atLeastGold }) => sum + atLeastGold!.count, 0),
    corrupted: corrupted.reduce((sum, { n }) => sum + n, 0),
  }
}

test('the workbench finds what can be cheated, and nothing where that is mended', async () => {
  const cheated = await hacksOf('right-and-brief.ts')
  expect(cheated.hacks).toEqual(expect.arrayContaining(['empty', 'white-space', 'gold-among-guesses']))
  expect(cheated.corruptedLikeGold).toBeGreaterThan(cheated.corrupted / 2)
  for (const file of ['right-and-brief-mended.ts', 'partial-credit.ts'])
    expect(await hacksOf(file)).toMatchObject({ hacks: [], corruptedLikeGold: 0 })
})
