// peft.test.ts: adapters go to Python's PEFT and come from it

import { describe, expect, test } from 'vitest'
import { adapterConfigJson, readAdapter, writeAdapter } from '../../../src/engine/formats/peft'
import { readSafetensors } from '../../../src/engine/formats/safetensors'
import type { FileSource } from '../../../src/engine/hub'
import { fixturePolicy, folder } from '../support'

const FIXTURE = folder('test/fixtures/engine/peft-adapter')

function inMemory(files: Map<string, Uint8Array>): FileSource {
  return { name: 'memory', read: (path) => Promise.resolve(files.get(path)) }
}

test('an adapter saved by PEFT fits the policy tensor by tensor', async () => {
  const { config, tensors } = await readAdapter(FIXTURE)
  expect(config).toEqual({ rank: 3, alpha: 6 })
  const policy = await fixturePolicy('optimum-qwen2', 'q4', config)
  const state = await policy.save()
  expect([...tensors.keys()].sort()).toEqual([...state.adapter.keys()].sort())
  await policy.restore({ ...state, adapter: tensors })
  const restored = await policy.save()
  for (const [name, tensor] of tensors) expect(restored.adapter.get(name)).toEqual(tensor)
  policy.dispose()
})

test('what is written is read back', async () => {
  const policy = await fixturePolicy('optimum-qwen2')
  const { adapter } = await policy.save()
  policy.dispose()
  const files = writeAdapter(adapter, policy.adapterConfig, 'somebody/model')
  const { config, tensors } = await readAdapter(inMemory(files))
  expect(config).toEqual(policy.adapterConfig)
  expect(new Map([...tensors].sort())).toEqual(new Map([...adapter].sort()))
  expect(readSafetensors(files.get('adapter_model.safetensors')!, 'x').size).toBe(28)
})

describe('adapters that are not plain LoRA on all seven layers are refused', () => {
  test.each([
    [{ peft_type: 'IA3' }, /peft_type/],
    [{ use_dora: true }, /use_dora/],
    [{ use_rslora: true }, /use_rslora/],
    [{ bias: 'all' }, /bias/],
    [{ rank_pattern: { q_proj: 8 } }, /rank_pattern/],
    [{ modules_to_save: ['lm_head'] }, /modules_to_save/],
    [{ r: 0 }, /r:/],
    [{ target_modules: ['q_proj', 'v_proj'] }, /target_modules lacks k_proj, o_proj/],
  ])('%j', async (change, message) => {
    const config = { ...adapterConfigJson({ rank: 2, alpha: 4 }, 'm'), ...change }
    const files = new Map([['adapter_config.json', new TextEncoder().encode(JSON.stringify(config))]])
    await expect(readAdapter(inMemory(files))).rejects.toThrow(message)
  })
})
