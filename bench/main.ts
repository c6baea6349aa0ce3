// main.ts: `npm run bench [-- NAME … --json FILE]`, one table of ours against peers
//
// Every claim runs in a process of its own: peers keep global state, and some never let a process end.

import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CannotRun, type Claim, type Comparison } from './claim'
import { openMachine, versions } from './machine'

const CLAIMS: Record<string, () => Promise<{ default: Claim }>> = {
  decode: () => import('./claims/decode'),
  'decode-qwen': () => import('./claims/decode-qwen'),
  batches: () => import('./claims/batches'),
  gguf: () => import('./claims/gguf'),
  training: () => import('./claims/training'),
  block: () => import('./claims/block'),
  fallback: () => import('./claims/fallback'),
  matmul: () => import('./claims/matmul'),
  memory: () => import('./claims/memory'),
  prompts: () => import('./claims/prompts'),
  growth: () => import('./claims/growth'),
  deterministic: () => import('./claims/deterministic'),
  embedded: () => import('./claims/embedded'),
  sandbox: () => import('./claims/sandbox'),
}

/** What a claim's process says to the one that started it. */
type Answer = { row: Comparison } | { problem: string }

/** Set for the process of one claim. */
const CLAIM_VARIABLE = 'TILTLAB_BENCH_CLAIM'
const claim = process.env[CLAIM_VARIABLE]
if (claim === undefined) await runAll()
else await runOne(claim)

async function runAll(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true })
  const unknown = positionals.find((name) => !(name in CLAIMS))
  if (unknown !== undefined) {
    console.error(`There is no benchmark ${unknown}. There are: ${Object.keys(CLAIMS).join(', ')}.`)
    process.exit(1)
  }
  const rows: Comparison[] = []
  const problems: string[] = []
  for (const name of positionals.length ? positionals : Object.keys(CLAIMS)) {
    process.stderr.write(`${name}\n`)
    for (const answer of await inChild(name)) {
      if ('row' in answer) rows.push(answer.row)
      else problems.push(`${name}: ${answer.problem}`)
    }
  }
  console.log(table(rows))
  for (const problem of problems) console.log(`\nNot measured: ${problem}`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`)
}

function inChild(name: string): Promise<Answer[]> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, [CLAIM_VARIABLE]: name } })
    const answers: Answer[] = []
    child.on('message', (message) => answers.push(message as Answer))
    child.on('exit', (code, signal) => {
      if (code !== 0) answers.push({ problem: `its process ended with ${signal ?? code}` })
      resolve(answers)
    })
  })
}

async function runOne(name: string): Promise<void> {
  try {
    const machine = await openMachine()
    const { default: measure } = await CLAIMS[name]()
    for await (const row of measure(machine)) await tell({ row })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await tell({ problem: error instanceof CannotRun ? error.message : text })
  }
  // Dawn and tfjs would keep the process alive.
  process.exit(0)
}

function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => process.send!(answer, () => resolve()))
}

function table(rows: readonly Comparison[]): string {
  const adapters = [...new Set(rows.map(({ adapter }) => adapter))].join('; ')
  const head = ['what', 'unit', 'ours', 'peer', 'against', 'ratio', 'at least']
  const lines = rows.map(({ name, unit, ours, peer, peerName, ratio, atLeast }) => [
    name,
    unit,
    figure(ours),
    peer === null ? '' : figure(peer),
    peerName,
    ratio === null ? '' : `${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)}×`,
    atLeast === null ? '' : ratio === null ? String(atLeast) : `${atLeast}×`,
  ])
  return [
    `Adapter: ${adapters}`,
    `Versions: ${versions()}`,
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => ' --- |').join('')}`,
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
