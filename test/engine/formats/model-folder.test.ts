// model-folder.test.ts: from a folder to weights, and every way in which a folder can be wrong

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CancelledError, ModelFileError } from '../../../src/core/errors'
import { dequantise } from '../../../src/engine/formats/matrix'
import { LINEARS } from '../../../src/engine/formats/weights'
import type { FileSource } from '../../../src/engine/hub'
import { readModel } from '../../../src/engine/model-files'
import { fixtureModel, FIXTURE_MODELS, largestDifference } from '../support'

/** A fixture with some of its files changed, or (undefined) removed. */
function changed(name: string, files: Record<string, Uint8Array | undefined>): FileSource {
  const source = fixtureModel(name)
  return { name, read: (path) => (path in files ? Promise.resolve(files[path]) : source.read(path)) }
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

async function withConfig(change: Record<string, unknown>): Promise<FileSource> {
  const config = JSON.parse(new TextDecoder().decode(await fixtureModel('optimum-qwen2').read('config.json'))) as object
  return changed('optimum-qwen2', { 'config.json': json({ ...config, ...change }) })
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

describe('description', () => {
  test('of a Qwen2 with one key head, read from config.json and generation_config.json', async () => {
    const { spec } = await readModel(fixtureModel('optimum-qwen2'), 'q4')
    expect(spec).toEqual({
      architecture: 'qwen2',
      vocabSize: 301,
      layers: 2,
      hiddenSize: 48,
      intermediateSize: 80,
      heads: 3,
      kvHeads: 1,
      headDim: 16,
      ropeTheta: 10000,
      rmsNormEpsilon: 1e-6,
      tiedEmbedding: true,
      maxPositions: 128,
      eosTokenIds: [300],
      parameters: 301 * 48 + 2 * (48 * 48 * 2 + 2 * 48 * 16 + 80 + 3 * 48 * 80 + 96) + 48,
    })
  })

  test('a rope_theta of transformers 5 is read', async () => {
    const files = await withConfig({
      rope_theta: undefined,
      rope_parameters: { rope_type: 'default', rope_theta: 5e5 },
    })
    expect((await readModel(files, 'q4')).spec.ropeTheta).toBe(5e5)
  })

  test.each([
    [{ model_type: 'gpt2' }, /config\.json: model_type: "gpt2" is not read; tiltlab reads qwen2, qwen3, llama/],
    [{ rope_scaling: { rope_type: 'yarn' } }, /rope_scaling: "yarn" is not implemented/],
    [{ hidden_act: 'gelu' }, /hidden_act: "gelu"/],
    [{ use_sliding_window: true }, /use_sliding_window/],
    [{ num_key_value_heads: 2 }, /3 heads do not share 2 evenly/],
    [{ vocab_size: 1e12 }, /vocab_size/],
    [{ hidden_size: 'big' }, /hidden_size/],
    [{ num_hidden_layers: 3 }, /under \/model\/layers\.2/],
    [{ vocab_size: 302 }, /embed_tokens\.weight is \[301, 48\] where config\.json asks for \[302, 48\]/],
    [{ intermediate_size: 96 }, /gate_proj\/MatMul_Q4 is a \[80, 48\] matrix where config\.json says \[96, 48\]/],
  ])('%j is refused', async (change, message) => {
    const files = await withConfig(change)
    await expect(readModel(files, 'q4')).rejects.toThrow(ModelFileError)
    await expect(readModel(files, 'q4')).rejects.toThrow(message)
  })
})

describe('files', () => {
  test('a missing weight file is named', async () => {
    await expect(readModel(fixtureModel('optimum-qwen2'), 'q8')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ModelFileError: onnx/model_quantized.onnx: is missing from test/fixtures/models/optimum-qwen2. Choose another model or add the file.]`,
    )
  })

  test('missing external data is named', async () => {
    const files = changed('optimum-llama', { 'onnx/model_q4.onnx_data': undefined })
    await expect(readModel(files, 'q4')).rejects.toThrow(/onnx\/model_q4\.onnx_data: is missing from optimum-llama/)
  })

  test('a config.json that is a web page is named', async () => {
    const files = changed('optimum-qwen2', { 'config.json': new TextEncoder().encode('<html>') })
    await expect(readModel(files, 'q4')).rejects.toThrow(/config\.json: is not valid JSON/)
  })

  test('a download that was cut off is refused, wherever it was cut', async () => {
    const whole = (await fixtureModel('genai-llama').read('onnx/model_q4.onnx'))!
    for (let part = 0; part < 20; part++) {
      const files = changed('genai-llama', {
        'onnx/model_q4.onnx': whole.subarray(0, Math.floor((whole.length * part) / 20)),
      })
      await expect(readModel(files, 'q4')).rejects.toThrow(ModelFileError)
    }
  })

  test('whatever bytes are changed, the model is read or refused by name, in under 50 ms and without large memory', async () => {
    const whole = (await fixtureModel('genai-qwen3').read('onnx/model_q4.onnx'))!
    const edit = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) })
    let slowest = 0
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 20 }), async (edits) => {
        const bytes = whole.slice()
        for (const { at, byte } of edits) bytes[at] = byte
        const files = changed('genai-qwen3', { 'onnx/model_q4.onnx': bytes })
        const reading = () =>
          readModel(files, 'q4').catch((error: unknown) => expect(error).toBeInstanceOf(ModelFileError))
        // Twice, for a pause of a busy machine is not the reader's.
        const times = [await elapsed(reading), await elapsed(reading)]
        slowest = Math.max(slowest, Math.min(...times))
      }),
      { numRuns: 500 },
    )
    expect(slowest).toBeLessThan(50)
  })

  test('loading stops when asked to', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(readModel(fixtureModel('genai-llama'), 'q4', { signal: controller.signal })).rejects.toThrow(
      CancelledError,
    )
  })
})

describe('weights', () => {
  test.each(Object.entries(FIXTURE_MODELS).flatMap(([name, dtypes]) => dtypes.map((dtype) => [name, dtype] as const)))(
    '%s %s: every weight is there, finite and not constant',
    async (name, dtype) => {
      const { spec, weights } = await readModel(fixtureModel(name), dtype)
      expect(weights.layers).toHaveLength(spec.layers)
      const matrices = weights.layers.flatMap(({ linears }) => Object.values(linears).map(({ weight }) => weight))
      for (const matrix of [weights.embedding, weights.head, ...matrices]) {
        const values = dequantise(matrix)
        expect(values.every(Number.isFinite)).toBe(true)
        expect(new Set(values).size).toBeGreaterThan(8)
      }
    },
  )

  test.each([
    ['optimum-qwen2', 'fp32', 'q4'],
    ['genai-llama', 'fp32', 'q4'],
    ['optimum-qwen3', 'q8', 'q4'],
  ] as const)('%s: %s and %s differ by a quantisation step at most', async (name, one, other) => {
    const [a, b] = await Promise.all([one, other].map((dtype) => readModel(fixtureModel(name), dtype)))
    for (const linear of LINEARS) {
      const [exact, coarse] = [a, b].map(({ weights }) => dequantise(weights.layers[1].linears[linear].weight))
      const largest = exact.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
      expect(largestDifference(exact, coarse)).toBeLessThanOrEqual(largest / 7)
      expect(largestDifference(exact, coarse)).toBeGreaterThan(0)
    }
  })

  test('the 8-bit embedding of a q8 file is the float one of q4 but for 1/255 of its range', async () => {
    const [a, b] = await Promise.all(
      (['q8', 'q4'] as const).map((dtype) => readModel(fixtureModel('optimum-qwen3'), dtype)),
    )
    const [eight, float] = [a, b].map(({ weights }) => dequantise(weights.embedding))
    const range = Math.max(...float) - Math.min(...float)
    expect(largestDifference(eight, float)).toBeLessThanOrEqual((0.51 * range) / 255)
  })

  test('a tied head is the embedding itself, an untied one is not', async () => {
    const tied = await readModel(fixtureModel('genai-qwen3'), 'q4')
    const untied = await readModel(fixtureModel('genai-llama'), 'q4')
    expect(tied.weights.head).toBe(tied.weights.embedding)
    expect(untied.weights.head).not.toBe(untied.weights.embedding)
    expect([tied.spec.tiedEmbedding, untied.spec.tiedEmbedding]).toEqual([true, false])
  })
})
