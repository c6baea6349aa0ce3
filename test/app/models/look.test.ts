// What is said of a model or a data set before it is downloaded, and what is read of it once it is here

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { architectureWords } from '../../../src/app/models/architecture'
import { chosenData, chosenModel } from '../../../src/app/models/chosen'
import { dataChoices, modelChoices, modelProblem } from '../../../src/app/models/choices'
import { download } from '../../../src/app/models/download'
import { fitOf, recommended, shapeOf, type MachineLimits } from '../../../src/app/models/fit'
import type { HubFile } from '../../../src/app/models/hub-api'
import { usableOf } from '../../../src/app/models/kept-choices'
import { keptDataSet, keptModel } from '../../../src/app/models/kept-source'
import { lookAtData, lookAtModel } from '../../../src/app/models/look'
import { Pace, sizeRange, transferWords } from '../../../src/app/models/pace'
import { shelfIn, type Shelf } from '../../../src/app/models/shelf'
import { keptFiles } from '../../../src/app/storage/opfs'
import { defaultConfig } from '../../../src/core/run/config'
import { hub } from '../../../src/engine/hub'
import { readModel } from '../../../src/engine/model-files'
import { loadDataSet } from '../../../src/lab/data/load'
import { FakeDisk } from '../storage/fake-disk'
import { commitOf, noFaults, repositoryOf, startHub, type HubServer } from './hub-server'

const llama = repositoryOf('test/fixtures/models/optimum-llama', { tags: ['license:mit'] })
const rows = Array.from({ length: 10 }, (_, i) => JSON.stringify({ question: `q${i}`, answer: `#### ${i}` })).join('\n')
const sums = {
  files: { 'main/train-00000-of-00001.jsonl': Buffer.from(rows), 'main/test.jsonl': Buffer.from(rows.slice(0, 40)) },
  tags: ['license:cc0-1.0'],
}
const machine: MachineLimits = { engine: { software: false, lanes: 0 }, bufferBytes: 2 ** 31, memoryBytes: 2 ** 33 }
const home = hub.address
let server: HubServer
let shelf: Shelf

beforeAll(async () => {
  server = await startHub({
    'models/org/llama': llama,
    'models/org/gpt2': { files: { ...llama.files, 'config.json': Buffer.from('{"model_type":"gpt2"}') } },
    'models/org/torch': { files: { 'model.safetensors': Buffer.from('') } },
    'models/org/gated': { files: {}, gated: true },
    'datasets/org/sums': sums,
    'datasets/org/pictures': { files: { 'a.png': Buffer.from('') } },
  })
  hub.address = server.address
})
afterAll(async () => {
  hub.address = home
  await server.close()
})
beforeEach(() => {
  server.faults = { ...noFaults }
  shelf = shelfIn(keptFiles(new FakeDisk().handle, 'hub'))
})

const file = (path: string, sizeBytes = 1): HubFile => ({ path, sizeBytes, digest: { kind: 'git', hex: '' } })

describe('what can be had of a model', () => {
  const beside = ['config.json', 'tokenizer.json', 'tokenizer_config.json'].map((path) => file(path))

  test('is each dtype with its external data, however exporters call that', () => {
    const files = [
      ...beside,
      file('onnx/model.onnx', 10),
      file('onnx/model.onnx_data', 100),
      file('onnx/model.onnx_data_1', 100),
      file('onnx/model_q4.onnx', 7),
      file('onnx/model_q4.onnx.data', 70),
      file('onnx/model_bnb4.onnx'),
      file('onnx/decoder_model_merged_q4f16.onnx'),
      file('README.md'),
    ]
    expect(modelChoices(files).map(({ dtype, weightsBytes, sizeBytes }) => [dtype, weightsBytes, sizeBytes])).toEqual([
      ['q4', 77, 80],
      ['fp32', 210, 213],
    ])
    expect(modelProblem(files)).toBe('')
  })

  test('is nothing without ONNX or a tokenizer, and no file that a page cannot hold', () => {
    expect(modelProblem([file('model.safetensors')])).toContain('no ONNX file of a name that is read here: onnx/model_q4f16')
    expect(modelProblem([file('config.json'), file('onnx/model.onnx')])).toBe('It has no tokenizer.json.')
    expect(modelChoices([...beside, file('onnx/model.onnx', 3e9)])[0].problem).toContain('3.0 GB is larger than a page')
  })
})

describe('a look at a model', () => {
  const look = (id: string, limits = machine) => lookAtModel(id, 'main', defaultConfig, limits)

  test('tells its commit, its parameters, and for each dtype whether it fits', async () => {
    const { repository, parameters, problem, choices, take } = await look('org/llama')
    expect(repository.commit).toBe(commitOf(llama))
    expect({ problem, parameters }).toEqual({ problem: '', parameters: expect.any(Number) as number })
    expect(choices.map(({ dtype, fit }) => [dtype, fit?.fits])).toEqual([
      ['q4f16', 'yes'],
      ['q4', 'yes'],
    ])
    expect(take).toBe('q4f16')
  })

  test('that does not fit says why, and what to do', async () => {
    const { choices, take, advice } = await look('org/llama', { ...machine, memoryBytes: 2 ** 20 })
    expect(take).toBe('')
    expect(choices[0].fit?.sentence).toMatch(/holds at most .* MB, and this machine has 1.0 MB/)
    expect(advice).toMatch(/^Take a smaller model, or set fewer prompts and shorter completions/)
    const narrow = await look('org/llama', { ...machine, bufferBytes: 1000 })
    expect(narrow.choices[0].fit?.sentence).toMatch(/needs a buffer of .*, and the adapter has none above 1 kB/)
  })

  test.each([
    ['org/gpt2', /model_type/],
    ['org/torch', /no ONNX file/],
    ['org/gated', /asks for consent.*choose its folder here/],
  ])('%s cannot be trained, and says why', async (id, problem) => {
    const found = await look(id)
    expect(found.problem).toMatch(problem)
    expect(found.take).toBe('')
  })

  test('an architecture is known from a list already', () => {
    expect(architectureWords('qwen3')).toEqual({ runs: true, words: 'qwen3' })
    expect(architectureWords('gemma')).toMatchObject({ runs: false })
    expect(architectureWords('').runs).toBe(true)
  })
})

