// json.ts: JSON with every number
//
// JSON has no infinities and no NaN. tiltlab writes them as the strings "Infinity", "-Infinity" and "NaN"; `validate`
// (core/run/validate.ts) reads them back wherever its schema expects a number, and only there.

import { ConfigError } from '../errors'

/**
 * A value as JSON, two spaces deep, doubles in full precision, typed arrays as arrays, numbers on one line with their siblings.
 */
export function printJson(value: unknown): string {
  return print(value, '')
}

/**
 * Reads JSON text. Special numbers stay strings until `validate` meets them.
 *
 * @param name what the text is, for the error: a file's name
 * @throws {ConfigError} if the text is not JSON
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(name, `is not JSON (${(cause as Error).message}). Check the commas and quotes there.`)
  }
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function print(value: unknown, indent: string): string {
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const deeper = `${indent}  `
  if (ArrayBuffer.isView(value)) return print(Array.from(value as Float64Array), indent)
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null))
      return `[${value.map((item) => print(item, deeper)).join(', ')}]`
    return block(
      '[',
      ']',
      value.map((item) => print(item, deeper)),
      indent,
    )
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.length === 0) return '{}'
  return block(
    '{',
    '}',
    members.map(([key, member]) => `${JSON.stringify(key)}: ${print(member, deeper)}`),
    indent,
  )
}

function block(open: string, close: string, lines: string[], indent: string): string {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`
}
