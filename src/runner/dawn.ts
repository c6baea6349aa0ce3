// dawn.ts: WebGPU in Node
//
// Dawn is large and its driver can fail, so it is loaded only for an engine that may use it. Its instance must outlive
// every device, and a live device keeps Node from exiting by itself: commands end with process.exit (cli.ts).

import type * as WebGpu from 'webgpu'
import { ConfigError } from '../core/errors'

/** The graphics card that a process uses, by its name or a part of it; Dawn chooses where it is not set. */
export const GPU_VARIABLE = 'TILTLAB_GPU'

let opened: Promise<GPU | undefined> | undefined

/**
 * Dawn's twin of navigator.gpu; undefined where Dawn cannot be loaded.
 * @throws {ConfigError} if the card that the environment names is not there
 */
export function openDawn(): Promise<GPU | undefined> {
  return (opened ??= open(process.env[GPU_VARIABLE] ?? ''))
}

async function open(wanted: string): Promise<GPU | undefined> {
  const dawn = await load()
  if (!dawn) return undefined
  Object.assign(globalThis, dawn.globals)
  if (wanted === '') return dawn.create([])
  const names = await namesOf(dawn)
  if (!names.some((name) => name.includes(wanted))) throw noSuchGpu(GPU_VARIABLE, wanted, names)
  return dawn.create([`adapter=${wanted}`])
}

/** The names of this machine's graphics cards; two cards of one kind have one name. */
export async function gpuNames(): Promise<string[]> {
  const dawn = await load()
  return dawn ? namesOf(dawn) : []
}

/** What to say where a card is named that is not there. */
export function noSuchGpu(field: string, wanted: string, names: readonly string[]): ConfigError {
  const there = names.length ? `this machine has ${names.map((name) => `“${name}”`).join(', ')}` : 'there is none'
  return new ConfigError(field, `no graphics card is called “${wanted}”; ${there}`)
}

type Dawn = typeof WebGpu

/** No binary for this platform is the same as no adapter. */
function load(): Promise<Dawn | undefined> {
  return import('webgpu').catch(() => undefined)
}

/** Dawn tells them only to whoever asks for one that is not there. */
async function namesOf({ create }: Dawn): Promise<string[]> {
  try {
    await create(['adapter=\u0001']).requestAdapter()
    return []
  } catch (error) {
    return [...String(error).matchAll(/name: '(.*)'$/gm)].map(([, name]) => name)
  }
}
