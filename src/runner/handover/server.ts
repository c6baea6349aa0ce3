// server.ts: a server that does nothing but score completions, for trainers on clusters
//
//   GET  /<capability>/             what reward this is
//   POST /<capability>/score        {items: [{label, completion, tokens?, truncated?}]} → {scores}
//   POST /<capability>/get_reward   OpenRLHF's protocol: {query, prompts, labels} → {rewards, scores, extra_logs}
//
// OpenRLHF sends no header of a person's choosing, so who may ask is said by the address: 256 bits of it are secret. It is no
// address for pages: a request that a browser sends on behalf of one is refused.

import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import * as v from 'valibot'
import { ConfigError, messageOf, TiltlabError } from '../../core/errors'
import { validate } from '../../core/run/validate'
import { packageVersion } from '../package'
import { isSecret } from '../secret'
import type { RewardService } from './scoring'

/** A rollout of many long completions is far smaller. */
const MAX_BODY_BYTES = 64 * 2 ** 20

const AskSchema = v.strictObject({
  items: v.array(
    v.strictObject({
      label: v.string(),
      completion: v.string(),
      tokens: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))),
      truncated: v.optional(v.boolean()),
    }),
  ),
})

const OpenRlhfSchema = v.object({
  query: v.array(v.string()),
  prompts: v.array(v.string()),
  labels: v.array(v.string()),
})

/** A server that answers. */
export interface RewardServer {
  /** With the capability: whoever knows it may ask. */
  url: string
  close(): Promise<void>
}

/** Where it listens. */
export interface RewardAddress {
  host: string
  /** 0 takes a free one. */
  port: number
}

/** Starts the server. @throws {ConfigError} if it cannot listen there */
export async function serveReward(service: RewardService, { host, port }: RewardAddress): Promise<RewardServer> {
  const capability = randomBytes(32).toString('base64url')
  const server = createAdaptorServer({ fetch: rewardApp(service, capability).fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new ConfigError(
          '--port',
          `the server cannot listen at ${host}:${port} (${code}). Choose another --port or --host`,
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  const { port: own, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${host}]` : host}:${own}/${capability}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The server as a function from request to response. */
export function rewardApp(service: RewardService, capability: string): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store')
    const [, given = '', ...rest] = context.req.path.split('/')
    const isPage = context.req.header('origin') !== undefined || context.req.header('sec-fetch-site') !== undefined
    if (isPage || !isSecret(given, capability) || rest.length !== 1)
      return context.json({ error: 'There is no such address.' }, 404)
    await next()
  })
  app.use(async (context, next) => {
    const type = context.req.header('content-type')?.split(';')[0].trim()
    if (context.req.method === 'POST' && type !== 'application/json')
      return context.json({ error: 'A question is sent as application/json.' }, 415)
    await next()
  })
  const onError = () => Response.json({ error: `A question has at most ${MAX_BODY_BYTES} bytes.` }, { status: 413 })
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError }))
  app.get('/:capability/', (context) =>
    context.json({ name: 'tiltlab reward', version: packageVersion, identity: service.identity, ...service.manifest }),
  )
  app.post('/:capability/score', async (context) => {
    const { items } = validate(AskSchema, await readBody(context.req), 'the question')
    return context.json({ scores: await service.score(items) })
  })
  app.post('/:capability/get_reward', async (context) => {
    const asked = validate(OpenRlhfSchema, await readBody(context.req), 'the question')
    const rewards = await openRlhfRewards(service, asked)
    return context.json({ rewards, scores: rewards, extra_logs: {} })
  })
  app.notFound((context) => context.json({ error: 'There is no such address.' }, 404))
  app.onError((error, context) => {
    const status: ContentfulStatusCode = error instanceof TiltlabError ? 422 : 500
    if (status === 500) process.stderr.write(`${error.stack}\n`)
    return context.json({ error: messageOf(error) }, status)
  })
  return app
}

async function openRlhfRewards(
  service: RewardService,
  { query, prompts, labels }: v.InferOutput<typeof OpenRlhfSchema>,
): Promise<number[]> {
  if (prompts.length !== query.length || labels.length !== query.length)
    throw new ConfigError(
      'the question',
      `has ${query.length} queries, ${prompts.length} prompts, ${labels.length} labels`,
    )
  const asked = query.map((text, i) => ({ label: labels[i], ...service.completionOf(text, prompts[i]) }))
  const scores = await service.score(asked)
  return scores.map((score) => {
    // null would let OpenRLHF look for a reward model of its own.
    if (score !== null) return score
    throw new TiltlabError('The reward leaves a completion out, which OpenRLHF cannot do.')
  })
}

async function readBody(request: { text(): Promise<string> }): Promise<unknown> {
  try {
    return JSON.parse(await request.text())
  } catch {
    throw new ConfigError('the question', 'is not JSON')
  }
}
