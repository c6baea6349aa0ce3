// validate.ts: reads a JSON value against a schema and says, in one sentence, what is wrong with it
//
// Whatever enters tiltlab as JSON (an inspect document, a run configuration, a saved preset) passes here.
// The error names the field by its path and says what was expected there, in words made from the schema itself.

import * as v from 'valibot'
import { ConfigError } from '../errors'
import { alternatives, child, nodeAt, resolve } from './schema-tree'
import type { SchemaNode, Step } from './schema-tree'
import { expectation, show } from './schema-words'

const SPECIAL_NUMBERS = new Map([
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', NaN],
])

/**
 * Checks a JSON value and returns it typed.
 *
 * Where the schema expects a number, the strings "Infinity", "-Infinity" and "NaN" are read as the numbers that JSON cannot
 * write; they then face the same bounds as any other number.
 *
 * @param root path of the value itself, '' for a whole document: the first part of every field name in an error
 * @throws {ConfigError} whose field is the path (`config.clip.low`, `rewards[2]`) and whose problem reads like
 *   `expected a number ≥ 0, got "a"`; an unknown key is an error that names the key
 */
export function validate<S extends v.GenericSchema>(schema: S, value: unknown, root: string): v.InferOutput<S> {
  const node = schema as unknown as SchemaNode
  refuseArrays(node, value, root)
  const result = v.safeParse(schema, withSpecialNumbers(node, value))
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = issue.path ?? []
  throw new ConfigError(
    fieldName(root, path),
    issue.expected === 'never' ? unknownKey(node, path) : explain(node, issue),
  )
}

/** Joins two parts of a field's path: `config` and `clip.low`, `logps` and 3. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  return parent === '' ? key : `${parent}.${key}`
}

function fieldName(root: string, path: readonly Step[]): string {
  const name = path.reduce((parent, step) => joinPath(parent, step.key as string | number), root)
  return name === '' ? 'document' : name
}

function unknownKey(schema: SchemaNode, path: readonly Step[]): string {
  const { input } = path[path.length - 1]
  const parent = resolve(nodeAt(schema, path.slice(0, -1))!, input)
  if (!parent.entries) return `one entry too many: expected ${expectation(parent)}`
  return `unknown key; the keys here are ${Object.keys(parent.entries).join(', ')}`
}

/** A check with a message of its own speaks for itself; everything else is told from the schema. */
function explain(schema: SchemaNode, issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'check') return issue.message
  const node = nodeAt(schema, issue.path ?? [])
  return `expected ${node ? expectation(node) : issue.expected}, got ${show(issue.input)}`
}

/** To valibot an array is an object like any other, and an empty one has every optional key. */
function refuseArrays(schema: SchemaNode, value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null) return
  const node = resolve(schema, value)
  if (Array.isArray(value) && (node.entries || node.type === 'variant')) {
    throw new ConfigError(field || 'document', `expected ${expectation(node)}, got ${show(value)}`)
  }
  for (const [key, item] of Object.entries(value)) {
    const part = child(node, key)
    if (part) refuseArrays(part, item, joinPath(field, Array.isArray(value) ? Number(key) : key))
  }
}

/** The value with "Infinity", "-Infinity" and "NaN" turned into numbers wherever the schema wants a number. */
function withSpecialNumbers(schema: SchemaNode, value: unknown): unknown {
  const node = resolve(schema, value)
  if (typeof value === 'string' && SPECIAL_NUMBERS.has(value))
    return acceptsNumber(node) ? SPECIAL_NUMBERS.get(value) : value
  if (typeof value !== 'object' || value === null) return value
  const read = (item: unknown, key: string | number) => {
    const part = child(node, key)
    return part ? withSpecialNumbers(part, item) : item
  }
  if (Array.isArray(value)) return value.map(read)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item, key)]))
}

function acceptsNumber(node: SchemaNode): boolean {
  if (node.type === 'union') return alternatives(node).some(acceptsNumber)
  return node.type === 'number' || node.type === 'nan'
}
