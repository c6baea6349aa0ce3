// philox.ts: cases of philox.wgsl

import { uniform, type DrawAddress } from '../../../../src/core/random/stream'
import philoxText from '../../../../src/engine/webgpu/kernels/philox.wgsl?raw'
import { batchOf, errorRatio, runOnce, type KernelCase } from './case'

// kat_vectors of Random123 for philox4x32 with 10 rounds: counter, key, answer.
const KNOWN_ANSWERS = [
  [0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  [...Array<number>(6).fill(0xffffffff), 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  [
    0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
    0x24126ea1,
  ],
]

const WORDS = `
@group(0) @binding(2) var<storage, read> given: array<u32>;
@group(0) @binding(3) var<storage, read_write> words: array<vec4u>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3u) {
  let i = group.x * 6u;
  let counter = vec4u(given[i], given[i + 1u], given[i + 2u], given[i + 3u]);
  words[group.x] = philox(counter, vec2u(given[i + 4u], given[i + 5u]));
}`

const UNIFORMS = `
@group(0) @binding(2) var<storage, read> given: array<u32>;
@group(0) @binding(3) var<storage, read_write> numbers: array<f32>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3u) {
  let i = group.x * 5u;
  numbers[group.x] = sampling_uniform(given[i], given[i + 1u], given[i + 2u], given[i + 3u], given[i + 4u]);
}`

const ADDRESSES: DrawAddress[] = Array.from({ length: 50 }, (_, i) => ({
  seed: 20 + i,
  step: i % 7,
  prompt: 3 * i,
  sample: i % 8,
  position: 5 * i,
}))

export const cases: KernelCase[] = [
  {
    name: "Philox4x32-10 in WGSL gives Random123's known answers",
    async run(gpu) {
      const out = gpu.allocate('words', KNOWN_ANSWERS.length * 16)
      const given = KNOWN_ANSWERS.flatMap((answer) => answer.slice(0, 6))
      await runOnce(gpu, KNOWN_ANSWERS.length, (recording) =>
        recording.dispatch({
          kernel: gpu.kernel({ label: 'philox', files: [WORDS, philoxText], constants: {} }, ['read', 'write']),
          batch: batchOf(gpu, KNOWN_ANSWERS.length),
          shape: [],
          views: [gpu.upload('given', Uint32Array.from(given)), out],
          grid: (count) => [count],
          work: () => ({ flops: 0, bytes: 0 }),
        }),
      )
      const expected = KNOWN_ANSWERS.flatMap((answer) => answer.slice(6))
      return errorRatio(await gpu.readWords(out), expected, 1e-12)
    },
  },
  {
    name: 'the numbers that tokens are drawn with are those of the host, rounded to float32',
    async run(gpu) {
      const out = gpu.allocate('numbers', ADDRESSES.length * 4)
      const given = ADDRESSES.flatMap(({ seed, step, prompt, sample, position }) => [
        seed,
        step,
        prompt,
        sample,
        position,
      ])
      await runOnce(gpu, ADDRESSES.length, (recording) =>
        recording.dispatch({
          kernel: gpu.kernel({ label: 'uniforms', files: [UNIFORMS, philoxText], constants: {} }, ['read', 'write']),
          batch: batchOf(gpu, ADDRESSES.length),
          shape: [],
          views: [gpu.upload('given', Uint32Array.from(given)), out],
          grid: (count) => [count],
          work: () => ({ flops: 0, bytes: 0 }),
        }),
      )
      return errorRatio(await gpu.readFloats(out), ADDRESSES.map(uniform), 1e-7)
    },
  },
]
