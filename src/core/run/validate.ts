// validate.ts: reads a JSON value against a schema and says, in one sentence, what is wrong with it
//
// Whatever enters tiltlab as JSON (an inspect document, a run configuration, a saved preset) passes here.
// The error names the field by its path and says what was expected there, in words made from the schema itself.

import * as v from 'valibot'
import { ConfigError } from '../errors'

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
  const node = schema as unknown as Node
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

/** A value as an error shows it: JSON, cut to a readable length; `nothing` if it is absent. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

type Issue = v.BaseIssue<unknown>
type Path = readonly v.IssuePathItem[]

/** The parts of valibot's schemas that this file reads; each kind of schema has some of them. */
interface Node {
  type: string
  pipe?: readonly Node[]
  wrapped?: Node
  item?: Node
  value?: Node
  items?: readonly Node[]
  entries?: Record<string, Node>
  options?: readonly unknown[]
  literal?: unknown
  requirement?: unknown
}

const SPECIAL_NUMBERS = new Map([
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['NaN', NaN],
])

function fieldName(root: string, path: Path): string {
  const name = path.reduce((parent, step) => joinPath(parent, step.key as string | number), root)
  return name === '' ? 'document' : name
}

function unknownKey(schema: Node, path: Path): string {
  const parent = nodeAt(schema, path.slice(0, -1))
  const known = Object.keys(parent?.entries ?? {})
  return `unknown key; the keys here are ${known.join(', ')}`
}

/** A check with a message of its own speaks for itself; everything else is told from the schema. */
function explain(schema: Node, issue: Issue): string {
  if (issue.type === 'check' || issue.type === 'raw_check') return issue.message
  const node = nodeAt(schema, issue.path ?? [])
  return `expected ${node ? expectation(node) : issue.expected}, got ${show(issue.input)}`
}

/** Follows a path of keys through the schema; undefined where several alternatives could be meant. */
function nodeAt(schema: Node, path: Path): Node | undefined {
  let node: Node | undefined = schema
  for (const { key, input } of path) {
    node = node && unwrap(alternative(unwrap(node), input))
    node = node?.entries?.[key as string] ?? node?.item ?? node?.items?.[key as number] ?? node?.value
  }
  return node
}

function unwrap(node: Node): Node {
  return node.wrapped ? unwrap(node.wrapped) : node
}

/** Of a variant or union, the object whose literal keys (its tag) agree with the value; any other schema is itself. */
function alternative(node: Node, input: unknown): Node {
  if (node.type !== 'variant' && node.type !== 'union') return node
  const options = node.options as readonly Node[]
  const agrees = ({ entries }: Node) =>
    entries !== undefined &&
    Object.entries(entries).every(
      ([key, entry]) => entry.type !== 'literal' || (input as Record<string, unknown>)[key] === entry.literal,
    )
  const array = (option: Node) => option.type === 'array' && Array.isArray(input)
  return options.find((option) => agrees(option) || array(option)) ?? node
}

/** What a schema accepts, in words: "a number ≥ 0", "one of "none", "group"", "an array or null". */
function expectation(node: Node): string {
  switch (node.type) {
    case 'optional':
    case 'exact_optional':
      return expectation(node.wrapped!)
    case 'nullable':
    case 'nullish':
      return `${expectation(node.wrapped!)} or null`
    case 'union':
      return (node.options as readonly Node[]).map(expectation).join(' or ')
    case 'variant':
      return (node.options as readonly Node[]).map(tag).join(' or ')
    case 'picklist':
      return node.options!.length === 1 ? show(node.options![0]) : `one of ${node.options!.map(show).join(', ')}`
    case 'literal':
      return show(node.literal)
    default:
      return [noun(node), ...bounds(node)].join(' ')
  }
}

/** How a variant's option is told from the others: by its literal keys. */
function tag(node: Node): string {
  const literals = Object.entries(node.entries!).filter(([, entry]) => entry.type === 'literal')
  return `an object with ${literals.map(([key, entry]) => `${key} ${show(entry.literal)}`).join(' and ')}`
}

function noun(node: Node): string {
  const actions = (node.pipe ?? []).map((action) => action.type)
  switch (node.type) {
    case 'number':
      return actions.includes('integer') ? 'an integer' : actions.includes('finite') ? 'a finite number' : 'a number'
    case 'nan':
      return 'NaN'
    case 'boolean':
      return 'true or false'
    case 'array':
    case 'tuple':
    case 'strict_tuple':
      return 'an array'
    case 'strict_object':
    case 'object':
    case 'record':
      return 'an object'
    default:
      return `a ${node.type}`
  }
}

function bounds(node: Node): string[] {
  const symbols: Record<string, string> = { min_value: '≥', gt_value: '>', max_value: '≤', lt_value: '<' }
  const limits = (node.pipe ?? [])
    .filter((action) => action.type in symbols)
    .map((action) => `${symbols[action.type]} ${String(action.requirement)}`)
  const least = (node.pipe ?? []).find((action) => action.type === 'min_length')
  const shortest = (node.pipe ?? []).some((action) => action.type === 'non_empty') ? 1 : least?.requirement
  const unit = node.type === 'array' ? 'entries' : 'characters'
  if (shortest !== undefined)
    limits.push(
      `of at least ${String(shortest)} ${shortest === 1 ? unit.replace(/ies$|s$/, (end) => (end === 'ies' ? 'y' : '')) : unit}`,
    )
  return limits.length > 0 ? [limits.join(' and ')] : []
}

/** The value with "Infinity", "-Infinity" and "NaN" turned into numbers wherever the schema wants a number. */
function withSpecialNumbers(schema: Node, value: unknown): unknown {
  const node = unwrap(schema)
  if (typeof value === 'string')
    return acceptsNumber(node) && SPECIAL_NUMBERS.has(value) ? SPECIAL_NUMBERS.get(value) : value
  if (node.type === 'union' || node.type === 'variant')
    return (node.options as readonly Node[]).reduce((revived, option) => withSpecialNumbers(option, revived), value)
  if (Array.isArray(value)) {
    const element = (index: number) => node.item ?? node.items?.[index]
    return value.map((item: unknown, index) => (element(index) ? withSpecialNumbers(element(index)!, item) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  const entry = (key: string) => node.entries?.[key] ?? node.value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, entry(key) ? withSpecialNumbers(entry(key)!, item) : item]),
  )
}

function acceptsNumber(node: Node): boolean {
  if (node.type === 'union') {
    const options = (node.options as readonly Node[]).map(unwrap)
    return options.some(acceptsNumber) && !options.some(({ type }) => type === 'string')
  }
  return node.type === 'number' || node.type === 'nan'
}
