// What a report looks like as files: numbers with every digit, text that cannot get out, axes that tell the truth

import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { placeAxis, seen } from '../../../../src/lab/experiments/report/axis'
import { csv } from '../../../../src/lab/experiments/report/csv'
import { drawReport } from '../../../../src/lab/experiments/report/draw'
import { drawFigure, figureMarkup } from '../../../../src/lab/experiments/report/figure'
import { escaped, markup } from '../../../../src/lab/experiments/report/markup'
import type { Figure, Report, Table } from '../../../../src/lab/experiments/report/report'
import { figureTable, flatTable, pText, valueText } from '../../../../src/lab/experiments/report/values'
import { experiment, HOSTILE, meta, report, results } from './example'

const files = drawReport(experiment, results, report, meta)
const html = files.get('report.html')!

describe('values', () => {
  const estimate = { mean: 0.0412345, low: -0.02, high: 0.1, n: 90 }
  test.each([
    [estimate, { format: 2, signed: true }, { main: '+0.04', interval: '[−0.02, 0.10]' }],
    [estimate, { format: 'share' }, { main: '4.1 %', interval: '[−2.0, 10.0]' }],
    [{ ...estimate, low: NaN, high: NaN }, { format: 1 }, { main: '0.0', interval: '[unknown]' }],
    [{ ...estimate, mean: NaN }, {}, { main: '–', interval: '' }],
    [1e-5, { format: 'p' }, { main: '< 0.0001', interval: '' }],
    [155648, { format: 'count' }, { main: '155,648', interval: '' }],
    [true, {}, { main: 'yes', interval: '' }],
    [null, { format: 2 }, { main: '–', interval: '' }],
  ] as const)('%j as %j', (value, column, text) => {
    expect(valueText(value, column)).toEqual(text)
  })
  test('no p-value is 0', () => {
    expect([0, 0.00012, 0.0333, 0.5, 1, NaN].map(pText)).toEqual(['< 0.0001', '0.0001', '0.033', '0.50', '1.00', '–'])
  })
})

describe('CSV', () => {
  test('is read back as it was by another reader, whatever the text', () => {
    const awkward = ['a,b', 'say "no"', 'two\r\nlines', ' spaces ', '', HOSTILE]
    const text = csv({ head: ['x', 'y'], rows: awkward.map((each, i) => [each, i / 3]) })
    expect(parse(text, { record_delimiter: '\r\n' })).toEqual([
      ['x', 'y'],
      ...awkward.map((each, i) => [each, String(i / 3)]),
    ])
  })
  test('estimates take four columns, and a column that has none takes one', () => {
    const table: Table = {
      kind: 'table',
      name: 't',
      title: 'T',
      columns: [
        { key: 'arm', label: 'Arm' },
        { key: 'harm', label: 'Harm' },
      ],
      rows: [
        { cells: { arm: 'Base', harm: { mean: 1 / 3, low: NaN, high: Infinity, n: 2 } }, from: ['runs/a', 'runs/b'] },
        { cells: { arm: 'Paper', harm: '≈ 1.5' }, stated: true },
      ],
    }
    expect(csv(flatTable(table))).toBe(
      'Arm,Harm,Harm low,Harm high,Harm n,stated,from\r\n' +
        'Base,0.3333333333333333,,Infinity,2,false,runs/a runs/b\r\n' +
        'Paper,≈ 1.5,,,,true,\r\n',
    )
  })
  test('every table and figure has one, with as many rows', () => {
    for (const { blocks } of report.sections)
      for (const block of blocks) {
        if (block.kind !== 'table' && block.kind !== 'figure') continue
        const rows = parse(files.get(`${block.name}.csv`)!, { columns: true, record_delimiter: '\r\n' })
        const flat = block.kind === 'table' ? flatTable(block) : figureTable(block)
        expect(rows).toHaveLength(flat.rows.length)
      }
  })
  test('two tables of one name are two files', () => {
    const [table] = report.sections[1].blocks
    const twice: Report = { ...report, sections: [{ title: 'Twice', blocks: [table, table] }] }
    expect([...drawReport(experiment, results, twice, meta).keys()]).toEqual([
      'report.html',
      'report.json',
      'harm.csv',
      'harm-2.csv',
    ])
  })
})

