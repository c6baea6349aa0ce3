// fields.ts: the configuration schema as a flat list
//
// Command-line flags, the page's form and docs/config.md are drawn from this list, so a field that is added to the
// schema appears everywhere at once.

import { defaultConfig, RunConfigSchema } from './config'

/** One leaf of the configuration. */
export interface Field {
  /** Dotted path, such as `rollout.groupSize`. */
  path: string
  /** A short label, such as `Clip low`. */
  title: string
  description: string
  kind: 'number' | 'integer' | 'boolean' | 'text' | 'choice'
  /** null is allowed and means "off". */
  nullable: boolean
  /** The words a `choice` accepts. */
  choices: readonly string[]
  /** Bounds of a number; `exclusive` says that the minimum itself is not allowed. */
  minimum?: number
  maximum?: number
  exclusive: boolean
  /** The value in the default configuration; undefined for a field that it does not have. */
  default: unknown
  /** The field exists only while another field has this value: the settings of one kind of controller. */
  onlyIf?: { path: string; value: string }
}

/** The parts of a valibot schema that are read here. */
interface SchemaNode {
  type: string
  entries?: Record<string, SchemaNode>
  wrapped?: SchemaNode
  options?: readonly (string | SchemaNode)[]
  literal?: string
  pipe?: readonly { type: string; requirement?: unknown; title?: string; description?: string }[]
}

/** Every leaf of RunConfigSchema, in the schema's order. */
export function fields(): Field[] {
  return leaves(RunConfigSchema as unknown as SchemaNode, '', defaultConfig)
}

/** The value at a dotted path of a nested object; undefined where the path leads nowhere. */
export function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    const isRecord = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    return isRecord ? (value as Record<string, unknown>)[key] : undefined
  }, object)
}

/** A copy of a nested object with the value at a dotted path replaced; missing parents are made. */
export function withValue<T>(object: T, path: string, value: unknown): T {
  const [key, ...rest] = path.split('.')
  const record = (object ?? {}) as Record<string, unknown>
  return { ...record, [key]: rest.length === 0 ? value : withValue(record[key], rest.join('.'), value) } as T
}

function leaves(node: SchemaNode, path: string, value: unknown): Field[] {
  if (node.type === 'variant') return variantLeaves(node, path, value)
  if (!node.entries) return [leaf(node, path, value)]
  return Object.entries(node.entries).flatMap(([key, child]) =>
    leaves(child, path ? `${path}.${key}` : key, valueAt(value, key)),
  )
}

/** The tag of a variant as one choice, then the fields of each alternative under their condition. */
function variantLeaves(node: SchemaNode, path: string, value: unknown): Field[] {
  const alternatives = (node.options ?? []).map((option) => (option as SchemaNode).entries ?? {})
  const kinds = alternatives.map((entries) => entries.kind.literal ?? '')
  const kindPath = `${path}.kind`
  const described = alternatives.map((entries, i) => `${kinds[i]}: ${metadata(entries.kind, 'description')}`)
  const tag: Field = {
    ...leaf(alternatives[0].kind, kindPath, valueAt(value, 'kind')),
    description: described.join('; '),
    kind: 'choice',
    choices: kinds,
  }
  const settings = alternatives.flatMap((entries, i) =>
    Object.entries(entries)
      .filter(([key]) => key !== 'kind')
      .map(([key, child]) => ({
        ...leaf(child, `${path}.${key}`, valueAt(value, key)),
        onlyIf: { path: kindPath, value: kinds[i] },
      })),
  )
  return [tag, ...settings]
}

function leaf(outer: SchemaNode, path: string, value: unknown): Field {
  const node = outer.wrapped ?? outer
  const actions = [...(node.pipe ?? []), ...(outer.pipe ?? [])]
  const bound = (...types: string[]) => {
    const found = actions.find((action) => types.includes(action.type))?.requirement
    return typeof found === 'number' ? found : undefined
  }
  const name = path.slice(path.lastIndexOf('.') + 1)
  return {
    path,
    title: metadata(outer, 'title') || name,
    description: metadata(outer, 'description'),
    kind: kindOf(node),
    nullable: outer.type === 'nullable',
    choices: node.type === 'picklist' ? (node.options as readonly string[]) : [],
    minimum: bound('min_value', 'gt_value'),
    maximum: bound('max_value', 'lt_value'),
    exclusive: bound('gt_value') !== undefined,
    default: value,
  }
}

function metadata(node: SchemaNode, type: 'title' | 'description'): string {
  return node.pipe?.find((action) => action.type === type)?.[type] ?? ''
}

/** A union of a number and a pair of numbers (the advantage clip) is entered as a number. */
function kindOf(node: SchemaNode): Field['kind'] {
  const isInteger = node.pipe?.some((action) => action.type === 'integer') ?? false
  if (node.type === 'picklist') return 'choice'
  if (node.type === 'boolean') return 'boolean'
  if (node.type === 'number' || node.type === 'union') return isInteger ? 'integer' : 'number'
  return node.type === 'literal' ? 'integer' : 'text'
}
