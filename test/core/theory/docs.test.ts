// docs/theory.md and src/core/theory name the same functions.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('../../../src/core/theory/', import.meta.url)
const text = readFileSync(new URL('../../../docs/theory.md', import.meta.url), 'utf8')

/** Names of the functions that a file exports. */
function exportsOf(file: string): string[] {
  const source = readFileSync(new URL(file, folder), 'utf8')
  return [...source.matchAll(/^export function\*? (\w+)/gm)].map(([, name]) => name)
}

test('docs/theory.md names every exported function of core/theory, and no other', () => {
  const named = new Set([...text.matchAll(/`(\w+)\(\)`/g)].map(([, name]) => name))
  expect([...named].sort()).toEqual(readdirSync(folder).flatMap(exportsOf).sort())
})

test('docs/theory.md names each function beside the file that it is in', () => {
  for (const row of text.split('\n')) {
    const file = row.match(/`([\w-]+\.ts)` \|$/)?.[1]
    if (!file) continue
    for (const [, name] of row.matchAll(/`(\w+)\(\)`/g)) expect(exportsOf(file), row).toContain(name)
  }
})
