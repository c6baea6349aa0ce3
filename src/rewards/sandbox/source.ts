// source.ts: from a person's TypeScript to what QuickJS runs, and back from its positions to theirs
//
// Types are removed, never checked. Lines stay where they are; columns move to the left behind every removed type, so
// the source map is kept to put an error under the character that the person sees.

import { transform } from 'sucrase'
import { RewardSourceError, type RewardProgram } from './contract'

export interface Position {
  line: number
  column: number
}

/** JavaScript, and where its characters come from. */
export interface CompiledSource {
  code: string
  /** What QuickJS calls it in its stacks: nothing that a message would contain by chance. */
  file: string
  /** The place in the person's source of a place in the code; both count from 1. */
  original(position: Position): Position
}

/** A reward is a page or two; a program of this size is data that belongs in columns. */
const LARGEST_SOURCE_CHARACTERS = 1_000_000

/**
 * Removes the types.
 *
 * @throws {RewardSourceError} if the source does not parse
 */
export function compileSource({ name, source }: RewardProgram): CompiledSource {
  if (source.length > LARGEST_SOURCE_CHARACTERS) {
    throw new RewardSourceError(
      name,
      'syntax',
      `has ${source.length.toLocaleString('en')} characters; at most ${LARGEST_SOURCE_CHARACTERS.toLocaleString('en')} are read. Put tables into a column of the data.`,
    )
  }
  if (/\.m?js$/.test(name)) return { code: source, file: FILE, original: (position) => position }
  const { code, sourceMap } = stripTypes(name, source)
  const segments = decodeMappings(sourceMap!.mappings)
  return { code, file: FILE, original: (position) => originalPosition(segments, position) }
}
const FILE = '<reward>'

/** The innermost place of the person's own source in a stack of QuickJS. */
export function stackPosition(stack: string, source: CompiledSource): Position | undefined {
  const [, line, column] = /<reward>:(\d+):(\d+)/.exec(stack) ?? []
  return line === undefined ? undefined : source.original({ line: Number(line), column: Number(column) })
}

function stripTypes(name: string, source: string) {
  try {
    return transform(source, {
      transforms: ['typescript'],
      disableESTransforms: true,
      // An import that is never used would vanish instead of being refused.
      keepUnusedImports: true,
      filePath: name,
      sourceMapOptions: { compiledFilename: name },
    })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { loc } = error as { loc?: Position }
    const problem = error.message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')
    throw new RewardSourceError(name, 'syntax', `${problem}.`, loc && { line: loc.line, column: loc.column })
  }
}

/** One stretch of a line of code: where it starts, and where its first character comes from; all from 0. */
interface Segment {
  column: number
  sourceLine: number
  sourceColumn: number
}

/** The last segment at or before the position; within it, characters stand as far apart as in the source. */
function originalPosition(lines: readonly Segment[][], { line, column }: Position): Position {
  const segment = lines[line - 1]?.findLast((each) => each.column <= column - 1)
  if (!segment) return { line, column }
  return { line: segment.sourceLine + 1, column: segment.sourceColumn + (column - 1 - segment.column) + 1 }
}

/** The `mappings` of a source map with one source: lines by `;`, segments by `,`, four differences each. */
function decodeMappings(mappings: string): Segment[][] {
  let sourceLine = 0
  let sourceColumn = 0
  return mappings.split(';').map((line) => {
    let column = 0
    return line
      .split(',')
      .filter(Boolean)
      .map((text) => {
        const [columns, , sourceLines, sourceColumns] = decodeNumbers(text)
        column += columns
        sourceLine += sourceLines
        sourceColumn += sourceColumns
        return { column, sourceLine, sourceColumn }
      })
  })
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Numbers in base 64: five bits a digit, lowest first, the sixth says that more follow; the lowest bit is the sign. */
function decodeNumbers(text: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const character of text) {
    const digit = DIGITS.indexOf(character)
    value += (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = 0
    shift = 0
  }
  return numbers
}