describe('HTML', () => {
  test('escapes whatever is put into it, and shows what nobody could see', () => {
    expect(escaped(`<a href="x" on='y'>&`)).toBe('&lt;a href=&quot;x&quot; on=&#39;y&#39;&gt;&amp;')
    expect(escaped('a\u202eb\u0000c\ud800d😀\n\t')).toBe('a\\u202eb\\u0000c\\ud800d😀\n\t')
    expect(markup`<p>${['<', markup`<b>`]}${null}${3}</p>`.text).toBe('<p>&lt;<b>3</p>')
  })
  test('holds no tag that a completion wrote', () => {
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toMatch(/<script|<img/)
    expect(html).not.toMatch(/ on\w+="/)
    expect(html).toContain("default-src 'none'")
  })
  test('keeps answers to harmful requests behind closed lids', () => {
    const lids = html
      .split('<details class="sample">')
      .slice(1)
      .map((rest) => rest.split('</details>')[0])
    expect(lids).toHaveLength(4)
    expect(html.replaceAll(/<details class="sample">[^]*?<\/details>/g, '')).not.toContain('Do harm 0!')
    expect(lids[0]).toContain('Do harm 0!')
    expect(html).not.toContain('<details open')
  })
  test('says the verdict and what would change it before anything else', () => {
    const [verdict, section] = [report.verdict.sentence, report.sections[0].title]
    expect(html.indexOf(verdict)).toBeGreaterThan(0)
    expect(html.indexOf(verdict)).toBeLessThan(html.indexOf(`>${section}</h2>`))
    expect(html).toContain(`What would change it: ${report.verdict.change}`)
  })
  test('traces every row to runs in the last table', () => {
    const ids = new Set([...html.matchAll(/ id="(run-\d+)"/g)].map(([, id]) => id))
    const links = [...html.matchAll(/ href="#(run-\d+)"/g)].map(([, id]) => id)
    expect(ids.size).toBe(18)
    expect(links.length).toBeGreaterThan(30)
    for (const link of links) expect(ids).toContain(link)
    expect(html).toContain('runs/sft-sure-s2')
  })
  test('has every id once', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
  test('fetches nothing', () => {
    expect(
      [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, url]) => url).filter((url) => !/^(#|data:,$)/.test(url)),
    ).toEqual([])
  })
})

describe('JSON', () => {
  test('holds the report and the runs, with numbers that JSON cannot write as words', () => {
    const document = JSON.parse(files.get('report.json')!) as Record<string, unknown>
    expect(document).toMatchObject({ format: 'tiltlab-report', version: 1, meta, verdict: report.verdict })
    expect((document.runs as { path: string }[])[17].path).toBe('runs/sft-sure-matched-s2')
    const unbounded: Table = {
      kind: 'table',
      name: 't',
      title: 'T',
      columns: [{ key: 'x', label: 'x' }],
      rows: [{ cells: { x: { mean: 1, low: NaN, high: Infinity, n: 2 } } }],
    }
    const short = { ...report, sections: [{ title: 'T', blocks: [unbounded] }] }
    const text = drawReport(experiment, results, short, meta).get('report.json')!
    expect(text).toContain('"high": "Infinity"')
    expect(text).toContain('"low": "NaN"')
  })
})

describe('axes', () => {
  const ranges = [0, 400] as const
  test('a log axis keeps zeros in a slot of their own, behind a break, and has no place for what is below', () => {
    const axis = placeAxis({ label: 'β', scale: 'log' }, [0, 1e-5, 1], ranges)
    expect(axis.place(0)).toBeLessThan(axis.broken!)
    expect(axis.broken!).toBeLessThan(axis.place(1e-5)!)
    expect(axis.place(-1)).toBeNull()
    expect(axis.ticks[0]).toMatchObject({ label: '0', at: axis.place(0) })
    expect(axis.place(1e-3)! - axis.place(1e-4)!).toBeCloseTo(axis.place(1)! - axis.place(0.1)!, 9)
  })
  test('without zeros it has no break, and zero has no place', () => {
    const axis = placeAxis({ label: 'β', scale: 'log' }, [1e-5, 1], ranges)
    expect(axis).toMatchObject({ broken: null })
    expect(axis.place(0)).toBeNull()
  })
  test('within a decade it is labelled between the powers', () => {
    const { ticks } = placeAxis({ label: 'x', scale: 'log' }, [2, 9], ranges)
    expect(ticks.map(({ label }) => label)).toEqual(['2', '5'])
  })
  test('a single value, or none, is no division by zero', () => {
    expect(placeAxis({ label: 'x' }, [3], ranges).place(3)).toBeCloseTo(200, 9)
    expect(Number.isFinite(placeAxis({ label: 'x' }, [], ranges).place(0))).toBe(true)
  })
  test('one huge interval does not flatten the rest', () => {
    expect(Math.max(...seen([0, 1], [-100, 100, NaN]))).toBe(2.5)
  })
})

describe('figures', () => {
  const empty: Figure[] = [
    { kind: 'scatter', x: { label: 'x' }, y: { label: 'y' }, points: [] },
    { kind: 'lines', x: { label: 'x' }, y: { label: 'y' }, series: [] },
    { kind: 'forest', x: { label: 'x' }, rows: [] },
    { kind: 'histogram', x: { label: 'x' }, edges: [0, 1], series: [] },
    {
      kind: 'forest',
      x: { label: 'x' },
      rows: [{ label: 'one', estimate: { mean: 1, low: NaN, high: NaN, n: 1 } }],
    },
    {
      kind: 'scatter',
      x: { label: 'x', scale: 'log' },
      y: { label: 'y', scale: 'log' },
      points: [{ x: 0, y: 0, group: 'g' }],
      diagonal: true,
    },
  ]
  const all = [
    ...empty,
    ...report.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'figure' ? [block.figure] : [])),
    ),
  ]

  test.each(all.map((figure, i) => [`${figure.kind} ${i}`, figure] as const))(
    '%s has no place that is no number',
    (_, figure) => {
      for (const width of [320, 860]) {
        const { content, height } = drawFigure(figure, width)
        expect(content.text).not.toMatch(/NaN|Infinity|undefined|null/)
        expect(height).toBeGreaterThan(0)
      }
    },
  )
  test('an interval that goes on beyond the axis ends in an arrow', () => {
    const forest = (high: number): Figure => ({
      kind: 'forest',
      x: { label: 'x' },
      rows: [
        { label: 'a', estimate: { mean: 0, low: -0.1, high: 0.1, n: 9 } },
        { label: 'b', estimate: { mean: 1, low: 0.9, high, n: 9 } },
      ],
    })
    const arrows = (figure: Figure) =>
      drawFigure(figure, 860).content.text.match(/Z" fill="var\(--policy\)"\/>/g)?.length ?? 0
    expect(arrows(forest(100)) - arrows(forest(1.1))).toBe(1)
  })
  test('a line does not cross the break of a log axis', () => {
    const lines = drawFigure(
      {
        kind: 'lines',
        x: { label: 'β', scale: 'log' },
        y: { label: 'y' },
        series: [{ label: 's', points: [0, 0.1, 1].map((x) => ({ x, y: x })) }],
      },
      860,
    ).content.text
    const [, path] = /class="line" d="([^"]*)"/.exec(lines)!
    expect(path.match(/[ML]/g)).toEqual(['M', 'L'])
  })
  test('a figure is named, described and given in numbers', () => {
    const block = report.sections[1].blocks.find((each) => each.kind === 'figure')!
    const { text } = figureMarkup(block, 'f')
    expect(text.match(/role="img"/g)).toHaveLength(2)
    expect(text).toContain(`<title id="f-wide-title">${block.title}</title>`)
    expect(text).toContain('<summary>Numbers</summary>')
  })
})
