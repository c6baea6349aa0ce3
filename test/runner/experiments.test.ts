// `tiltlab experiment` from the outside, before anything is run: what there is, and what is refused.

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { experiments } from '../../src/lab/experiments/catalogue'
import { tiltlab, tinyModel } from './command'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-experiment-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('experiment', () => {
  test('without a name lists every experiment, what it asks and where it comes from', async () => {
    const { code, stdout, stderr } = await tiltlab(folder, ['experiment'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const { name, question, source } of experiments) {
      expect(stdout).toContain(`${name}\n  ${question}\n  ${source}. `)
    }
    expect(stdout).toMatch(/ \d+ arms? × 3 seeds; --quick: \d+ arms? × 1 seed\n/)
  })

  const own = ['--model', tinyModel]
  test.each<[string, string[], RegExp]>([
    [
      'a name that there is not',
      ['rlvr-vs-ftw'],
      /^tiltlab: experiment: there is no experiment "rlvr-vs-ftw"; there are /,
    ],
    ['no seeds', ['rlvr-vs-sft', '--seeds', '0'], /^tiltlab: --seeds: expected a whole number of at least 1, got "0"/],
    ['a flag of train that means nothing here', ['rlvr-vs-sft', '--steps', '9'], /unknown option '--steps'/],
    [
      'another learning rate for the embedded models',
      ['rlvr-vs-sft', '--lr', '1e-3'],
      /^tiltlab: --optimizer.learningRate: has no effect on the embedded models; name a model of your own/,
    ],
    ['a scorer for the embedded models', ['rlvr-vs-sft', '--scorer', 'harm'], /^tiltlab: --scorer: has no effect/],
    ['a model without data', ['rlvr-vs-sft', ...own], /^tiltlab: --data: is missing/],
    ['a model without requests', ['rlvr-vs-sft', ...own, '--data', 'x.jsonl'], /^tiltlab: --requests: is missing/],
    [
      'a model without a scorer',
      ['rlvr-vs-sft', ...own, '--data', 'x.jsonl', '--requests', 'y.jsonl'],
      /^tiltlab: --scorer: is missing/,
    ],
    [
      'a scorer that is no formula',
      ['rlvr-vs-sft', ...own, '--data', 'x.jsonl', '--requests', 'y.jsonl', '--scorer', '4*jugde()'],
      /^tiltlab: .*jugde/,
    ],
    [
      'a model that is not there',
      ['rlvr-vs-sft', '--model', 'embedded:gess', '--data', 'x', '--requests', 'y', '--scorer', 'harm'],
      /^tiltlab: embedded:gess: is not among the embedded models/,
    ],
  ])('%s is refused with 2, and nothing is written', async (_, words, message) => {
    const { code, stdout, stderr } = await tiltlab(folder, ['experiment', ...words])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(await readdir(folder)).toEqual([])
  })
})
