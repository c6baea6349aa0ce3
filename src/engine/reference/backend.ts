// backend.ts: starts the tfjs backend that a host asks for
//
// wasm runs everywhere and is bit-for-bit deterministic; cpu is slow and simple; webgl and webgpu use the graphics card.
// tfjs keeps one backend for the whole process, so every call of a policy selects its own first (`use`).

import * as tf from '@tensorflow/tfjs'
import { TiltlabError } from '../../core/errors'
import { openDevice } from '../webgpu/device'

export type BackendName = 'wasm' | 'cpu' | 'webgl' | 'webgpu'

/** What only a host knows. */
export interface HostResources {
  /** URL prefix, or folder, of tfjs-backend-wasm's binaries; Node finds them by itself. */
  wasmPath?: string
}

/** The backend cannot run on this machine. */
export class BackendError extends TiltlabError {
  constructor(backend: BackendName, problem: string) {
    super(`The ${backend} backend could not start: ${problem}. Choose another backend; wasm runs everywhere.`)
  }
}

const NAMES: Record<BackendName, () => Promise<unknown>> = {
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  cpu: () => Promise.resolve(),
  webgl: () => Promise.resolve(),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
}

/**
 * Registers and starts a backend.
 *
 * @throws {BackendError | NoDeviceError} if it cannot run here
 */
export async function startBackend(name: BackendName, host: HostResources = {}): Promise<void> {
  await NAMES[name]()
  if (name === 'wasm') await configureWasm(host)
  if (name === 'webgpu') await registerWebGpu()
  await use(name)
}

/** Makes a started backend the current one. @throws {BackendError} if it was lost or never started */
export async function use(name: BackendName): Promise<void> {
  if (tf.getBackend() !== name && !(await tf.setBackend(name))) throw new BackendError(name, 'tfjs refused it')
  await tf.ready()
}

async function configureWasm({ wasmPath }: HostResources): Promise<void> {
  // One thread: the threaded binary starts workers from blobs, which the page's content policy forbids.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  if (wasmPath === undefined || isStarted('wasm')) return
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(wasmPath)
}

/**
 * tfjs would ask for a device of its own; it gets one that our engine can share.
 * tfjs itself looks for navigator.gpu, so a Node host has to provide that (npm package webgpu).
 */
async function registerWebGpu(): Promise<void> {
  if (isStarted('webgpu')) return
  const gpu = 'navigator' in globalThis ? globalThis.navigator.gpu : undefined
  const { device, info } = await openDevice(gpu)
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')
  // tfjs registers its own factory only where it finds navigator.gpu.
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu')
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, info))
}

// Not tf.findBackend: it starts the backend that it finds, here before it knows where its files are.
function isStarted(name: BackendName): boolean {
  return name in tf.engine().registry
}
