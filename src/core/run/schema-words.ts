// schema-words.ts: what a schema accepts, in the words of an error message

import { alternatives, literals } from './schema-tree'
import type { SchemaNode } from './schema-tree'

/** "a number ≥ 0", "one of "none", "group"", "an array or null". */
export function expectation(node: SchemaNode): string {
  switch (node.type) {
    case 'optional':
      return expectation(node.wrapped!)
    case 'nullable':
      return `${expectation(node.wrapped!)} or null`
    case 'union':
      return alternatives(node).map(expectation).join(' or ')
    case 'variant':
      return alternatives(node).map(tagged).join(' or ')
    case 'picklist':
      return node.options!.length === 1 ? show(node.options![0]) : `one of ${node.options!.map(show).join(', ')}`
    case 'literal':
      return show(node.literal)
    default:
      return [noun(node), bounds(node), length(node)].filter(Boolean).join(' ')
  }
}

/** A value as an error shows it: JSON, cut to a readable length; `nothing` if it is absent. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function tagged(node: SchemaNode): string {
  const tags = literals(node).map(([key, literal]) => `${key} ${show(literal)}`)
  return `an object with ${tags.join(' and ')}`
}

function noun(node: SchemaNode): string {
  switch (node.type) {
    case 'number':
      return has(node, 'integer') ? 'an integer' : has(node, 'finite') ? 'a finite number' : 'a number'
    case 'nan':
      return 'NaN'
    case 'boolean':
      return 'true or false'
    case 'array':
      return 'an array'
    case 'strict_tuple':
      return `an array of ${node.items!.length} entries`
    case 'strict_object':
    case 'object':
    case 'record':
      return 'an object'
    default:
      return `a ${node.type}`
  }
}

function bounds(node: SchemaNode): string {
  const symbols: Record<string, string> = { min_value: '≥', gt_value: '>', max_value: '≤', lt_value: '<' }
  const limits = (node.pipe ?? []).filter(({ type }) => type in symbols)
  return limits.map(({ type, requirement }) => `${symbols[type]} ${String(requirement)}`).join(' and ')
}

function length(node: SchemaNode): string {
  const least = has(node, 'non_empty') ? 1 : node.pipe?.find(({ type }) => type === 'min_length')?.requirement
  if (least === undefined) return ''
  const [one, many] = node.type === 'array' ? ['entry', 'entries'] : ['character', 'characters']
  return `of at least ${String(least)} ${least === 1 ? one : many}`
}

function has(node: SchemaNode, action: string): boolean {
  return node.pipe?.some(({ type }) => type === action) ?? false
}
