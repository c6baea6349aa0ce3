// test.mjs: `npm test`, everything from the tools that tests need to one line of result
//
// First the units, with the coverage of core; then the browser and, at the same time, runs, kernels and parity: they take about
// as long, and either of the two waits for one core. The suites of an hour (vitest.config.ts) are left out. Arguments are
// passed on to vitest and replace that plan: `npm test -- --project units`.
// With CI set, anything missing is a failure. Without it, the parts that cannot run are named and left out.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { prepare } from './prepare.mjs'

const strict = Boolean(process.env.CI)
const { env, missing } = prepare()
for (const sentence of missing) console.error(sentence)
if (missing.length && strict) fail('CI is set, so what is missing is a failure.')

const environment = { ...process.env, ...env }
if ((await run('vite', ['build', '--logLevel', 'warn'])) !== 0) fail('The page could not be built.')
if ((await run('vite', ['build', '--mode', 'node', '--logLevel', 'warn'])) !== 0)
  fail('The command line could not be built.')

const asked = process.argv.slice(2)
const plan = asked.length
  ? [[asked]]
  : [
      [['--project', 'units', '--coverage']],
      [
        projects('runs', 'parity', ...(env.VK_ICD_FILENAMES ? ['webgpu'] : [])),
        ...(env.CHROME_PATH ? [projects('e2e')] : []),
      ],
    ]
const total = { passed: 0, failed: 0, skipped: 0 }
for (const lanes of plan) await Promise.all(lanes.map(vitest))

if (strict && total.skipped) fail(`${total.skipped} tests were skipped. CI is set, so a skip is a failure.`)
for (const sentence of missing) console.log(`Not run: ${sentence}`)
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped (see above)` : ''}`,
)
process.exit(total.failed ? 1 : 0)

/** Runs one lane of the tests and adds to the total. A lane that fails without a failed test counts as one. */
async function vitest(words, lane) {
  const report = `test-results/vitest-${lane}.json`
  mkdirSync('test-results', { recursive: true })
  rmSync(report, { force: true })
  const status = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...words,
  ])
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = result
  total.passed += numPassedTests
  total.failed += numFailedTests || (status === 0 ? 0 : 1)
  total.skipped += numPendingTests
}

function projects(...names) {
  return names.flatMap((name) => ['--project', name])
}

/** The exit status of a command whose words are shown as they come. */
function run(command, words) {
  const child = spawn('npx', ['--no-install', command, ...words], { stdio: 'inherit', env: environment })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? 1))
  })
}

function fail(sentence) {
  console.error(sentence)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
