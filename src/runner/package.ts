// package.ts: where tiltlab itself lies on this machine, and which version it is

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's root folder, found upwards from this file: src/runner and dist/node lie at different depths. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The version in package.json. */
export const packageVersion = readManifest().version

/** The embedded models and the built page. */
export const modelsFolder = join(packageRoot, 'models')
export const pageFolder = join(packageRoot, 'dist/page')

/** The built command line, which processes that tiltlab starts run. */
export const commandLinePath = join(packageRoot, 'dist/node/cli.js')

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('tiltlab’s own package.json was not found')
  return findRoot(parent)
}

function readManifest(): { version: string } {
  return JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
}
