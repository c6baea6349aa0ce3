// csv.ts: tables as CSV (RFC 4180)

import type { FlatTable } from './values'

/** Rows end in CRLF; numbers have every digit; what there is none of is an empty field. */
export function csv({ head, rows }: FlatTable): string {
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number | boolean | null): string {
  if (value === null || Number.isNaN(value)) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
