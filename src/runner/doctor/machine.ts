// machine.ts: looks at this machine, one question a function

import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** A browser that was found. */
export interface Browser {
  path: string
  version: string
}

const BROWSERS = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'chrome.exe',
]
const BROWSER_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The first Chromium-based browser on the path or in its usual place; undefined if there is none. */
export async function findBrowser(): Promise<Browser | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [...BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))), ...BROWSER_PATHS]
  const path = candidates.find((candidate) => existsSync(candidate))
  if (!path) return undefined
  // Chrome on Windows opens a window instead of printing its version.
  if (process.platform === 'win32') return { path, version: 'version unknown' }
  const version = await promisify(execFile)(path, ['--version'], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => 'does not start',
  )
  return { path, version }
}

/** Files that name a Vulkan driver: those of the environment if it names any, else those that are installed. */
export function findVulkanDrivers(environment: NodeJS.ProcessEnv): string[] {
  const named = environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES
  if (named) return named.split(delimiter).filter((path) => existsSync(path))
  const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', join(homedir(), '.local/share/vulkan/icd.d')]
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
}

/** Bytes that this user may still write where `folder` lies. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

// (module (func (result v128) (i8x16.splat (i32.const 0)))), the smallest module that needs SIMD.
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]

/** Whether this Node runs WebAssembly with SIMD, which the reference engine is several times faster with. */
export function hasWasmSimd(): boolean {
  return WebAssembly.validate(Uint8Array.from(SIMD_MODULE))
}
