// arbitrary.ts: any state that the page can be in, made from the schemas of its views

import fc from 'fast-check'
import type * as v from 'valibot'
import { defaultChoices, type Choices } from '../../../src/app/state/address'
import { views, type View } from '../../../src/app/state/settings'
import { ChoiceSchema as TogetherSchema } from '../../../src/app/experiments/together/choice'
import { MOST_SEEDS } from '../../../src/app/experiments/choice'
import { OwnSchema } from '../../../src/app/experiments/own'
import { ChoiceSchema as GuideSchema } from '../../../src/app/guide/choice'
import { MOST_SCENES, roles } from '../../../src/app/talk/choice'
import { ChoiceSchema as RunsSchema } from '../../../src/app/runs/choice'
import { ChoiceSchema as TrainSchema } from '../../../src/app/train/choice'
import { defaultConfig, RunConfigSchema, type RunConfig } from '../../../src/core/run/config'
import { resolvePreset, runPresets } from '../../../src/core/run/presets'
import { anyChoice as anyTheory } from '../theory/arbitrary'

interface Node {
  type: string
  entries?: Record<string, Node>
  options?: readonly unknown[]
  item?: Node
  items?: readonly Node[]
  wrapped?: Node
  literal?: unknown
  pipe?: readonly { type: string; requirement?: unknown }[]
}

/** Any value of a schema, of the kinds of schema that the page uses. */
export function anyOf<S extends v.GenericSchema>(schema: S): fc.Arbitrary<v.InferOutput<S>> {
  return anyNode(schema as unknown as Node) as fc.Arbitrary<v.InferOutput<S>>
}

function anyNode(node: Node): fc.Arbitrary<unknown> {
  const limit = (type: string) => node.pipe?.find((action) => action.type === type)?.requirement as number | undefined
  switch (node.type) {
    case 'picklist':
      return fc.constantFrom(...node.options!)
    case 'literal':
      return fc.constant(node.literal)
    case 'boolean':
      return fc.boolean()
    case 'nullable':
      return fc.option(anyNode(node.wrapped!), { nil: null })
    case 'optional':
      return anyNode(node.wrapped!)
    case 'string': {
      const unit = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('&run=#%25 +=ü“'))
      const mayBeEmpty = !node.pipe?.some(({ type }) => type === 'non_empty')
      return unit.map((text) => text.slice(0, limit('max_length'))).filter((text) => text !== '' || mayBeEmpty)
    }
    case 'number': {
      const min = limit('min_value') ?? (limit('gt_value') === undefined ? -1e6 : 1e-6)
      const max = limit('max_value') ?? 1e6
      if (node.pipe?.some(({ type }) => type === 'integer')) return fc.integer({ min, max: Math.min(max, 1e9) })
      const less = limit('lt_value') === undefined ? max : limit('lt_value')! - 1e-9
      return fc.double({ min, max: Math.min(max, less), noNaN: true }).map((value) => value || Math.max(min, 0))
    }
    case 'array':
      return fc.array(anyNode(node.item!), { maxLength: Math.min(8, limit('max_length') ?? 8) })
    case 'strict_tuple':
      return fc.tuple(...node.items!.map(anyNode))
    case 'variant':
    case 'union':
      return fc.oneof(...(node.options as Node[]).map(anyNode))
    case 'strict_object':
      return fc.record(Object.fromEntries(Object.entries(node.entries!).map(([key, child]) => [key, anyNode(child)])))
  }
  throw new Error(`no values are made for a schema of type ${node.type}`)
}

const anyCompare: fc.Arbitrary<Choices['compare']> = fc.oneof(
  fc.constant(defaultChoices.compare),
  fc.record({
    experiment: fc.constantFrom('scale', 'beta-sweep'),
    size: fc.constantFrom('quick' as const, 'full' as const),
    seeds: fc.option(fc.integer({ min: 1, max: MOST_SEEDS }), { nil: null }),
    own: fc.option(anyOf(OwnSchema), { nil: null }),
    together: fc.constant(null),
  }),
  anyOf(TogetherSchema).map((together) => ({ ...defaultChoices.compare, together })),
)

const anyTalk: fc.Arbitrary<Choices['talk']> = fc.record({
  talk: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,59}$/),
  scene: fc.integer({ min: 1, max: MOST_SCENES }),
  as: fc.constantFrom(...roles),
})

export const anyChoices: fc.Arbitrary<Choices> = fc.record({
  theory: anyTheory,
  train: anyOf(TrainSchema),
  compare: anyCompare,
  runs: anyOf(RunsSchema),
  talk: anyTalk,
  guide: anyOf(GuideSchema),
})

export const anyView: fc.Arbitrary<View> = fc.constantFrom(...(Object.keys(views) as View[]))

/** A preset with any of its sections replaced by any other. */
export const anyConfig: fc.Arbitrary<RunConfig> = fc
  .tuple(fc.constantFrom(...runPresets.map(({ name }) => name)), fc.subarray(sections()), anyOf(RunConfigSchema))
  .map(([preset, replaced, other]) => {
    const config = resolvePreset(preset)
    return { ...config, ...Object.fromEntries(replaced.map((section) => [section, other[section]])) }
  })

function sections(): (keyof RunConfig)[] {
  return (Object.keys(defaultConfig) as (keyof RunConfig)[]).filter((key) => !['version', 'preset'].includes(key))
}
