// hash.ts: fingerprints of bytes and of configurations

import type { RunConfig } from './config'

/** SHA-256 in hexadecimal, by WebCrypto (browsers and Node alike). */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The same for the same settings, whatever the order of their keys. The preset's name is not a setting. */
export function configHash(config: RunConfig): Promise<string> {
  return sha256(new TextEncoder().encode(canonicalJson({ ...config, preset: '' })))
}

/** JSON with sorted keys; numbers that JSON cannot write become words. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  return JSON.stringify(typeof value === 'number' && !Number.isFinite(value) ? String(value) : value)
}
