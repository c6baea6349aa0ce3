// shader.ts: WGSL text of one kernel from its files
//
// WGSL has no includes and no loops over literals. A kernel is some files of kernels/ one after the other (declarations may
// come in any order) behind its constants, and three directives in comments, so that the files stay WGSL for an editor:
//
//   //@unroll ROW 4          the lines up to //@end, four times, with ROW replaced by 0u … 3u
//   //@if BIAS               the lines up to //@else or //@end only if the constant BIAS is true (or not 0)
//
// Both nest, and a count may be the name of a constant.

import common from './kernels/common.wgsl?raw'

/** A kernel's files and what sets this variant of it apart. */
export interface ShaderSource {
  /** Name for profiles and errors. */
  label: string
  /** Texts of the .wgsl files, helpers first. */
  files: readonly string[]
  /** Becomes `const NAME = value;`. Integers are u32. */
  constants: Readonly<Record<string, number | boolean>>
  /** Uses subgroup operations. */
  subgroups?: boolean
}

/** The complete WGSL text. @throws {Error} for a directive that is malformed or has no end */
export function shaderText({ files, constants, subgroups = false }: ShaderSource): string {
  const declared = Object.entries(constants).map(([name, value]) => `const ${name} = ${literal(value)};`)
  const lines = [...files, common].join('\n').split('\n')
  return [...(subgroups ? ['enable subgroups;'] : []), ...declared, ...expand(lines, constants)].join('\n')
}

function literal(value: number | boolean): string {
  if (typeof value === 'boolean') return String(value)
  return Number.isInteger(value) && value >= 0 ? `${value}u` : `f32(${value})`
}

const DIRECTIVE = /^\s*\/\/@(unroll|if|else|end)\b\s*(\w*)\s*(\w*)/

function expand(lines: readonly string[], constants: ShaderSource['constants']): string[] {
  const out: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, directive, name, count] = DIRECTIVE.exec(lines[at]) ?? []
    if (!directive) {
      out.push(lines[at])
      continue
    }
    const { middle, end } = blockEnd(lines, at)
    if (directive === 'unroll') {
      const body = lines.slice(at + 1, end)
      const word = new RegExp(`\\b${name}\\b`, 'g')
      const times = /^\d+$/.test(count) ? Number(count) : Number(constantOf(constants, count))
      for (let i = 0; i < times; i++) {
        out.push(
          ...expand(
            body.map((line) => line.replace(word, `${i}u`)),
            constants,
          ),
        )
      }
    } else {
      const taken = constantOf(constants, name)
        ? lines.slice(at + 1, middle ?? end)
        : lines.slice((middle ?? end) + (middle ? 1 : 0), end)
      out.push(...expand(taken, constants))
    }
    at = end
  }
  return out
}

function constantOf(constants: ShaderSource['constants'], name: string): number | boolean {
  if (!(name in constants))
    throw new Error(`WGSL directive names ${name || 'nothing'}, which is not a constant of this kernel`)
  return constants[name]
}

/** Index of the //@end (and of a //@else) that belongs to the directive at `start`. */
function blockEnd(lines: readonly string[], start: number): { middle?: number; end: number } {
  let depth = 0
  let middle: number | undefined
  for (let at = start; at < lines.length; at++) {
    const directive = DIRECTIVE.exec(lines[at])?.[1]
    if (directive === 'unroll' || directive === 'if') depth++
    if (directive === 'else' && depth === 1) middle = at
    if (directive === 'end' && --depth === 0) return { ...(middle !== undefined && { middle }), end: at }
  }
  throw new Error(`WGSL directive without an end: ${lines[start].trim()}`)
}