describe('what fits', () => {
  const forecast = (gigabytes: number) => ({ plan: { totalBytes: gigabytes * 1e9 } as never, largestBytes: 1 })
  const fits = (gigabytes: number, limits: Partial<MachineLimits>) =>
    fitOf(forecast(gigabytes), { ...machine, ...limits }).fits

  test('is half of a machine’s memory, what is beyond is not, and a bound that browsers tell is one', () => {
    expect([1, 3, 5].map((size) => fits(size, { memoryBytes: 2 ** 32 }))).toEqual(['yes', 'tight', 'no'])
    expect(fits(20, { memoryBytes: 2 ** 33 })).toBe('tight')
    expect(fits(1, { memoryBytes: undefined })).toBe('tight')
  })

  test('WebAssembly has an end of its own', () => {
    expect(fits(5, { engine: 'wasm', memoryBytes: 2 ** 33 })).toBe('no')
  })

  test('the smallest that fits easily is taken before one that is tight', () => {
    const each = (fits: 'yes' | 'tight' | 'no', problem = '') => ({ fits, problem, fit: { fits, sentence: '' } })
    expect(recommended([each('tight'), each('yes')])?.fits).toBe('yes')
    expect(recommended([each('no'), each('tight')])?.fits).toBe('tight')
    expect(recommended([each('yes', 'too large'), each('no')])).toBeUndefined()
  })

  test('a batch is as large as the settings make it', () => {
    expect(shapeOf(defaultConfig)).toEqual({ sampleRows: 150, trainRows: 64, tokens: 128 })
  })
})

test('a model that was downloaded is read without the Hub, and is named with its commit', async () => {
  const { repository, choices } = await lookAtModel('org/llama', 'main', defaultConfig, machine)
  await download(shelf, repository, choices[1].files)
  server.faults.refusals = { status: 503, times: Infinity }
  const [kept] = await shelf.list()
  expect(usableOf(kept).map(({ name }) => name)).toEqual(['q4'])
  const model = chosenModel({ kind: 'models', id: 'org/llama', commit: kept.commit, name: 'q4' })
  expect(model).toEqual({ id: `org/llama@${commitOf(llama)}`, dtype: 'q4', embedding: 'file' })
  const { spec } = await readModel(keptModel(model.id, async () => shelf), 'q4')
  expect(spec.architecture).toBe('llama')
  const files = keptModel(model.id, async () => shelf)
  expect(await files.read('onnx/model_q4f16.onnx')).toBeUndefined()
})

test('a model that was not downloaded says where to get it', async () => {
  const read = keptModel('org/llama@main', async () => shelf).read('config.json')
  await expect(read).rejects.toThrow(/org\/llama@main: is not on this machine. Find it in Train/)
})

test('a data set that was downloaded is trained on without the Hub; the rest of it still comes from there', async () => {
  const { repository, choices, problem } = await lookAtData('org/sums', 'main')
  expect(problem).toBe('')
  expect(choices.map(({ pattern }) => pattern)).toEqual(['main/test.jsonl', 'main/train-*.jsonl'])
  await download(shelf, repository, choices[1].files)
  expect(usableOf((await shelf.list())[0])).toEqual([{ name: 'main/train-*.jsonl', sizeBytes: rows.length }])
  const chosen = chosenData({ kind: 'datasets', id: 'org/sums', commit: repository.commit, name: choices[1].pattern })
  const kept = (id: string, commit: string) => keptDataSet(id, commit, async () => shelf)
  const local = { name: 'here', open: async () => undefined, list: async () => undefined, kept }
  const load = (files: string) => loadDataSet({ ...defaultConfig.data, ...chosen, files }, { files: local })

  server.faults.refusals = { status: 503, times: Infinity }
  const { report } = await load(chosen.files)
  expect(report).toMatchObject({ rows: 10, source: `org/sums at ${repository.commit.slice(0, 12)}`, licence: 'cc0-1.0' })
  await expect(load('main/test.jsonl')).rejects.toThrow('answered 503')
  expect(await kept('org/sums', 'main')).toBeUndefined()
  server.faults.refusals = null
  expect((await lookAtData('org/pictures', 'main')).problem).toMatch(/no files that are read here/)
  expect(dataChoices([])).toEqual([])
})

test('speed is that of the last seconds, and the time left follows from it', () => {
  const pace = new Pace()
  expect(pace.add(0, 0)).toBe(0)
  expect(pace.add(1e6, 1000)).toBe(1e6)
  for (let second = 2; second <= 20; second++) pace.add(1e6 + (second - 1) * 2e6, 1000 * second)
  expect(pace.add(41e6, 21_000)).toBe(2e6)
  const transfer = { path: 'x', receivedBytes: 41e6, totalBytes: 101e6, phase: 'receiving' as const }
  expect(transferWords(transfer, 2e6)).toBe('41.0 MB of 101.0 MB, 2.0 MB a second, 30 s left')
  expect(transferWords({ ...transfer, phase: 'waiting' }, 2e6)).toContain('trying again')
  expect([[], [2e6], [5e8, 1e8]].map(sizeRange)).toEqual(['nothing that is read here', '2.0 MB', '100.0 MB to 500.0 MB'])
})
