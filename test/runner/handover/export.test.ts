// A run becomes a folder that another engine can run: the same prompts in the same order, the same weights, the same reward.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { resolvePreset } from '../../../src/core/run/presets'
import { sha256 } from '../../../src/core/run/hash'
import { dequantise } from '../../../src/engine/formats/matrix'
import { readSafetensors } from '../../../src/engine/formats/safetensors'
import { readModel } from '../../../src/engine/model-files'
import { bundle } from '../../../src/lab/bundle/bundle'
import { noWords } from '../../../src/lab/bundle/words'
import { loadDataSet } from '../../../src/lab/data/load'
import { dataManifest } from '../../../src/lab/data/manifest'
import { loadTask } from '../../../src/lab/tasks'
import { exportMerged, exportRun } from '../../../src/runner/handover/folder'
import { readFinishedRun } from '../../../src/runner/handover/run'
import { openRewardFolder } from '../../../src/runner/handover/scoring'
import { localFiles } from '../../../src/runner/files'
import { dataSource, modelSource } from '../../../src/runner/models'
import { openFolderStorage } from '../../../src/runner/storage'
import { tiltlab } from '../command'
import { writeRun } from './written-run'

const sums: RunConfig = {
  ...defaultConfig,
  steps: 3,
  model: { id: 'embedded:small', dtype: 'q8', embedding: 'file' },
  rollout: { ...defaultConfig.rollout, prompts: 4, groupSize: 2 },
  adapter: { rank: 4, alpha: 8, average: 0 },
}

let root: string
const at = (...names: string[]) => join(root, ...names)
const text = (...names: string[]) => readFile(at(...names), 'utf8')
const json = async <T>(...names: string[]) => JSON.parse(await text(...names)) as T
const lines = async <T>(...names: string[]) =>
  (await text(...names))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
const tensors = async (...names: string[]) => readSafetensors(new Uint8Array(await readFile(at(...names))), 'file')

/** Writes a run and exports it. */
async function exported(name: string, config: RunConfig, trainer: 'trl' | 'openrlhf' | 'verl', continues = false) {
  await writeRun(at('runs', name), config)
  const run = await readFinishedRun(name, at('runs'))
  return exportRun({ run, trainer, folder: at(name), continues })
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tiltlab-export-'))
})
afterAll(() => rm(root, { recursive: true }))

