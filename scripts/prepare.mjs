// prepare.mjs: finds what the tests need beside npm's packages and installs what is missing
//
// A browser: any installed Chromium or Chrome, else Debian's package.
// A WebGPU adapter for Node: the Vulkan driver that VK_ICD_FILENAMES names, else Mesa's lavapipe (version 25 or later:
// Dawn refuses older ones, so it comes from Debian's backports), else SwiftShader out of the Chromium package.
// Installing needs root on Debian. Elsewhere this says what is missing and what that means for the tests.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const browserNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]
const browserPlaces = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']
const icdFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d']
const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
const lavapipeVersion = 25

/**
 * @returns {{env: Record<string, string>, missing: string[]}} variables that point the tests at browser and adapter,
 *   and a sentence for each thing that could not be had
 */
export function prepare() {
  const missing = []
  const browser = findBrowser() ?? (install(['chromium']) ? findBrowser() : null)
  if (!browser)
    missing.push(
      `No Chromium or Chrome was found${cannotInstall()}. The browser tests cannot run: install one, or set CHROME_PATH.`,
    )
  const icd =
    findAdapterDriver() ??
    (installLavapipe() ? findAdapterDriver() : null) ??
    (existsSync(swiftshader) ? swiftshader : null)
  if (!icd)
    missing.push(
      `No Vulkan driver was found${cannotInstall()}. The WebGPU tests in Node cannot run: install Mesa 25 or later.`,
    )
  const runtime = process.env.XDG_RUNTIME_DIR ?? '/tmp/tiltlab-xdg'
  mkdirSync(runtime, { recursive: true, mode: 0o700 })
  return {
    env: {
      XDG_RUNTIME_DIR: runtime,
      ...(browser && { CHROME_PATH: browser }),
      ...(icd && { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd }),
    },
    missing,
  }
}

/** Path of the browser that the tests drive, or null. */
function findBrowser() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => browserNames.map((name) => join(folder, name)))
  return [process.env.CHROME_PATH, ...onPath, ...browserPlaces].find((path) => path && existsSync(path)) ?? null
}

/** Manifest of a Vulkan driver that Dawn accepts, or null. */
function findAdapterDriver() {
  if (process.env.VK_ICD_FILENAMES) return process.env.VK_ICD_FILENAMES
  const manifests = icdFolders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  const lavapipe = manifests.find((path) => path.includes('lvp_icd'))
  return lavapipe && mesaMajor() >= lavapipeVersion ? lavapipe : null
}

/** Major version of the installed Mesa Vulkan drivers on Debian; Infinity where dpkg cannot say. */
function mesaMajor() {
  try {
    const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'mesa-vulkan-drivers'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return Number.parseInt(version, 10)
  } catch {
    return existsSync('/usr/bin/dpkg-query') ? 0 : Infinity
  }
}

function installLavapipe() {
  if (!canInstall()) return false
  const mirror = debianMirror()
  writeFileSync(
    '/etc/apt/sources.list.d/tiltlab-backports.sources',
    `Types: deb\nURIs: ${mirror.uri}\nSuites: bookworm-backports\nComponents: main\n${mirror.signedBy ? `Signed-By: ${mirror.signedBy}\n` : ''}`,
  )
  return install(['-t', 'bookworm-backports', 'mesa-vulkan-drivers', 'libvulkan1'])
}

/** The mirror that this machine already takes its packages from, so that a private mirror goes on being used. */
function debianMirror() {
  const folder = '/etc/apt/sources.list.d'
  const texts = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ]
    .filter((path) => existsSync(path) && !path.includes('tiltlab'))
    .map((path) => readFileSync(path, 'utf8'))
  for (const text of texts) {
    const stanza = text.split(/\n\s*\n/).find((part) => /^Suites:.*\bbookworm\b/m.test(part))
    const uri = stanza && /^URIs:\s*(\S+)/m.exec(stanza)?.[1]
    if (uri) return { uri, signedBy: /^Signed-By:\s*(\S+)/m.exec(stanza)?.[1] }
    const line = /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+bookworm\s/m.exec(text)
    if (line) return { uri: line[1], signedBy: undefined }
  }
  return { uri: 'http://deb.debian.org/debian', signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg' }
}

function install(words) {
  if (!canInstall()) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  process.stderr.write(`apt-get install ${words.join(' ')} …\n`)
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...words], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return true
  } catch (error) {
    process.stderr.write(`apt-get could not install them: ${error.message}\n`)
    return false
  }
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version')
}

function cannotInstall() {
  return canInstall() ? ' and apt-get could not install it' : ' and installing one needs root on Debian'
}
