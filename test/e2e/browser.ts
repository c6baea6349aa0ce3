// browser.ts: a real Chromium, and the real runner for it to talk to
//
// The page is the built one (dist/page), served by `tiltlab serve --no-run` with the headers that people get.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { freePort } from '../free-port'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
]

/** Starts the browser. @param more flags beside the usual ones @throws if none is installed */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  const executablePath = [process.env.CHROME_PATH, ...candidates].find((path) => path && existsSync(path))
  if (!executablePath) throw new Error('No Chromium or Chrome was found: install one, or set CHROME_PATH.')
  return chromium.launch({ executablePath, args: [...flags, ...more], headless: true })
}

/** A page server in its own process. */
export interface Server {
  address: string
  /** The address that lets the page ask the runner. */
  addressWithToken: string
  stop(): void
}

/**
 * Serves dist/page with the runner and waits until it answers.
 *
 * @param run  flags of a run that the runner should train meanwhile; none: it only serves
 */
export async function servePage(run?: readonly string[]): Promise<Server> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-runs-'))
  const words = ['bin/tiltlab.js', 'serve', '--port', String(port), '--runs', folder]
  const child = spawn(process.execPath, [...words, ...(run ? ['--run', ...run] : ['--no-run'])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const address = `http://127.0.0.1:${port}`
  await answers(address, child)
  const token = readFileSync(join(folder, '.token'), 'utf8')
  return { address, addressWithToken: `${address}/#token=${token}`, stop: () => child.kill() }
}

async function answers(address: string, child: ChildProcess): Promise<void> {
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  for (let waited = 0; waited < 120_000; waited += 200) {
    if (child.exitCode !== null) throw new Error(`The server ended before it answered: ${said}`)
    if ((await fetch(address).catch(() => null))?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  child.kill()
  throw new Error(`The server at ${address} did not answer within two minutes: ${said}`)
}
