// packed.ts: a long text as a short word of an address

import { deflateSync, Inflate } from 'fflate'
import { concatenateBytes } from '../../core/bytes'
import { TiltlabError } from '../../core/errors'

/** A reward program of the greatest length fits; a link that unpacks to more was not made here. */
const LONGEST_TEXT_BYTES = 512 * 1024
/** Unpacked at a time: what a piece becomes is at most a thousand times this. */
const PIECE_BYTES = 1024

/** A packed word is damaged. */
export class PackedError extends TiltlabError {}

/** Deflated, in the letters that an address may hold. */
export function pack(text: string): string {
  const bytes = deflateSync(new TextEncoder().encode(text), { level: 9 })
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** @throws {PackedError} if it is not what `pack` made, or far too long */
export function unpack(word: string): string {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  let isWhole = false
  const inflate = new Inflate((chunk, final) => {
    chunks.push(chunk.slice())
    sizeBytes += chunk.length
    isWhole = final
  })
  try {
    const packed = Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    for (let at = 0; at < packed.length; at += PIECE_BYTES) {
      inflate.push(packed.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= packed.length)
      if (sizeBytes > LONGEST_TEXT_BYTES) break
    }
    if (isWhole && sizeBytes <= LONGEST_TEXT_BYTES)
      return new TextDecoder('utf-8', { fatal: true }).decode(concatenateBytes(chunks))
  } catch {
    // Whatever is wrong with it, it means nothing: the error below says so.
  }
  throw new PackedError('it was cut off or changed on the way')
}
