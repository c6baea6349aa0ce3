// token.ts: the secret that lets a program or a page see and change what a runner has
//
// 256 bits, made once for a folder of runs and kept in it, readable by its owner alone: whoever can read it can write the runs
// anyway. A page gets it behind the # of its address, which is sent to nobody; from then on it travels in the Authorization
// header only, so it is in no log and no Referer.

import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MiddlewareHandler } from 'hono'
import { TiltlabError } from '../../core/errors'
import { ignoreMissing, onDisk } from '../disk-error'
import { isSecret } from '../secret'
import { syncFolder } from '../storage'

const TOKEN = /^[\w-]{43}$/

/** Where the token of a folder of runs lies. */
export const tokenPath = (runsFolder: string) => join(runsFolder, '.token')

/**
 * The token of a folder of runs, which this runner holds; made where there is none.
 * @throws {TiltlabError} if the file holds something else; {DiskError}
 */
export async function tokenOf(runsFolder: string): Promise<string> {
  const path = tokenPath(runsFolder)
  const there = await onDisk(path, () => readFile(path, 'utf8').catch(ignoreMissing))
  if (there !== undefined && TOKEN.test(there.trim())) return there.trim()
  // An empty file is what a power cut makes of one.
  if (there) throw new TiltlabError(`${path} holds no token. Remove it, and start the runner again.`)
  const token = randomBytes(32).toString('base64url')
  const temporary = `${path}.new`
  await onDisk(path, async () => {
    await rm(temporary, { force: true })
    await writeFile(temporary, token, { flag: 'wx', mode: 0o600, flush: true })
    await rename(temporary, path)
    await syncFolder(runsFolder)
  })
  return token
}

/** The address that opens the page with the token. */
export const addressWithToken = (url: string, token: string) => `${url}/#token=${token}`

/** Tells one folder of runs from another, and nothing about its token. */
export const runnerId = (token: string) => createHash('sha256').update(`runner:${token}`).digest('hex').slice(0, 16)

/** Refuses whoever has not sent the token. */
export function onlyWithToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    if (isSecret(context.req.header('authorization') ?? '', `Bearer ${token}`)) return next()
    context.header('WWW-Authenticate', 'Bearer')
    return context.json({ error: 'This needs the runner’s token: Authorization: Bearer ….' }, 401)
  }
}
