// Every experiment of the catalogue from the command line, in its quick form, into one folder: runs are shared, as a person's
// are. The first one is stopped by Ctrl-C on the way.

import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { experiments } from '../../src/lab/experiments/catalogue'
import type { Report } from '../../src/lab/experiments/report/report'
import { start, tiltlab, type RunningCommand } from './command'

let folder: string
const FIRST = 'rlvr-vs-sft'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-experiments-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('experiment NAME --quick', () => {
  test('--plan says what would be run, for how long and what it could find out, and runs nothing', async () => {
    const { code, stdout, stderr } = await tiltlab(folder, ['experiment', FIRST, '--quick', '--plan'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/\d+ of \d+ runs to do: about \d+:\d\d on this machine, \d+,000 tokens drawn/)
    expect(stdout).toMatch(/harm: 12 prompts × 1 seed find a difference from the base of \d\.\d\d of 4 or more/)
    expect(stdout).toMatch(/accuracy: 12 prompts × 1 seed find a difference/)
    expect(await readdir(join(folder, 'experiments'))).toEqual(['rates.json'])

    const again = await tiltlab(folder, ['experiment', FIRST, '--quick', '--plan', '--json'])
    const plan = JSON.parse(again.stdout) as { estimate: { seconds: number }; runs: { isDone: boolean }[] }
    expect(plan.estimate.seconds).toBeGreaterThan(1)
    expect(plan.runs.every(({ isDone }) => !isDone)).toBe(true)
  })

  test('Ctrl-C ends with 130 and keeps what is finished; the same command goes on with it', async () => {
    const running = start(folder, ['experiment', FIRST, '--quick'])
    const finished = await firstTrained(running)
    running.process.kill('SIGINT')
    const { code, stdout, stderr } = await running.done
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toMatch(
      /^Stopped\. What is finished is kept in experiments; the same command goes on from there\.$/m,
    )

    const before = await stat(finished)
    const rest = await tiltlab(folder, ['experiment', FIRST, '--quick'])
    expect(rest.code, rest.stderr).toBe(0)
    expect((await stat(finished)).mtimeMs).toBe(before.mtimeMs)
  })

  test.each(experiments.map(({ name }) => name))(
    '%s ends with a report that has intervals, and runs once',
    async (name) => {
      const startedMs = performance.now()
      const { code, stdout, stderr } = await tiltlab(folder, ['experiment', name, '--quick', '--json'])
      console.log(`${name} --quick: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
      expect(code, stderr).toBe(0)
      const report = JSON.parse(stdout) as Report
      expect(report.verdict.sentence).toMatch(/\w.*\.$/s)
      expect(report.verdict.change).toMatch(/\w.*\.$/s)
      expect(stdout).toMatch(/"mean": [^}]*"low": [^}]*"high": /)

      const written = await readdir(join(folder, 'experiments', `${name}-quick`))
      expect(written).toEqual(expect.arrayContaining(['report.html', 'report.json']))
      expect(written.some((file) => file.endsWith('.csv'))).toBe(true)
      const html = await readFile(join(folder, 'experiments', `${name}-quick`, 'report.html'), 'utf8')
      expect(html).toContain('<svg')

      const again = await tiltlab(folder, ['experiment', name, '--quick', '--json'])
      expect(again.stderr).toMatch(/All \d+ runs? and their measures are there\./)
      const { verdict, sections } = JSON.parse(again.stdout) as Report
      expect({ verdict, sections }).toEqual({ verdict: report.verdict, sections: report.sections })
    },
  )

  test('a reward that is harm itself raises the alarms of harm and of covariance; an honest one raises none', async () => {
    const { code, stdout, stderr } = await tiltlab(folder, ['experiment', 'reward-types', '--quick', '--json'])
    expect(code, stderr).toBe(0)
    const { verdict, sections } = JSON.parse(stdout) as Report
    expect(verdict.sentence).toContain('The broken reward, harm itself, raises the alarms of harm and of covariance: ')
    const tables = sections.flatMap(({ blocks }) => blocks.filter((block) => block.kind === 'table'))
    const alarmed = (name: string) =>
      tables.find((table) => table.name === name)!.rows.map(({ tone }) => tone === 'alarm')
    // Binary, length-penalised, broken.
    expect(alarmed('covariance')).toEqual([false, false, true])
    expect(alarmed('change-harm')).toEqual([false, false, true])
  })
})

/** Waits until the first run that is trained is finished, and gives its record's path. */
async function firstTrained(running: RunningCommand): Promise<string> {
  const runs = join(folder, 'experiments', 'runs')
  for (;;) {
    if (running.process.exitCode !== null) throw new Error(`ended too early: ${(await running.done).stderr}`)
    for (const run of await readdir(runs).catch(() => [])) {
      const record = join(runs, run, 'cell.json')
      const isThere = await access(record).then(
        () => true,
        () => false,
      )
      if (isThere && !run.includes('-base-')) return record
    }
    await delay(50)
  }
}
