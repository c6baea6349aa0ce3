// lighthouse.ts: `npm run bench:lighthouse [-- VIEW … --desktop --json FILE]`, what Lighthouse thinks of each view
//
// Lighthouse is fetched when it is asked for: as a dependency it would bring a hundred packages. 12 is the last version
// for Node 20. It opens the built page from the runner's own server, as a phone on a slow line unless --desktop is given.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify, parseArgs } from 'node:util'
import { ADDRESS_VERSION } from '../../src/app/state/address'
import { views } from '../../src/app/state/settings'
import { pageFolder } from '../../src/runner/package'
import { servePage } from './served'

const LIGHTHOUSE = 'lighthouse@12'
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const
const GOAL = 95

/** What is used of Lighthouse's report. */
interface Report {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>
  audits: Record<string, { score: number | null; title: string; displayValue?: string }>
  runtimeError?: { message: string }
}

const { values, positionals } = parseArgs({
  options: {
    desktop: { type: 'boolean', default: false },
    json: { type: 'string' },
    page: { type: 'string', default: pageFolder },
  },
  allowPositionals: true,
})
const names = positionals.length > 0 ? positionals : Object.keys(views)
const unknown = names.find((name) => !(name in views))
if (unknown !== undefined) {
  console.error(`There is no view ${unknown}. There are: ${Object.keys(views).join(', ')}.`)
  process.exit(1)
}

const server = await servePage(values.page)
const reports: Record<string, Report> = {}
console.log(`| view | ${CATEGORIES.join(' | ')} |\n|${' --- |'.repeat(CATEGORIES.length + 1)}`)
try {
  for (const name of names) {
    const report = await examine(`${server.address}/#v=${ADDRESS_VERSION}&view=${name}`)
    reports[name] = report
    const scores = CATEGORIES.map((category) => Math.round(100 * (report.categories[category].score ?? 0)))
    console.log(`| ${name} | ${scores.map((score) => `${score}${score < GOAL ? ' (missed)' : ''}`).join(' | ')} |`)
    CATEGORIES.filter((_, i) => scores[i] < GOAL).forEach((category) => explain(report, category))
  }
} finally {
  await server.close()
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(reports))

async function examine(url: string): Promise<Report> {
  const { stdout } = await promisify(execFile)(
    'npx',
    [
      ...['--yes', LIGHTHOUSE, url, '--quiet', '--output=json', '--output-path=stdout'],
      `--only-categories=${CATEGORIES.join(',')}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-quic --enable-unsafe-webgpu',
      ...(values.desktop ? ['--preset=desktop'] : []),
    ],
    { maxBuffer: 256e6 },
  )
  const report = JSON.parse(stdout) as Report
  if (report.runtimeError) throw new Error(`Lighthouse could not examine ${url}: ${report.runtimeError.message}`)
  return report
}

/** What cost a category its points, on the side of the table. */
function explain({ categories, audits }: Report, category: string): void {
  for (const { id, weight } of categories[category].auditRefs) {
    const { score, title, displayValue = '' } = audits[id]
    if (weight > 0 && score !== null && score < 0.95) console.error(`  ${id}: ${score} ${title} ${displayValue}`)
  }
}
