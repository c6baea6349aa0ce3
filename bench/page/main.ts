// main.ts: `npm run bench:page [-- NAME … --minutes N --json FILE]`, what the built page costs a browser
//
// Chromium opens dist/page from the runner's own server. docs/page.md says how each figure comes about.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pageFolder } from '../../src/runner/package'
import { chart } from './chart'
import { table, type Measure, type Measured } from './measure'
import { memory } from './memory'
import { opening } from './opening'
import { streaming } from './streaming'

const MEASURES: Record<string, Measure> = { opening, streaming, chart, memory }

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    minutes: { type: 'string', default: '2' },
    page: { type: 'string', default: pageFolder },
  },
  allowPositionals: true,
})
const unknown = positionals.find((name) => !(name in MEASURES))
if (unknown !== undefined) fail(`There is no measure ${unknown}. There are: ${Object.keys(MEASURES).join(', ')}.`)
const minutes = Number(values.minutes)
if (!(minutes > 0)) fail(`--minutes: expected a number above 0, got “${values.minutes}”.`)

const rows: Measured[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(MEASURES)) {
  console.error(name)
  for await (const row of MEASURES[name]({ pageFolder: values.page, minutes })) {
    console.error(`  ${row.name}: ${row.value.toPrecision(4)} ${row.unit}`)
    rows.push(row)
  }
}
console.log(table(rows))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`)

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
