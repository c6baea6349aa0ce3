// The talk that comes with the page is held to what was measured: it says nothing that the full runs do not.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromHash } from '../../../src/app/state/address'
import { builtIn } from '../../../src/app/talk/built-in'
import { readTalk, writeTalk } from '../../../src/app/talk/talk'
import { blocksOf, lineOf, type Line } from '../../../src/app/talk/text'
import { mathml } from '../../../src/app/maths/typeset'

const documented = readFileSync('docs/experiments.md', 'utf8')
const recorded = JSON.parse(readFileSync('public/runs/index.json', 'utf8')) as { recordings: { preset: string }[] }

const linesOf = (text: string): Line[] =>
  blocksOf(text).flatMap((block) => {
    if (block.kind === 'paragraph') return [block.line]
    if (block.kind === 'list') return block.lines
    return block.kind === 'table' ? [block.head, ...block.rows].flatMap((row) => row.map(({ line }) => line)) : []
  })

test('it has twelve scenes, is a file like any other, and fits its own limits', () => {
  expect(builtIn.scenes).toHaveLength(12)
  expect(readTalk(writeTalk(builtIn))).toEqual(builtIn)
})

describe.each(builtIn.scenes.map((scene, index) => [index + 1, scene] as const))('scene %i', (_, scene) => {
  test('has something to say, and notes for whoever says it', () => {
    expect(scene.text.length).toBeGreaterThan(100)
    expect(scene.notes.length).toBeGreaterThan(100)
    // What is read from the last row is short.
    expect(scene.text.replace(/^\|.*$/gm, '').length).toBeLessThan(620)
  })

  test('shows a view that its address means fully, with a recording where it may fail', () => {
    if (scene.show === '') return
    const { problems, view, config } = fromHash(scene.show)
    expect(problems).toEqual([])
    if (view !== 'train') return
    expect(scene.recording).toBe(config.preset)
    expect(recorded.recordings.map(({ preset }) => preset)).toContain(scene.recording)
  })

  test('every estimate in it stands in the report of a full run', () => {
    for (const [estimate] of scene.text.matchAll(/[+−±]?\d+(?:\.\d+)?(?: %)? \[[^\]]+\]/g))
      expect(documented.includes(` ${estimate} `), `docs/experiments.md holds ${estimate}`).toBe(true)
  })

  test('its mathematics can be typeset', () => {
    const equations = blocksOf(scene.text).flatMap((block) => (block.kind === 'equation' ? [block.tex] : []))
    const inline = [...linesOf(scene.text), ...linesOf(scene.notes), lineOf(scene.title)].flatMap((line) =>
      line.flatMap(({ kind, text }) => (kind === 'maths' ? [text] : [])),
    )
    for (const tex of [...equations, ...inline]) expect(mathml(tex)).toContain('<math')
  })
})

test('what it says of the experiments in words is what their reports say', () => {
  const said = builtIn.scenes.map(({ text, notes }) => `${text} ${notes}`).join(' ')
  const reported = documented.replace(/\s+/g, ' ')
  const pairs: [string, string][] = [
    ['over-refusal: +77 points', 'over-refusal, +77 points'],
    ['no bound is exceeded in 3,200 tilts', 'No bound is exceeded in 3,200 tilts'],
    ['19 % of √χ²', '19 % of √χ²'],
    ['predicted drift explains 58 % of the measured', 'predicted drift explains 58 % of the measured'],
    ['keep 36 to 40 of 41 points', 'keep 36 to 40 of the 41 points'],
    ['8 of 100 answers still reflect, where 45 did', '45 % of answers before, 8 % and fewer after'],
    ['the penalty costs 16 points', 'the penalty now costs 16 points'],
    ['Harm alone as reward loses 4 points', 'harm alone, which loses 4 points'],
  ]
  for (const [ours, theirs] of pairs) {
    expect(said).toContain(ours)
    expect(reported.includes(theirs), `docs/experiments.md says “${theirs}”`).toBe(true)
  }
})