describe('the folder', () => {
  test('has the prompts of every step in the order of the run, with all that the reward asks of them', async () => {
    const { manifest } = await exported('trl', sums, 'trl')
    const rows = await lines<{ prompt: { role: string; content: string }[]; label: string }>('trl/data/train.jsonl')
    const task = await loadTask(sums.task, { data: dataSource })
    const expected = [1, 2, 3].flatMap((step) => task.batch(4, sums.seed, step))
    expect(rows.map(({ prompt }) => prompt)).toEqual(expected.map((each) => [{ role: 'user', content: each.text }]))
    expect(rows.map(({ label }) => JSON.parse(label))).toEqual(
      expected.map(({ id, text: prompt, answer, harmful, columns }) => ({ id, prompt, answer, harmful, columns })),
    )
    expect(manifest.rowsSha256).toBe(await sha256(await readFile(at('trl/data/train.jsonl'))))
  })

  test('scores golden completions as the run has, right ones and others', async () => {
    const { golden } = await exported('golden', sums, 'trl')
    expect(golden).toMatchObject({ recorded: 16, equal: 16 })
    const pairs = await lines<{ completion: string; tokens: number[]; score: number }>('golden/golden.jsonl')
    expect(new Set(pairs.map(({ score }) => score))).toEqual(new Set([0, 1]))
    expect(pairs.find(({ completion }) => completion === 'nothing')).toMatchObject({ score: 0 })
  })

  test('has the base as numbers, and the adapter as PEFT’s two files beside it', async () => {
    await exported('weights', sums, 'trl')
    const { spec, weights } = await readModel(modelSource(sums.model.id), 'q8')
    const written = await tensors('weights/model/model.safetensors')
    expect(written.get('model.layers.1.mlp.down_proj.weight')!.data).toEqual(
      dequantise(weights.layers[1].linears.down_proj.weight),
    )
    expect(written.has('lm_head.weight')).toBe(!spec.tiedEmbedding)
    expect(await json('weights/model/config.json')).toMatchObject({
      architectures: ['Qwen3ForCausalLM'],
      tie_word_embeddings: spec.tiedEmbedding,
    })
    expect(await json('weights/adapter/adapter_config.json')).toMatchObject({
      r: 4,
      lora_alpha: 8,
      base_model_name_or_path: '../model',
    })
    const saved = 'runs/weights/checkpoints/step-000002/adapter_model.safetensors'
    expect(await readFile(at('weights/adapter/adapter_model.safetensors'))).toEqual(await readFile(at(saved)))
  })

  test('is the same from the zip that a page has saved', async () => {
    await exported('unpacked', sums, 'trl')
    const storage = await openFolderStorage(at('runs/unpacked'))
    const zip = await bundle(storage, sums, noWords)
    await storage.release()
    await writeFile(at('own.zip'), new Uint8Array(await zip.arrayBuffer()))
    const run = await readFinishedRun(at('own.zip'), at('runs'))
    await exportRun({ run, trainer: 'trl', folder: at('zipped'), continues: false })
    for (const file of ['handover.json', 'data/train.jsonl', 'golden.jsonl', 'adapter/adapter_model.safetensors'])
      expect(await readFile(at('zipped', file)), file).toEqual(await readFile(at('unpacked', file)))
  })

  test('is started by a script that a shell can read, and is whole', async () => {
    for (const trainer of ['trl', 'openrlhf', 'verl'] as const) {
      const { setup } = await exported(`whole-${trainer}`, sums, trainer)
      execFileSync('bash', ['-n', at(`whole-${trainer}`, 'run.sh')])
      const python = readdirSync(at(`whole-${trainer}`)).filter((file) => file.endsWith('.py'))
      execFileSync('python3', ['-m', 'py_compile', ...python.map((file) => at(`whole-${trainer}`, file))])
      // Whatever the settings name lies there.
      const named = [...setup.text.matchAll(/\$HERE\/([\w./-]+)|data_files="([^"]+)"|model="([^"]+)"/g)]
        .map(([, here, data, model]) => here ?? data ?? model)
        .filter((path) => path !== 'out')
      expect(named.length).toBeGreaterThan(1)
      for (const path of named) expect(existsSync(at(`whole-${trainer}`, path)), path).toBe(true)
    }
  }, 120_000)

  test('has Parquet of verl’s columns, and held-out prompts beside it', async () => {
    await exported('verl', sums, 'verl')
    const read = async (name: string) => {
      const bytes = await readFile(at('verl/data', name))
      return parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) })
    }
    const rows = await read('train.parquet')
    const [first] = await lines<{ prompt: unknown; label: string }>('verl/data/train.jsonl')
    const { answer } = JSON.parse(first.label) as { answer: string }
    expect(rows).toHaveLength(12)
    expect(rows[0]).toEqual({
      data_source: 'tiltlab',
      prompt: first.prompt,
      ability: 'arithmetic',
      reward_model: { style: 'rule', ground_truth: answer },
      extra_info: { index: 0, label: first.label },
    })
    expect(await read('held-out.parquet')).toHaveLength(sums.evaluation.problems)
  })

  test('goes on from the checkpoint where that is asked for', async () => {
    const { manifest } = await exported('on', sums, 'openrlhf', true)
    expect(manifest).toMatchObject({ rows: 4, run: { fromStep: 2, steps: 3 }, adapterStep: 2 })
    expect(await text('on/train_rl.sh')).toContain('--actor.model_name_or_path "$HERE/merged"')
    expect(existsSync(at('on/merged/model.safetensors'))).toBe(true)
    await exported('trl-on', sums, 'trl', true)
    expect(await text('trl-on/train_grpo.py')).toContain('set_peft_model_state_dict')
  })

  test('of a person’s own data has its rows, and a reward that needs the data no more', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      question: `What is ${i}+1?`,
      answer: `#### ${i + 1}`,
      source: 'a',
    }))
    await writeFile(at('own.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
    const data = { ...sums.data, source: at('own.jsonl'), preset: 'gsm8k' as const }
    const config: RunConfig = { ...sums, task: { ...sums.task, kind: 'data' }, data }
    await writeRun(at('runs/data'), config, 2, await dataManifest(await loadDataSet(data, { files: localFiles })))
    const run = await readFinishedRun('data', at('runs'))
    const { manifest } = await exportRun({ run, trainer: 'verl', folder: at('data'), continues: false })
    expect(manifest.reward).toMatchObject({ expression: 'accuracy', grader: 'gsm8k' })
    const [first] = await lines<{ prompt: { content: string }[]; label: string }>('data/data/train.jsonl')
    expect(first.prompt[0].content).toContain('End with #### and the number.')
    expect(JSON.parse(first.label)).toMatchObject({ columns: { source: 'a' } })

    await writeFile(at('own.jsonl'), JSON.stringify({ question: 'Other?', answer: '#### 2', source: 'a' }))
    await expect(exportRun({ run, trainer: 'verl', folder: at('changed'), continues: false })).rejects.toThrow(
      'its rows have changed',
    )
    const service = await openRewardFolder(at('data'))
    const { answer } = JSON.parse(first.label) as { answer: string }
    const gold = answer.replace('#### ', '')
    const asked = [gold, 'none'].map((text) => ({ label: first.label, completion: `So it is.\n#### ${text}` }))
    expect(await service.score(asked)).toEqual([1, 0])
    service.dispose()
  })

  test('of supervised fine-tuning has answers to imitate, and no reward', async () => {
    const sft: RunConfig = { ...resolvePreset('sft'), steps: 2, model: sums.model, adapter: sums.adapter }
    const { manifest } = await exported('sft', { ...sft, sft: { ...sft.sft, batch: 4 } }, 'trl')
    expect(manifest).toMatchObject({ reward: null, rows: 8 })
    const [row] = await lines<{ completion: { role: string; content: string }[] }>('sft/data/train.jsonl')
    expect(row.completion).toEqual([{ role: 'assistant', content: expect.stringMatching(/\d/) as string }])
    expect(readdirSync(at('sft'))).not.toContain('golden.jsonl')
    expect(await text('sft/run.sh')).not.toContain('reward')
  })
})

