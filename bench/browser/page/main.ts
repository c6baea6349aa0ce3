// main.ts: decoding by ours and by wllama in one page, called by bench/claims/gguf.ts

import { Wllama } from '@wllama/wllama/esm/index.js'
import { urlSource } from '../../../src/engine/hub'
import type { Policy } from '../../../src/engine/policy'
import { loadWebGpuPolicy } from '../../../src/engine/webgpu/policy'
import { someTokens } from '../../claim'
import { decodeStepMs } from '../../decode-step'

declare global {
  interface Window {
    /** Whether the adapter has what wllama needs, and its name. */
    adapter(): Promise<{ name: string; halfFloats: boolean; lanes: number }>
    loadOurs(): Promise<void>
    /** Tokens a second, all rows together. */
    oursRate(rows: number, tokens: number): Promise<number>
    /** Loads for so many rows at once; false if wllama works on the CPU instead, which it does without a word. */
    loadWllama(rows: number): Promise<boolean>
    wllamaRate(rows: number, tokens: number): Promise<number>
  }
}

const PROMPT_TOKENS = 8
const PROMPTS = ['The sea', 'A mountain', 'My friend', 'The city', 'One day', 'The king', 'In winter', 'The train']

let policy: Policy
let wllama: Wllama

window.adapter = async () => {
  const adapter = await navigator.gpu.requestAdapter()
  const { vendor, architecture, subgroupMinSize } = adapter!.info
  return {
    name: `${vendor} ${architecture}`,
    halfFloats: adapter!.features.has('shader-f16'),
    lanes: subgroupMinSize,
  }
}

window.loadOurs = async () => {
  const files = urlSource('smollm2', '/model/')
  policy = await loadWebGpuPolicy(files, { gpu: navigator.gpu, dtype: 'q4', adapter: { rank: 16, alpha: 16 }, seed: 0 })
}

window.oursRate = async (rows, tokens) => {
  const prompts = Array.from({ length: rows }, (_, i) => someTokens(PROMPT_TOKENS, policy.spec.vocabSize, i + 1))
  return (1000 * rows) / (await decodeStepMs(policy, { prompts, samples: 1, newTokens: tokens }))
}

window.loadWllama = async (rows) => {
  let onGpu = false
  const listen = (...words: unknown[]) => {
    if (words.join(' ').includes('using device WebGPU')) onGpu = true
  }
  await wllama?.exit()
  wllama = new Wllama(
    { default: '/wllama/wllama.wasm' },
    { logger: { debug: listen, log: listen, warn: listen, error: listen } },
  )
  const file = await (await fetch('/gguf/smollm2-135m.gguf')).blob()
  // With a unified cache several rows answer otherwise than one alone.
  await wllama.loadModel([new File([file], 'model.gguf')], {
    n_ctx: 256 * rows,
    n_gpu_layers: 99,
    n_parallel: rows,
    kv_unified: false,
  })
  return onGpu
}

window.wllamaRate = async (rows, tokens) => {
  // When each token of each row came.
  const times = await Promise.all(
    PROMPTS.slice(0, rows).map(async (prompt) => {
      const came: number[] = []
      await wllama.createCompletion({
        prompt,
        max_tokens: tokens,
        temperature: 0,
        stream: true,
        onData: ({ choices }) => {
          if (choices[0]?.text) came.push(performance.now())
        },
      })
      return came
    }),
  )
  // While all rows are decoding: from the last row's first token to the first row's last.
  const start = Math.max(...times.map((came) => came[0]))
  const end = Math.min(...times.map((came) => came[came.length - 1]))
  const counted = times.flat().filter((time) => time > start && time <= end).length
  return (1000 * counted) / (end - start)
}
