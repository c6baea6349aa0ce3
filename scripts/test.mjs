// test.mjs: `npm test`, everything from the tools that tests need to one line of result
//
// Arguments are passed on to vitest: `npm test -- --project units`.
// With CI set, anything missing is a failure. Without it, the parts that cannot run are named and left out.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { prepare } from './prepare.mjs'

const strict = Boolean(process.env.CI)
const { env, missing } = prepare()
for (const sentence of missing) console.error(sentence)
if (missing.length && strict) fail('CI is set, so what is missing is a failure.')

const environment = { ...process.env, ...env }
run('vite', ['build', '--logLevel', 'warn'])
run('vite', ['build', '--mode', 'node', '--logLevel', 'warn'])

const report = 'test-results/vitest.json'
mkdirSync('test-results', { recursive: true })
rmSync(report, { force: true })
const status = run(
  'vitest',
  [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...leftOut(),
    ...process.argv.slice(2),
  ],
  { mayFail: true },
)
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
if (numPendingTests && strict) fail(`${numPendingTests} tests were skipped. CI is set, so a skip is a failure.`)
for (const sentence of missing) console.log(`Not run: ${sentence}`)
console.log(
  `${numPassedTests} passed, ${numFailedTests} failed${numPendingTests ? `, ${numPendingTests} skipped` : ''}`,
)
process.exit(status)

/** Projects that cannot run here, as vitest arguments. */
function leftOut() {
  return missing.length && !env.CHROME_PATH ? ['--project', '!e2e'] : []
}

function run(command, words, { mayFail = false } = {}) {
  const { status, error } = spawnSync('npx', ['--no-install', command, ...words], {
    stdio: 'inherit',
    env: environment,
  })
  if (error) throw error
  if (status !== 0 && !mayFail) fail(`${command} ${words.join(' ')} failed.`)
  return status ?? 1
}

function fail(sentence) {
  console.error(sentence)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
