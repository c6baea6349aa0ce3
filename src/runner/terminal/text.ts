// text.ts: numbers, bars and tables in a terminal

import type { Estimate } from '../../core/run/events'

/** A terminal's width in columns and whether it takes colour. */
export interface Style {
  columns: number
  colour: boolean
}

const MINUS = '−'

/** Fixed digits with a true minus sign; – for a number that does not exist. */
export function decimal(value: number | undefined, digits = 2): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  const text = Math.abs(value).toFixed(digits)
  return value < 0 && Number(text) !== 0 ? MINUS + text : text
}

/** The same with its sign always shown, for differences. */
export function signed(value: number, digits = 2): string {
  const text = decimal(value, digits)
  return text.startsWith(MINUS) || Number(Math.abs(value).toFixed(digits)) === 0 ? text : `+${text}`
}

/** `0.45 [0.38, 0.53]`: a mean and its 95 % interval. */
export function estimate({ mean, low, high }: Estimate, digits = 2): string {
  return `${decimal(mean, digits)} [${decimal(low, digits)}, ${decimal(high, digits)}]`
}

/** `0:34`, `12:05`, `1:02:07`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** `3.4 MB`, in powers of ten. */
export function bytes(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3)))
  const value = sizeBytes / 1000 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[power]}`
}

/** `58 %` of a total that may still be unknown (0). */
export function percent(done: number, total: number): string {
  return `${total > 0 ? Math.floor((100 * done) / total) : 0} %`
}

/** A bar of `width` columns, filled to a share of it. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** The last values as a line of small columns between their smallest and largest. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const low = Math.min(...shown)
  const span = Math.max(...shown) - low || 1
  return shown.map((value) => '▁▂▃▄▅▆▇█'[Math.round(((value - low) / span) * 7)]).join('')
}

/** Cuts a plain line to a width in columns. */
export function fit(line: string, columns: number): string {
  const characters = [...line]
  return characters.length <= columns ? line : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`
}

/** Rows as text, columns padded to their widest cell, two spaces between. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length))
      .join('  ')
      .trimEnd(),
  )
}

/** Text by others without what a terminal would obey: control characters become spaces. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}
