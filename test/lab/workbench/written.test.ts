// What a run has written in one of its steps is tried as it stands: no model is asked again.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolvePreset } from '../../../src/core/run/presets'
import { loadTokenizer } from '../../../src/engine/tokenizer'
import { loadTask } from '../../../src/lab/tasks'
import { runWorkbench } from '../../../src/lab/workbench/workbench'
import { folderSource } from '../../../src/runner/files'

const models = join(import.meta.dirname, '../../../models')
const hosts = {
  data: folderSource('models/data', join(models, 'data')),
  loadModel: () => Promise.reject(new Error('no model is to be loaded')),
  loadTokenizer: () => loadTokenizer(folderSource('guess', join(models, 'guess'))),
}
const config = { ...resolvePreset('ci'), reward: { expression: 'accuracy', program: '', onFailure: 'abort' as const } }

test('the completions of a step are scored on the prompts of that step, and of no other', async () => {
  const step = 3
  const prompts = (await loadTask(config.task, hosts)).batch(4, config.seed, step)
  const groups = prompts.map(({ text: prompt, answer }) => ({
    prompt,
    completions: [{ text: `#### ${String(answer)}` }, { text: '#### 777' }, { text: 'no idea' }],
  }))
  const foreign = { prompt: 'What is never asked?', completions: [{ text: '#### 1' }] }

  const report = await runWorkbench(
    { config, prompts: 4, samples: 0, written: { step, groups: [...groups, foreign] } },
    hosts,
  )

  const own = report.examples.filter(({ suite }) => suite === 'model')
  expect(report.samples).toBe(3)
  expect(own.map(({ score }) => score)).toEqual(prompts.flatMap(() => [1, 0, 0]))
  expect(own.map(({ prompt }) => prompt)).toEqual(prompts.flatMap(({ text }) => [text, text, text]))
  expect(own.every(({ tokens }) => tokens.length > 0)).toBe(true)
})
