// structure.ts: reads an answer, which may be more than an expression: lists, points, intervals, sets, matrices, relations
//
// Each level splits the tokens at its own separators outside brackets; what has none is an expression.

import { Undecidable } from './budget'
import { clean, MAX_ANSWER } from './clean'
import { closing, isHedged, Reader } from './expression'
import { call, type Node, type Operator } from './node'
import { tokenise, type Token } from './tokens'

const MAX_ITEMS = 64
const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '<': '<',
  '>': '>',
  '≤': '≤',
  '≥': '≥',
  '≠': '≠',
  le: '≤',
  ge: '≥',
  ne: '≠',
  in: '∈',
  approx: '≈',
  equiv: '=',
}

/**
 * Reads a whole answer.
 *
 * @throws {Undecidable} if it is empty, too long, or has no meaning here
 */
export function readAnswer(answer: string): Node {
  if (answer.length > MAX_ANSWER) throw new Undecidable('too long to compare')
  return read(tokenise(clean(answer)), 0)
}

function read(tokens: readonly Token[], depth: number): Node {
  const groups = split(tokens, ';')
  if (groups.length > 1) return list(groups.map((group) => read(group, depth)))
  const items = split(tokens, ',')
  if (items.length > 1) return list(items.flatMap((item) => itemsOf(readItem(item, depth))))
  if (items.length === 0) throw new Undecidable('empty')
  return readItem(items[0], depth)
}

/** One item of a list; with ± it is two. */
function readItem(tokens: readonly Token[], depth: number): Node {
  if (!tokens.some(isPlusMinus) || isWrapped(tokens)) return readRelation(tokens, depth)
  const [upper, lower] = ['+', '-'].map((plus) => tokens.map((token) => signed(token, plus)))
  return { kind: 'list', items: [readRelation(upper, depth), readRelation(lower, depth)] }
}

function isPlusMinus({ kind, text }: Token): boolean {
  return kind === 'command' && (text === 'pm' || text === 'mp')
}

function signed(token: Token, plus: string): Token {
  if (!isPlusMinus(token)) return token
  const text = (token.text === 'pm') === (plus === '+') ? '+' : '-'
  return { ...token, kind: 'sign', text }
}

function readRelation(tokens: readonly Token[], depth: number): Node {
  const sides: Token[][] = [[]]
  const operators: Operator[] = []
  forOutside(tokens, (token, isOutside) => {
    const operator =
      isOutside && token.kind !== 'word' && Object.hasOwn(OPERATORS, token.text) ? OPERATORS[token.text] : undefined
    if (operator === undefined) sides.at(-1)!.push(token)
    else {
      operators.push(operator)
      sides.push([])
    }
  })
  // "= 5" and "≈ 5" say 5.
  if (operators.length === 1 && sides[0].length === 0 && '=≈'.includes(operators[0])) return readUnion(sides[1], depth)
  if (operators.length === 0) return readUnion(tokens, depth)
  return { kind: 'relation', operators, sides: sides.map((side) => readUnion(side, depth)) }
}

function readUnion(tokens: readonly Token[], depth: number): Node {
  const parts = split(tokens, 'cup')
  if (parts.length > 1) return { kind: 'union', parts: parts.map((part) => readRatio(part, depth)) }
  return readRatio(tokens, depth)
}

function readRatio(tokens: readonly Token[], depth: number): Node {
  const parts = split(tokens, ':')
  if (parts.length > 1) return call('ratio', ...parts.map((part) => readOne(part, depth)))
  return readOne(tokens, depth)
}

function readOne(tokens: readonly Token[], depth: number): Node {
  if (tokens.length === 0) throw new Undecidable('empty')
  const isText = tokens.every(({ kind, text }) => kind === 'word' || kind === 'letter' || '()'.includes(text))
  if (isText && tokens.some(({ kind }) => kind === 'word')) return words(tokens)
  if (tokens[0].text === 'begin' && tokens.at(-2)?.text === 'end') return matrix(tokens.slice(2, -2), depth)
  return isWrapped(tokens) ? bracketed(tokens, depth + 1) : new Reader(tokens, depth, read).all()
}

/** Whether one pair of brackets holds everything. */
function isWrapped(tokens: readonly Token[]): boolean {
  const { kind, text } = tokens[0]
  return kind === 'sign' && ['(', '[', '{', '\\{'].includes(text) && closing(tokens, 0) === tokens.length - 1
}

function words(tokens: readonly Token[]): Node {
  const text = tokens.map((token) => token.text).join(' ')
  if (tokens.length > 1 && isHedged(text)) throw new Undecidable('hedged or negated')
  return { kind: 'text', text }
}

function bracketed(tokens: readonly Token[], depth: number): Node {
  const content = tokens.slice(1, -1)
  const open = tokens[0].text
  if (open === '\\{') return { kind: 'set', items: content.length === 0 ? [] : itemsOf(read(content, depth)) }
  if (open === '{') return read(content, depth)
  const items = split(content, ',')
  if (items.length < 2) return read(content, depth)
  return {
    kind: 'tuple',
    open: open as '(' | '[',
    close: tokens.at(-1)!.text as ')' | ']',
    items: items.map((item) => readItem(item, depth)),
  }
}

function matrix(tokens: readonly Token[], depth: number): Node {
  const rows = split(tokens, '\\\\').map((row) => split(row, '&').map((cell) => readRelation(cell, depth + 1)))
  if (rows.length === 0) throw new Undecidable('empty')
  return { kind: 'matrix', rows }
}

function list(items: Node[]): Node {
  if (items.length === 1) return items[0]
  if (items.length > MAX_ITEMS) throw new Undecidable('too long to compare')
  return { kind: 'list', items }
}

function itemsOf(node: Node): Node[] {
  return node.kind === 'list' ? node.items : [node]
}

/** The tokens between separators that stand outside brackets; empty pieces are left out. */
function split(tokens: readonly Token[], separator: string): Token[][] {
  const pieces: Token[][] = [[]]
  forOutside(tokens, (token, isOutside) => {
    if (isOutside && token.kind !== 'word' && token.text === separator) pieces.push([])
    else pieces.at(-1)!.push(token)
  })
  return pieces.filter((piece) => piece.length > 0)
}

function forOutside(tokens: readonly Token[], visit: (token: Token, isOutside: boolean) => void): void {
  let depth = 0
  for (const token of tokens) {
    const change = token.kind === 'word' ? 0 : bracketChange(token.text)
    if (change < 0) depth--
    visit(token, depth === 0 && change === 0)
    if (change > 0) depth++
  }
}

function bracketChange(text: string): number {
  if (['(', '[', '{', '\\{', 'begin'].includes(text)) return 1
  return [')', ']', '}', '\\}', 'end'].includes(text) ? -1 : 0
}