test('a merged model is the base with (α/r)·B·A added', async () => {
  await writeRun(at('runs/merged'), sums)
  await exportMerged(await readFinishedRun('merged', at('runs')), at('merged'))
  const { weights } = await readModel(modelSource(sums.model.id), 'q8')
  const { weight } = weights.layers[0].linears.q_proj
  const base = dequantise(weight)
  const adapter = await tensors('runs/merged/checkpoints/step-000002/adapter_model.safetensors')
  const path = 'base_model.model.model.layers.0.self_attn.q_proj'
  const a = adapter.get(`${path}.lora_A.weight`)!.data
  const b = adapter.get(`${path}.lora_B.weight`)!.data
  const merged = (await tensors('merged/model.safetensors')).get('model.layers.0.self_attn.q_proj.weight')!.data
  for (const [row, col] of [
    [0, 0],
    [3, 5],
    [weight.rows - 1, weight.cols - 1],
  ]) {
    let sum = base[row * weight.cols + col]
    for (let k = 0; k < 4; k++) sum += 2 * b[row * 4 + k] * a[k * weight.cols + col]
    expect(merged[row * weight.cols + col]).toBeCloseTo(sum, 5)
  }
})

describe('what cannot be exported is said, and leaves nothing', () => {
  test.each([
    ['a run that is not there', ['export', 'nowhere', '--to', 'trl', '--out', 'x'], 'there is no run nowhere'],
    ['a folder that is full', ['export', 'plain', '--to', 'trl', '--out', 'full'], 'holds something already'],
    ['a run that is done', ['export', 'done', '--to', 'trl', '--out', 'x', '--continue'], 'all 3 steps are done'],
    ['no checkpoint', ['export', 'bare', '--to', 'merged', '--out', 'x'], 'no checkpoint'],
    ['one completion a prompt', ['export', 'single', '--to', 'trl', '--out', 'x'], 'TRL cannot make this run'],
    ['comparing completions', ['export', 'compare', '--to', 'verl', '--out', 'x'], 'brevity compares completions'],
  ])('%s', async (_, words, message) => {
    await writeRun(at('runs/plain'), sums, null)
    await writeRun(at('runs/bare'), sums, null)
    await writeRun(at('runs/done'), sums, 3)
    await writeRun(at('runs/single'), { ...sums, rollout: { ...sums.rollout, groupSize: 1 } })
    const reward = { ...sums.reward, expression: 'brevity(accuracy)' }
    await writeRun(at('runs/compare'), { ...sums, reward })
    await rm(at('full'), { recursive: true, force: true })
    execFileSync('mkdir', ['-p', at('full')])
    await writeFile(at('full/file'), '')
    const { code, stderr } = await tiltlab(root, words)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(readdirSync(root).filter((name) => name.startsWith('x'))).toEqual([])
  })
})
