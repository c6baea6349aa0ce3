// token.ts: the secret that lets a program or a page see and change what a runner has
//
// 256 bits, made once for a folder of runs and kept in it, readable by its owner alone: whoever can read it can write the runs
// anyway. A page gets it behind the # of its address, which is sent to nobody; from then on it travels in the Authorization
// header only, so it is in no log and no Referer.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MiddlewareHandler } from 'hono'
import { TiltlabError } from '../../core/errors'

const TOKEN = /^[\w-]{43}$/

/** Where the token of a folder of runs lies. */
export const tokenPath = (runsFolder: string) => join(runsFolder, '.token')

/** The token of a folder of runs; made where there is none. @throws {TiltlabError} if the file holds something else */
export async function tokenOf(runsFolder: string): Promise<string> {
  const path = tokenPath(runsFolder)
  await mkdir(runsFolder, { recursive: true })
  await writeFile(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 }).catch(ignoreExisting)
  const token = (await readFile(path, 'utf8')).trim()
  if (!TOKEN.test(token)) throw new TiltlabError(`${path} holds no token. Remove it, and start the runner again.`)
  return token
}

/** The address that opens the page with the token. */
export const addressWithToken = (url: string, token: string) => `${url}/#token=${token}`

/** Tells one folder of runs from another, and nothing about its token. */
export const runnerId = (token: string) => createHash('sha256').update(`runner:${token}`).digest('hex').slice(0, 16)

/** Refuses whoever has not sent the token. */
export function onlyWithToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    if (isAuthorised(context.req.header('authorization'), token)) return next()
    context.header('WWW-Authenticate', 'Bearer')
    return context.json({ error: 'This needs the runner’s token: Authorization: Bearer ….' }, 401)
  }
}

/** Whether a header is this token's, in a time that does not tell how much of it is right. */
function isAuthorised(header: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${token}`))
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
