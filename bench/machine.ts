// machine.ts: the adapter that everything is measured on, and which versions of what

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, globals } from 'webgpu'
import { packageRoot, packageVersion } from '../src/runner/package'
import { CannotRun } from './claim'

export interface Machine {
  gpu: GPU
  /** Name of the adapter and its driver. */
  adapter: string
  /** The adapter is a CPU; claims ask for other ratios there. */
  software: boolean
}

/** Opens Dawn and puts it where browsers have it, because peers look nowhere else. @throws {CannotRun} */
export async function openMachine(): Promise<Machine> {
  Object.assign(globalThis, globals)
  const gpu = create([])
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node', gpu }, configurable: true })
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) {
    throw new CannotRun('There is no WebGPU adapter. Install a Vulkan driver (Mesa 25 or later has lavapipe).')
  }
  const { vendor, description, device } = adapter.info
  const software = /llvmpipe|swiftshader/i.test(`${device} ${description}`)
  return { gpu, adapter: description || `${vendor} ${device}`, software }
}

/** Versions of ours, of the peers and of what they run on. */
export function versions(): string {
  const packages = [
    'webgpu',
    '@tensorflow/tfjs',
    '@huggingface/transformers',
    'onnxruntime-node',
    '@jax-js/jax',
    '@wllama/wllama',
    'quickjs-wasi',
    'quickjs-emscripten',
  ].map((name) => `${name} ${packageVersionOf(name)}`)
  return [`tiltlab ${packageVersion}`, `Node ${process.versions.node}`, ...packages].join(', ')
}

function packageVersionOf(name: string): string {
  const manifest = join(packageRoot, 'node_modules', name, 'package.json')
  if (!existsSync(manifest)) return '(not installed)'
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
