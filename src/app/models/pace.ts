// pace.ts: how large a download is, how fast it goes, and how long the rest of it takes

import { duration, size } from '../../core/format'
import type { Transfer } from './download'

/** Time over which speed is averaged. */
const WINDOW_MS = 5000

/** Speed over the last seconds. */
export class Pace {
  private seen: { atMs: number; bytes: number }[] = []

  /** @returns bytes a second; 0 while that is not known */
  add(bytes: number, atMs: number): number {
    this.seen.push({ atMs, bytes })
    // The last one before the window stays: it says where that begins.
    while (this.seen.length > 2 && this.seen[1].atMs <= atMs - WINDOW_MS) this.seen.shift()
    const [first] = this.seen
    return atMs > first.atMs ? (1000 * (bytes - first.bytes)) / (atMs - first.atMs) : 0
  }
}

/** "12.5 MB of 117.5 MB, 3.1 MB a second, 34 s left" */
export function transferWords({ receivedBytes, totalBytes, phase }: Transfer, bytesPerSecond: number): string {
  const amount = `${size(receivedBytes)} of ${size(totalBytes)}`
  if (phase === 'comparing') return `${amount}, comparing it with what the Hub announced`
  if (phase === 'waiting') return `${amount}, the connection broke: trying again`
  if (bytesPerSecond <= 0) return amount
  const left = duration((1000 * (totalBytes - receivedBytes)) / bytesPerSecond)
  return `${amount}, ${size(bytesPerSecond)} a second, ${left} left`
}

/** "121.1 MB", "121.1 MB to 539.1 MB" */
export function sizeRange(sizes: readonly number[]): string {
  if (sizes.length === 0) return 'nothing that is read here'
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map(size)
  return least === most ? least : `${least} to ${most}`
}
