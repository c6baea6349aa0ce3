import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf, estimateOf, lineOf, scalesOf, wordsOf } from '../../../src/app/talk/text'

test('paragraphs, points, equations and tables are told apart', () => {
  const blocks = blocksOf('One\nline.\n\n- a\n- $b$\n\n$$x^2$$\n$$y$$\n\n| A | B |\n| 1 | +0.10 [0.01, 0.18] |')
  expect(blocks.map(({ kind }) => kind)).toEqual(['paragraph', 'list', 'equation', 'equation', 'table'])
  expect(blocks[0]).toEqual({ kind: 'paragraph', line: [{ kind: 'plain', text: 'One line.' }] })
  expect(blocks[1]).toMatchObject({ lines: [[{ text: 'a' }], [{ kind: 'maths', text: 'b' }]] })
  expect(blocks[2]).toEqual({ kind: 'equation', tex: 'x^2' })
  expect(blocks[4]).toMatchObject({ head: [{}, {}], rows: [[{ estimate: null }, { estimate: { mean: 0.1 } }]] })
})

test('a line of strong words and mathematics; marks that are not closed stand for themselves', () => {
  expect(lineOf('a **b** $c$ d')).toEqual([
    { kind: 'plain', text: 'a ' },
    { kind: 'strong', text: 'b' },
    { kind: 'plain', text: ' ' },
    { kind: 'maths', text: 'c' },
    { kind: 'plain', text: ' d' },
  ])
  expect(wordsOf('costs 5 $ and **more')).toBe('costs 5 $ and **more')
  expect(lineOf('<b>&amp;</b>')).toEqual([{ kind: 'plain', text: '<b>&amp;</b>' }])
})

test('estimates are read as reports write them, and nothing else is one', () => {
  expect(estimateOf('−0.07 [−0.17, 0.03]')).toEqual({ mean: -0.07, low: -0.17, high: 0.03 })
  expect(estimateOf('42 % [38, 47]')).toEqual({ mean: 42, low: 38, high: 47 })
  expect(estimateOf('±0.00 [−0.01, 0.00]')).toEqual({ mean: 0, low: -0.01, high: 0 })
  for (const text of ['0.24', '0.24 nats', '1 [2, 3]', '1 [0; 2]', '']) expect(estimateOf(text)).toBeNull()
})

test('a column is drawn on one scale that holds 0 and every interval', () => {
  const [table] = blocksOf('| A | B |\n| x | 2 [1, 3] |\n| y | −1 [−4, 0] |\n| z |')
  if (table.kind !== 'table') throw new Error('no table')
  expect(scalesOf(table.rows)).toEqual([null, { low: -4, high: 3 }])
})

test('any text has some reading that loses no letter', () => {
  const letters = (text: string) => text.replace(/[\s|*$-]/g, '')
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '- ', '|', '$', '**', '\n', ' ', '$$', '<i>')), (parts) => {
      const text = parts.join('')
      const said = blocksOf(text).flatMap((block): readonly { text: string }[] => {
        if (block.kind === 'paragraph') return block.line
        if (block.kind === 'list') return block.lines.flat()
        if (block.kind === 'equation') return [{ text: block.tex }]
        return [block.head, ...block.rows].flatMap((row) => row.flatMap(({ line }) => line))
      })
      expect(letters(said.map((piece) => piece.text).join(''))).toBe(letters(text))
    }),
  )
})
