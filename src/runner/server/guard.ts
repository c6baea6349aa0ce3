// guard.ts: who may talk to the local server, and what a browser may do with its answers
//
// A server on 127.0.0.1 is reachable from every page that the browser shows. Host must be ours exactly, which
// stops DNS rebinding; a page of another origin is refused by its Origin; few addresses take anything but a question; and
// what is asked below /api needs the token (token.ts), which other programs of this machine do not have.

import type { Context, MiddlewareHandler } from 'hono'

/** Where model files come from, beside this server. */
const HUB = 'https://huggingface.co https://*.huggingface.co https://*.hf.co'

/** Runners on this machine: the one that serves the page, and others that a person has attached to it. */
const RUNNERS = ['http', 'ws'].flatMap((scheme) => [`${scheme}://127.0.0.1:*`, `${scheme}://localhost:*`]).join(' ')

/** What the page may load and do. Trusted Types: src/app/trusted.ts. The build writes it into the page too (vite.config.ts). */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  `connect-src 'self' ${HUB} ${RUNNERS}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default svelte-trusted-html tiltlab-report',
].join('; ')

/** Sent with every answer, refusals and worker scripts included. */
export const HEADERS: Record<string, string> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // Together these isolate the page, which is what gives it SharedArrayBuffer.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** Below these a POST is let through. */
const WRITABLE = ['/api/jobs', '/api/tickets']

/** What a page of another origin, where it is allowed, may send and see. */
const CORS = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key, If-Range, Last-Event-ID, Range',
  'Access-Control-Max-Age': '600',
} as const
const EXPOSED = 'Accept-Ranges, Content-Length, Content-Range, ETag'

/**
 * Refuses requests that are not from this machine's own page or from a program on it (which sends no Origin).
 *
 * @param allow other origins whose pages may use what is below /api
 */
export function guard(port: number, allow: readonly string[]): MiddlewareHandler {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const origins = hosts.map((host) => `http://${host}`)
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
    const host = context.req.header('host')
    if (!host || !hosts.includes(host)) {
      return context.text(`This server answers to ${hosts.join(' and ')} only.\n`, 403)
    }
    const { method, path } = context.req
    const origin = context.req.header('origin')
    if (origin !== undefined && !origins.includes(origin)) {
      if (!allow.includes(origin) || !path.startsWith('/api/'))
        return context.text(
          `Pages of another origin may not use this server. Open ${origins[0]} itself, or start it with --allow and their origin.\n`,
          403,
        )
      context.header('Access-Control-Allow-Origin', origin)
      context.header('Access-Control-Expose-Headers', EXPOSED)
      context.header('Vary', 'Origin')
      if (method === 'OPTIONS' && context.req.header('access-control-request-method')) return answerPreflight(context)
    }
    const methods = WRITABLE.some((address) => path === address || path.startsWith(`${address}/`))
      ? ['GET', 'POST']
      : ['GET']
    if (!methods.includes(method)) {
      context.header('Allow', methods.join(', '))
      return context.text(`This address answers to ${methods.join(' and ')} only.\n`, 405)
    }
    await next()
  }
}

/** A browser asks first whether a page may send what it is about to, and whether it may reach this machine at all. */
function answerPreflight(context: Context): Response {
  for (const [name, value] of Object.entries(CORS)) context.header(name, value)
  if (context.req.header('access-control-request-private-network') === 'true')
    context.header('Access-Control-Allow-Private-Network', 'true')
  return context.body(null, 204)
}
