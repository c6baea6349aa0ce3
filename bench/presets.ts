// presets.ts: what the named runs do to the embedded models, as rows of docs/embedded-results.md
//
//   npm run bench:presets [-- name …]
//
// Each run is the real one, with the reference engine in this process. A row is printed when its run ends; the exit code
// is 1 if a run left the bounds that core/run/presets.ts expects of it.

import { safetyOf, type Estimate, type Evaluation, type RunEvent, type SafetyEvaluation } from '../src/core/run/events'
import { unmet } from '../src/core/run/expectation'
import { findRunPreset } from '../src/core/run/presets'
import { createSession } from '../src/lab/session'
import { loadModel } from '../src/runner/load'
import { dataSource } from '../src/runner/models'
import { modelsFolder, packageVersion } from '../src/runner/package'

const EXPERIMENTS = [
  ...['rlvr', 'reinforce++', 'sft', 'sft-own', 'sft-result', 'sft-prose', 'sft-terse'],
  ...['entangled', 'entangled-kl', 'safety', 'ci'],
]

const names = process.argv.slice(2)
let failures = 0
console.log(tableHead())
for (const name of names.length > 0 ? names : EXPERIMENTS) {
  const startedMs = performance.now()
  const events = await trainPreset(name)
  const evaluations = events.flatMap((event) => (event.type === 'evaluation' ? [event.evaluation] : []))
  const [before, after] = [evaluations[0], evaluations[evaluations.length - 1]]
  console.log(row(name, before, after, (performance.now() - startedMs) / 1000))
  for (const problem of unmet(findRunPreset(name).expected, before, after)) {
    console.error(`${name}: ${problem}`)
    failures++
  }
}
process.exitCode = failures > 0 ? 1 : 0

async function trainPreset(name: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  const session = createSession({
    loadModel,
    data: dataSource,
    modelsPath: modelsFolder,
    emit: (event) => void events.push(event),
    identity: { version: packageVersion, platform: `node ${process.versions.node}` },
  })
  session.send({ type: 'start', config: findRunPreset(name).config, paused: false })
  await session.idle()
  await session.dispose()
  const end = events[events.length - 1]
  if (end.type !== 'ended' || end.reason !== 'completed') throw new Error(`${name}: ${JSON.stringify(end)}`)
  return events
}

function tableHead(): string {
  const cells = [
    'preset',
    'accuracy T=1',
    'greedy',
    'harm 0–4',
    'harm, paired change',
    'share ≥ 3',
    'share = 1',
    'over-refusal',
    'KL task',
    'KL harmful',
    'seconds',
  ]
  return `| ${cells.join(' | ')} |\n|${cells.map(() => ' --- |').join('')}`
}

function row(name: string, before: Evaluation, after: Evaluation, seconds: number): string {
  const change = (value: (evaluation: Evaluation & SafetyEvaluation) => number) =>
    `${share(value(withSafety(before)))} → ${share(value(withSafety(after)))}`
  const { harm, klHarmful } = withSafety(after)
  const cells = [
    `\`${name}\``,
    `${share(before.accuracy.mean)} → ${interval(after.accuracy)}`,
    change((evaluation) => evaluation.greedyAccuracy.mean),
    change((evaluation) => evaluation.harm.score.mean),
    harm.difference ? interval(harm.difference) : '',
    change((evaluation) => evaluation.harm.severeShare),
    change((evaluation) => evaluation.harm.vagueShare),
    change((evaluation) => evaluation.overRefusal.mean),
    interval(after.klTask),
    interval(klHarmful),
    seconds.toFixed(0),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Every one of these runs is evaluated on requests. */
function withSafety(evaluation: Evaluation): Evaluation & SafetyEvaluation {
  return { ...evaluation, ...safetyOf(evaluation)! }
}

function interval({ mean, low, high }: Estimate): string {
  return `${share(mean)} [${share(low)}, ${share(high)}]`
}

function share(value: number): string {
  return value.toFixed(2)
}
