// machine.ts: what this machine can compute with, asked of the browser and said plainly
//
// Nothing here is needed to train: WebAssembly always works. It tells a person what could be used, and what is missing.

import type { RunConfig } from '../../core/run/config'
import { bestEngine } from '../../engine/open'
import { isSoftware } from '../../engine/webgpu/device'

/** What the page found out about the machine. */
export interface Machine {
  /** null: no WebGPU adapter. */
  webgpu: { adapter: string; software: boolean; f16: boolean; subgroups: boolean; maxBufferBytes: number } | null
  /** null: no WebGL 2. */
  webgl: string | null
  cores: number
  /** The engine that a run takes here unless it is told otherwise. */
  auto: 'webgpu' | 'reference'
  /** Why there is no WebGPU, and what to do about it; empty if there is. */
  missing: string
}

/** What a choice of engine means on this machine, in a sentence. */
export function engineReason(kind: RunConfig['engine']['kind'], { webgpu, auto }: Machine): string {
  switch (kind) {
    case 'auto':
      if (auto === 'webgpu') return 'Here that is WebGPU, by this page’s own kernels.'
      return `Here that is WebAssembly on one core: ${webgpu ? 'the WebGPU adapter is software, and slower' : 'there is no WebGPU adapter'}.`
    case 'webgpu':
      return webgpu ? 'WebGPU, by this page’s own kernels.' : 'There is no WebGPU here: a run would fail.'
    case 'reference':
      return 'WebAssembly on one core, by tfjs: slow, and works everywhere.'
  }
  return kind satisfies never
}

/** Asks the browser, once it has drawn what it has: a context of WebGL takes a slow machine 100 ms. Never throws. */
export async function probeMachine(): Promise<Machine> {
  await new Promise((resolve) => setTimeout(resolve))
  const cores = navigator.hardwareConcurrency || 1
  const webgl = webglRenderer()
  if (!('gpu' in navigator)) return { webgpu: null, webgl, cores, auto: 'reference', missing: noApi() }
  const adapter = await navigator.gpu.requestAdapter().catch(() => null)
  if (!adapter)
    return {
      webgpu: null,
      webgl,
      cores,
      auto: 'reference',
      missing: 'This browser has WebGPU, but offers no adapter: its GPU or driver is blocked.',
    }
  const { vendor, architecture, device, description } = adapter.info
  const name = description || device || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter'
  return {
    webgpu: {
      adapter: name,
      software: isSoftware(adapter.info),
      f16: adapter.features.has('shader-f16'),
      subgroups: adapter.features.has('subgroups'),
      maxBufferBytes: adapter.limits.maxStorageBufferBindingSize,
    },
    webgl,
    cores,
    auto: await bestEngine(navigator.gpu),
    missing: '',
  }
}

/** The machine in a few words, for the header. */
export function machineSummary({ webgpu, webgl }: Machine): string {
  if (webgpu) return ['WebGPU', webgpu.software ? 'software' : '', webgpu.f16 ? 'f16' : ''].filter(Boolean).join(' · ')
  return webgl ? 'WebGL · no WebGPU' : 'WASM only'
}

/** What the machine can do, one fact a line. */
export function machineFacts(machine: Machine, megabytes: (bytes: number) => string): [string, string][] {
  const { webgpu, webgl, cores } = machine
  return [
    ['WebGPU', webgpu ? `${webgpu.adapter}${webgpu.software ? ' (software, slow)' : ''}` : machine.missing],
    ...(webgpu
      ? ([
          ['16-bit floats', webgpu.f16 ? 'yes' : 'no'],
          ['Subgroups', webgpu.subgroups ? 'yes' : 'no'],
          ['Largest buffer', megabytes(webgpu.maxBufferBytes)],
        ] as [string, string][])
      : []),
    ['WebGL', webgl ?? 'not available'],
    ['WASM', `works, one of ${cores} cores`],
  ]
}

function noApi(): string {
  return globalThis.isSecureContext
    ? 'This browser has no WebGPU. Chrome, Edge, Safari 26 and Firefox 141 or later have it; training works without.'
    : 'WebGPU needs a secure address. Open this page as http://127.0.0.1 or over https; training works without.'
}

function webglRenderer(): string | null {
  const gl = document.createElement('canvas').getContext('webgl2')
  if (!gl) return null
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return name
}
