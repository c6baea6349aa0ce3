// tuning.ts: what was measured to be fast on this machine's adapter, kept by the browser

import type { TuningStore } from '../../engine/webgpu/tune'

const CACHE = 'tiltlab-tuning'

/** The browser's cache storage, which workers have too; undefined where pages may keep nothing. */
export const tuningStore: TuningStore | undefined =
  'caches' in globalThis
    ? {
        async get(key) {
          const cache = await caches.open(CACHE)
          return (await cache.match(address(key)))?.text()
        },
        async set(key, value) {
          const cache = await caches.open(CACHE)
          await cache.put(address(key), new Response(value))
        },
      }
    : undefined

function address(key: string): string {
  return `/tuning/${encodeURIComponent(key)}`
}
