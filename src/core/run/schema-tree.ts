// schema-tree.ts: a valibot schema as a tree that can be walked beside a value

/** The parts of valibot's schemas that are read; each kind of schema has some of them. */
export interface SchemaNode {
  type: string
  /** Checks and descriptions that follow the type. */
  pipe?: readonly SchemaNode[]
  /** What an optional or nullable schema holds. */
  wrapped?: SchemaNode
  /** Of an array, a tuple, an object and a record. */
  item?: SchemaNode
  items?: readonly SchemaNode[]
  entries?: Record<string, SchemaNode>
  value?: SchemaNode
  /** Schemas of a union or variant; values of a picklist. */
  options?: readonly unknown[]
  literal?: unknown
  /** The limit of a check. */
  requirement?: unknown
}

/** One step from a value to a part of it: the value and the key that is followed. */
export interface Step {
  key: unknown
  input: unknown
}

/** Follows steps through the schema; undefined where they lead out of what is known. */
export function nodeAt(schema: SchemaNode, path: readonly Step[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((node, { key, input }) => node && child(resolve(node, input), key), schema)
}

/** The schema of one entry of an object, array, tuple or record. */
export function child(node: SchemaNode, key: unknown): SchemaNode | undefined {
  if (node.type === 'variant') return tag(node, key as string)
  return node.entries?.[key as string] ?? node.item ?? node.items?.[key as number] ?? node.value
}

/** What is behind optional and nullable, and of a variant or union the alternative for which the value seems meant. */
export function resolve(node: SchemaNode, value: unknown): SchemaNode {
  if (node.wrapped) return resolve(node.wrapped, value)
  if (node.type !== 'variant' && node.type !== 'union') return node
  return alternatives(node).find((option) => isMeant(option, value)) ?? node
}

/** The schemas of a variant or union. */
export function alternatives(node: SchemaNode): readonly SchemaNode[] {
  return node.options as readonly SchemaNode[]
}

/** The literal entries of an object schema: what tells a variant's alternatives apart. */
export function literals(node: SchemaNode): [key: string, value: unknown][] {
  return Object.entries(node.entries ?? {}).flatMap(([key, entry]) =>
    entry.type === 'literal' ? [[key, entry.literal]] : [],
  )
}

function isMeant(option: SchemaNode, value: unknown): boolean {
  if (Array.isArray(value)) return option.type === 'array' || option.type === 'strict_tuple'
  if (typeof value !== 'object' || value === null || !option.entries) return false
  return literals(option).every(([key, literal]) => (value as Record<string, unknown>)[key] === literal)
}

/** The tag of a variant, as one choice among its alternatives. */
function tag(variant: SchemaNode, key: string): SchemaNode {
  return { type: 'picklist', options: alternatives(variant).map(({ entries }) => entries![key]?.literal) }
}
