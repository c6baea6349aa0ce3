// A runner that dies while it makes its token makes another; one that was told stays as it is.

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tokenOf, tokenPath } from '../../../src/runner/server/token'
import { wrapDisk } from './disk.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-token-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('whenever it dies, the next life has a token, and nothing else is left', async () => {
  for (let at = 1; ; at++)
    for (const when of ['before', 'half', 'after'] as const) {
      const token = await new Promise<string | null>((resolve, reject) => {
        wrapDisk(folder, ({ number }) =>
          number === at ? { when, act: () => new Promise<never>(() => resolve(null)) } : 'go',
        ).then(() => tokenOf(folder).then(resolve, reject), reject)
      })
      ;(await wrapDisk(folder, () => 'go'))()
      const next = await tokenOf(folder)
      expect(next, `${when} operation ${at}`).toMatch(/^[\w-]{43}$/)
      expect(await readdir(folder)).toEqual(['.token'])
      expect((await stat(tokenPath(folder))).mode & 0o777).toBe(0o600)
      if (token !== null) {
        expect(next).toBe(token)
        expect(at).toBeGreaterThan(3)
        return
      }
      await rm(tokenPath(folder))
    }
})

test('what is no token is left as it is', async () => {
  await writeFile(tokenPath(folder), 'mine')
  await expect(tokenOf(folder)).rejects.toThrow(/holds no token\. Remove it/)
})
