// format.ts: numbers as people read them
//
// A number that is shown carries its unit and, where there is one, its interval. A true minus sign (−) and tabular
// figures keep columns straight; a value that is not finite is shown as a dash, never as NaN.

import type { Estimate } from './run/events'

const MINUS = '−'
const NOTHING = '–'

/** A number with a fixed count of decimals: −0.08. Never "−0.00". */
export function fixed(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return NOTHING
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? MINUS + text : text
}

/** A difference: always with its sign, +0.21 or −0.08; ±0.00 where it rounds to nothing. */
export function signed(value: number, digits = 2): string {
  const text = fixed(value, digits)
  if (text === NOTHING || text.startsWith(MINUS)) return text
  return Number(text) === 0 ? `±${text}` : `+${text}`
}

/** A number of unknown size to `digits` significant figures: 0.003, 12.4, 1e−5, 155,648. */
export function significant(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return NOTHING
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1000) return whole(value)
  const text =
    size < 1e-3 ? Number(value.toPrecision(digits)).toExponential() : String(Number(value.toPrecision(digits)))
  return text.replaceAll('-', MINUS)
}

/** A count with thousands separated: 155,648. */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return NOTHING
  // Not toLocaleString: what a browser loads for that holds up its first page.
  const digits = String(Math.abs(Math.round(value)))
  return (value < 0 ? MINUS : '') + digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A share of one as a percentage without decimals: 84 %. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${fixed(100 * share, 0)} %` : NOTHING
}

/** The interval of an estimate: −0.08 … 0.05. */
export function interval(estimate: Estimate, digits = 2): string {
  return `${fixed(estimate.low, digits)} … ${fixed(estimate.high, digits)}`
}

/** A divergence: 0.42 nats. Small ones keep two figures, so that a spent budget never reads as nothing. */
export function nats(value: number): string {
  return `${klNumber(value)} nats`
}

/** A divergence without its unit. */
export function klNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return fixed(value, 0)
  if (size >= 10) return fixed(value, 1)
  return size > 0 && size < 0.1 ? fixed(value, 3) : fixed(value, 2)
}

/** A size: 0.9 MB, 1.2 GB; megabytes of 10⁶ bytes, as downloads are counted. */
export function size(bytes: number): string {
  if (!Number.isFinite(bytes)) return NOTHING
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${Math.ceil(bytes / 1e3)} kB`
}

/** A duration in the two largest units that matter: 0.6 s, 31 s, 2 min 5 s, 1 h 4 min. */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return NOTHING
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const rounded = Math.round(seconds)
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`
}

/** "1 step", "3 steps". */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`
}
