// docs-tables.ts: the tables of docs/algorithms.md, made from the code

import type { AlgorithmConfig } from '../../../src/core/rl/config'
import { AlgorithmConfigSchema } from '../../../src/core/rl/config'
import { PRESETS } from '../../../src/core/rl/presets'

/** The parts of a valibot schema that a table shows. */
interface Node {
  type: string
  entries?: Record<string, Node>
  options?: readonly unknown[]
  wrapped?: Node
  pipe?: readonly { type: string; title?: string; description?: string }[]
}

/** Every preset × every switch. */
export function presetTable(): string[] {
  const header = ['preset', 'baseline', 'scale', 'KL', 'aggregation', 'ratio', 'besides']
  return table(
    header,
    PRESETS.map(({ id, config }) => [
      `\`${id}\``,
      config.estimator,
      scale(config),
      kl(config),
      config.aggregation === 'constant' ? `constant ${config.constantLength}` : config.aggregation,
      ratio(config),
      besides(config),
    ]),
  )
}

/** Every preset's name, and where its values come from. */
export function sourceTable(): string[] {
  return table(
    ['preset', 'name', 'what it is'],
    PRESETS.map(({ id, label, description }) => [`\`${id}\``, label, description]),
  )
}

/** Every switch, its values and its meaning. */
export function switchTable(): string[] {
  return table(['switch', 'values', 'meaning'], leaves(AlgorithmConfigSchema as unknown as Node, ''))
}

function scale({ scale, std }: AlgorithmConfig): string {
  if (scale === 'none') return 'none'
  const epsilon = std.mode === 'add' ? `+ ${std.epsilon}` : `variance ≥ ${std.epsilon}`
  return `${scale}, n${std.unbiased ? ' − 1' : ''}, ${epsilon}`
}

function kl({ kl }: AlgorithmConfig): string {
  if (kl.placement === 'off') return 'off'
  const clamp = kl.clamp === null ? '' : `, ±${kl.clamp}`
  const aggregation = kl.placement === 'loss' && kl.aggregation === 'token-mean' ? ', token mean' : ''
  return `${kl.placement}, ${kl.estimator}, β ${kl.beta}${clamp}${aggregation}`
}

function ratio({ surrogate, clip }: AlgorithmConfig): string {
  if (clip.high === Infinity) return 'not clipped'
  const bounds = surrogate === 'cispo' ? `cispo, at most ${clip.high}` : `clip −${clip.low} / +${clip.high}`
  const dual = clip.dual === null ? '' : `, dual ${clip.dual}`
  return `${bounds}${dual}${clip.level === 'sequence' ? ', per sequence' : ''}`
}

function besides({ advantageClip, maskTruncated }: AlgorithmConfig): string {
  const clip = advantageClip === null ? [] : [`advantage clip ±${advantageClip as number}`]
  return [...clip, ...(maskTruncated ? ['truncated masked'] : [])].join(', ') || '–'
}

function leaves(node: Node, path: string): string[][] {
  if (node.entries)
    return Object.entries(node.entries).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`))
  const described = node.pipe!.find(({ type }) => type === 'description')!
  return [[`\`${path}\``, values(node), described.description!]]
}

function values(node: Node): string {
  if (node.type === 'nullable') return `${values(node.wrapped!)} or null`
  if (node.type === 'union') return 'number or pair'
  return node.type === 'picklist' ? node.options!.join(', ') : node.type
}

function table(header: string[], rows: string[][]): string[] {
  // A bar inside a cell would end it.
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)]
}
