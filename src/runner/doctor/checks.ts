// checks.ts: what tiltlab needs or can use on this machine, and what to do where it is missing

import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { embeddedNames } from '../../core/run/embedded-models'
import { modelCacheFolder } from '../models'
import { commandLinePath, modelsFolder, packageRoot, pageFolder } from '../package'
import { bytes } from '../terminal/text'
import { findBrowser, findVulkanDrivers, freeBytes, hasWasmSimd } from './machine'
import { probeWebGpu, type AdapterReport, type WebGpuProbe } from './webgpu'

/** One line of the doctor's answer. */
export interface Check {
  name: string
  /** `missing` keeps tiltlab from training; `optional` is absent, and something else does its work. */
  status: 'ok' | 'missing' | 'optional'
  /** What was found. */
  detail: string
  /** What to do now; absent where all is well. */
  remedy?: string
  /** The facts behind the line, for programs. */
  facts?: object
}

const MIN_NODE = [20, 19]
const MIN_FREE_BYTES = 2e9

/** Every check, in the order in which a person would fix things. */
export async function runChecks(): Promise<Check[]> {
  return [
    checkNode(),
    checkModels(),
    checkWasm(),
    checkPage(),
    await checkDisk(),
    checkModelCache(),
    checkVulkan(),
    ...checkWebGpu(await probeWebGpu()),
    await checkBrowser(),
  ]
}

function checkNode(): Check {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const isRecent = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
  const detail = `${process.versions.node}, ${process.platform} ${process.arch}`
  if (isRecent) return { name: 'Node', status: 'ok', detail }
  return { name: 'Node', status: 'missing', detail, remedy: `Install Node ${MIN_NODE.join('.')} or newer.` }
}

function checkModels(): Check {
  const needed = [...embeddedNames, 'harm-scorer'].map((name) => `${name}/onnx`).concat('data')
  const absent = needed.filter((name) => !existsSync(join(modelsFolder, name)))
  if (absent.length === 0) return { name: 'embedded models', status: 'ok', detail: modelsFolder }
  const detail = `${absent.map((name) => `models/${name}`).join(', ')} not found`
  return {
    name: 'embedded models',
    status: 'missing',
    detail,
    remedy: 'Check the repository out again, with all its files.',
  }
}

function checkWasm(): Check {
  if (hasWasmSimd())
    return { name: 'WebAssembly SIMD', status: 'ok', detail: 'the reference engine runs at full speed' }
  const detail = 'this processor or Node does not offer it: the reference engine is several times slower'
  return { name: 'WebAssembly SIMD', status: 'optional', detail, remedy: 'Use a newer Node or another machine.' }
}

function checkPage(): Check {
  const isBuilt = existsSync(join(pageFolder, 'index.html')) && existsSync(commandLinePath)
  if (isBuilt) return { name: 'page', status: 'ok', detail: `built in ${relative(packageRoot, pageFolder)}` }
  return {
    name: 'page',
    status: 'optional',
    detail: 'not built',
    remedy: 'npm run build, or npm start, which builds it.',
  }
}

async function checkDisk(): Promise<Check> {
  const free = await freeBytes(process.cwd())
  const detail = `${bytes(free)} free in ${process.cwd()}`
  if (free >= MIN_FREE_BYTES) return { name: 'disk', status: 'ok', detail }
  const remedy = `Free some space, or write runs elsewhere with --out: models and checkpoints may need ${bytes(MIN_FREE_BYTES)}.`
  return { name: 'disk', status: 'optional', detail, remedy }
}

function checkModelCache(): Check {
  const name = 'model cache'
  const detail = existsSync(modelCacheFolder) ? modelCacheFolder : `${modelCacheFolder}, empty`
  return { name, status: 'ok', detail }
}

function checkVulkan(): Check {
  const name = 'Vulkan drivers'
  if (process.platform !== 'linux') return { name, status: 'ok', detail: 'not needed on this system' }
  const drivers = findVulkanDrivers(process.env)
  if (drivers.length > 0) return { name, status: 'ok', detail: drivers.join(', ') }
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES
  const remedy = named
    ? 'VK_DRIVER_FILES or VK_ICD_FILENAMES names files that do not exist: correct it or unset it.'
    : 'Install the graphics card’s Vulkan driver, or Mesa’s software one: mesa-vulkan-drivers 24 or newer (on Debian 12 from bookworm-backports).'
  return { name, status: 'optional', detail: named ?? 'none installed', remedy }
}

function checkWebGpu(probe: WebGpuProbe): Check[] {
  const name = 'WebGPU in Node'
  const engine = (kind: AdapterReport['auto']): Check => ({
    name: 'engine',
    status: 'ok',
    detail: `--engine auto picks ${kind}${kind === 'reference' ? ' (tfjs on WebAssembly)' : ''}`,
  })
  if ('adapter' in probe) {
    const { adapter, names } = probe
    const several = `${names.join(', ')}; tiltlab serve --gpu spreads runs over them`
    return [
      { name, status: 'ok', detail: describeAdapter(adapter), facts: adapter },
      ...(names.length > 1 ? [{ name: 'graphics cards', status: 'ok' as const, detail: several, facts: names }] : []),
      engine(adapter.auto),
    ]
  }
  const remedy =
    'Training runs on the reference engine. For a GPU here, give Dawn a Vulkan driver: VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/lvp_icd.json chooses Mesa’s software one.'
  return [{ name, status: 'optional', detail: probe.problem, remedy }, engine('reference')]
}

function describeAdapter(adapter: AdapterReport): string {
  const name = [adapter.description, adapter.device, adapter.architecture, adapter.vendor].find((word) => word !== '')
  const yes = (has: boolean) => (has ? 'yes' : 'no')
  return (
    `${name ?? 'unnamed adapter'}${adapter.software ? ' (software)' : ''}; f16 ${yes(adapter.f16)}, ` +
    `subgroups ${yes(adapter.subgroups)}${adapter.lanes > 0 ? ` of ${adapter.lanes}` : ''}, ` +
    `timestamps ${yes(adapter.timestamps)}, buffers up to ${bytes(adapter.maxBufferBytes)}, ` +
    `bindings up to ${bytes(adapter.maxStorageBindingBytes)}, ` +
    `workgroups of ${adapter.maxInvocations} with ${bytes(adapter.maxWorkgroupStorageBytes)}`
  )
}

async function checkBrowser(): Promise<Check> {
  const browser = await findBrowser()
  if (browser) return { name: 'browser', status: 'ok', detail: `${browser.version}, ${browser.path}`, facts: browser }
  const remedy = 'The page needs Chrome, Edge or Chromium 121 or newer on the machine that shows it.'
  return { name: 'browser', status: 'optional', detail: 'no Chromium-based browser found here', remedy }
}
