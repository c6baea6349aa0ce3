// What a run looks like in a terminal, and that it stays inside the terminal's width.

import { describe, expect, test } from 'vitest'
import { replay } from '../../src/core/run/view'
import { renderRun, secondsLeft } from '../../src/runner/terminal/live'
import { runDisplay } from '../../src/runner/terminal/painter'
import { plainLine } from '../../src/runner/terminal/plain'
import { bytes, decimal, duration, fit, signed, sparkline, table } from '../../src/runner/terminal/text'
import { ended, smallRun } from './events'

const ESCAPE = '\u001b'

/** A stream that keeps what is written to it. */
function recorder(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 80, write: (text: string) => written.push(text), written }
}

describe('text', () => {
  test('numbers carry a true minus sign, and a difference always its sign', () => {
    expect([decimal(-0.175, 2), decimal(-0.001), decimal(NaN), signed(0.2), signed(-0.2), signed(0.001)]).toEqual([
      '−0.17',
      '0.00',
      '–',
      '+0.20',
      '−0.20',
      '0.00',
    ])
  })

  test('times and sizes are short', () => {
    expect([duration(34.4), duration(725), duration(3727)]).toEqual(['0:34', '12:05', '1:02:07'])
    expect([bytes(0), bytes(999), bytes(1_870_000), bytes(64e9)]).toEqual(['0 B', '999 B', '1.9 MB', '64 GB'])
  })

  test('a sparkline runs from the lowest to the highest value, and a constant one is flat', () => {
    expect(sparkline([0, 1, 2], 8)).toBe('▁▅█')
    expect(sparkline([3, 3], 8)).toBe('▁▁')
  })

  test('a line is cut to the width; a table keeps its columns', () => {
    expect(fit('abcdef', 4)).toBe('abc…')
    expect(
      table([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    bb', 'ccc  d'])
  })
})

describe('live view', () => {
  const view = replay(smallRun)

  test('shows the step, the time left, the reward and the evaluation beside the first one', () => {
    expect(renderRun(view, { columns: 100, colour: false }).join('\n')).toMatchSnapshot()
  })

  test('two steps of two seconds each leave four seconds for the other two', () => {
    expect(secondsLeft(view)).toBe(4)
  })

  test('no line is wider than a narrow terminal', () => {
    const lines = renderRun(view, { columns: 30, colour: false })
    expect(Math.max(...lines.map((line) => [...line].length))).toBe(30)
  })

  test('a terminal that does not know its width gets whole lines', () => {
    const stream = { ...recorder(true), columns: 0 }
    const display = runDisplay(stream, {})
    smallRun.forEach(display.show)
    display.close()
    expect(stream.written.join('')).toContain('2 of 4')
  })

  test('a terminal is redrawn in place; NO_COLOR takes the colours and leaves the redrawing', () => {
    const stream = recorder(true)
    const display = runDisplay(stream, { NO_COLOR: '1', TERM: 'xterm' })
    smallRun.forEach(display.show)
    display.close()
    const text = stream.written.join('')
    expect(text).toContain(`${ESCAPE}[J`)
    expect(text).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+m`))
    expect(text.endsWith(`${ESCAPE}[?25h`)).toBe(true)
  })
})

describe('plain lines', () => {
  test('every event but progress is told, the memory with the start', () => {
    expect(
      [...smallRun, ended]
        .map(plainLine)
        .filter((line) => line !== undefined)
        .join('\n'),
    ).toMatchSnapshot()
  })

  test.each([
    ['a pipe', false, {}],
    ['a dumb terminal', true, { TERM: 'dumb' }],
  ])('%s gets lines without control characters', (_, isTTY, environment) => {
    const stream = recorder(isTTY)
    const display = runDisplay(stream, environment)
    smallRun.forEach(display.show)
    display.close()
    expect(stream.written.join('')).not.toContain(ESCAPE)
    expect(stream.written).toHaveLength(smallRun.length - 1)
  })
})
