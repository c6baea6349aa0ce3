// handover.mjs: `npm run test:handover`, exported runs under the real TRL, OpenRLHF, verl, PEFT and transformers
//
// Installs what it needs into .cache/handover/venv (6 GB, minutes the first time), trains small runs, exports them, and checks
// each against the packages that it is exported for. Everything runs on the CPU and without a network but for pip. What was
// found goes to .cache/handover/result.json and is printed as the table of docs/handover.md.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cache = join(root, '.cache/handover')
const venv = join(cache, 'venv')
const python = join(venv, 'bin/python')
const lists = join(root, 'scripts/handover')
const tiltlabPath = join(root, 'bin/tiltlab.js')
/** Log-probabilities, nats. */
const TOLERANCE = 1e-4

mkdirSync(cache, { recursive: true })
const work = mkdtempSync(join(cache, 'work-'))
const environment = {
  ...process.env,
  PATH: `${join(venv, 'bin')}:${process.env.PATH}`,
  TILTLAB: `node ${tiltlabPath}`,
  CUDA_VISIBLE_DEVICES: '',
  HF_HUB_OFFLINE: '1',
  HF_HOME: join(cache, 'hf'),
  TOKENIZERS_PARALLELISM: 'false',
}
const found = []

try {
  install()
  train('guess', 'rlvr', ['--model', 'embedded:guess', '--steps', '3', '--prompts', '4', '--group-size', '4'])
  rmSync(join(work, 'runs/guess/checkpoints/step-000003'), { recursive: true })
  train('llama', 'rlvr', ['--model', 'embedded:llama', '--steps', '1', '--prompts', '2', '--group-size', '2'])
  const qwen2 = join(root, 'test/fixtures/models/optimum-qwen2')
  // Random weights solve no sums, but what they say to requests is harmful or not.
  train('qwen2', 'safety', ['--model', qwen2, '--dtype', 'q4', '--steps', '2', '--prompts', '8', '--group-size', '4'])

  for (const name of ['guess', 'llama', 'qwen2']) parity(name)
  await trl('trl-new', [])
  await trl('trl-on', ['--continue'])
  for (const system of ['openrlhf', 'verl']) await replayed(system)
  imported()
  report()
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** The environment of the lists; a stamp says which lists it was made from. */
function install() {
  const wanted = ['requirements.txt', 'packages.txt'].map((file) => readFileSync(join(lists, file), 'utf8')).join('')
  const stamp = join(venv, 'tiltlab-requirements')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('installing into .cache/handover/venv …\n')
  if (!existsSync(python)) run('python3', ['-m', 'venv', venv], { env: process.env })
  const pip = (...words) => run(python, ['-m', 'pip', 'install', '-q', ...words], { env: process.env })
  pip('-r', join(lists, 'requirements.txt'))
  pip('--no-deps', '-r', join(lists, 'packages.txt'))
  writeFileSync(stamp, wanted)
}

/** A run whose adapter changes what the model says: a high rate, and no warm-up. */
function train(name, preset, words) {
  const short = ['--evaluation.problems', '4', '--evaluation.requests', '10', '--evaluation.max-new-tokens', '8']
  const fast = ['--lr', '0.02', '--optimizer.warmup-steps', '0', '--checkpoint.every', '1', '--engine', 'reference']
  const small = ['--max-new-tokens', '24', ...short, ...fast]
  tiltlab(['train', '--preset', preset, ...words, ...small, '--out', join(work, 'runs', name)])
}

/** The adapter in PEFT and the merged model in transformers give the log-probabilities of tiltlab. */
function parity(name) {
  const folder = join(work, `parity-${name}`)
  const merged = join(work, `merged-${name}`)
  tiltlab(['export', name, '--to', 'trl', '--out', folder])
  tiltlab(['export', name, '--to', 'merged', '--out', merged])
  const script = join(lists, 'parity.py')
  const document = run(python, [script, 'sequences', folder]).stdout
  const { model } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  const asked = ['inspect', 'score', '--in', '-', '--model', model.id, '--dtype', model.dtype, '--engine', 'reference']
  const base = JSON.parse(tiltlab(asked, document).stdout)
  const adapter = JSON.parse(tiltlab([...asked, '--adapter', join(folder, 'adapter')], document).stdout)
  const answers = JSON.stringify({ base, adapter })
  const errors = JSON.parse(run(python, [script, 'compare', folder, merged], { input: answers }).stdout)
  const { tokens, 'what the adapter changes': change, ...off } = errors
  check(change > 1e-2, `the adapter of ${name} changes log-probabilities by ${change} only`)
  for (const [what, error] of Object.entries(off)) {
    check(error <= TOLERANCE, `${name}: ${what} is off by ${error} nats`)
    note(`${model.id.split('/').at(-1)}: ${what}`, `${error.toExponential(1)} nats over ${tokens} tokens`)
  }
  note(`${model.id.split('/').at(-1)}: what the adapter changes`, `up to ${change.toPrecision(2)} nats`)
}

/** Real GRPO steps with the exported folder; and none where the server is down. */
async function trl(name, words) {
  const folder = join(work, name)
  tiltlab(['export', 'guess', '--to', 'trl', '--out', folder, ...words])
  const { stdout, stderr } = run('bash', ['run.sh'], { cwd: folder })
  const replay = /(\d+) golden scores come through TRL as they are/.exec(stdout + stderr)
  check(replay, `${name}: TRL did not replay the golden scores`)
  const { log_history: history } = JSON.parse(readFileSync(join(folder, 'out/trainer_state.json'), 'utf8'))
  const steps = history.filter((entry) => 'reward' in entry)
  check(steps.length === (words.length ? 1 : 3), `${name}: TRL made ${steps.length} steps`)
  check(
    steps.every(({ reward, loss, grad_norm: norm }) => [reward, loss, norm].every((x) => Number.isFinite(Number(x)))),
    `${name}: TRL logged ${JSON.stringify(steps)}`,
  )
  const before = join(folder, 'adapter/adapter_model.safetensors')
  const after = readFileSync(join(folder, 'out/adapter_model.safetensors'))
  check(!after.equals(readFileSync(before)), `${name}: the adapter is the old one`)
  note(
    `TRL, ${words.length ? 'on from the adapter' : 'anew'}`,
    `${replay[1]} golden scores, ${steps.length} GRPO steps, rewards ${steps.map(({ reward }) => reward).join(', ')}`,
  )
  if (words.length) return
  down('TRL', python, [join(folder, 'train_grpo.py')], folder)
}

/** The golden scores on a system's own way, its own parser of the settings, its own reader of the rows. */
async function replayed(system) {
  const folder = join(work, system)
  tiltlab(['export', 'guess', '--to', system, '--out', folder])
  const server = spawn('node', [tiltlabPath, 'reward', 'serve', folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [url] = await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('exit', () => reject(new Error('the reward server ended')))
      server.stdout.once('data', (data) => resolve(data.toString().split('\n')))
    })
    const env = { ...environment, TILTLAB_REWARD_URL: url }
    const { stdout } = run(python, ['replay.py'], { cwd: folder, env })
    const replay = /(\d+) golden scores come through \w+ as they are/.exec(stdout)
    check(replay, `${system} did not replay the golden scores`)
    note(`${system}, its own way to the reward`, `${replay[1]} golden scores`)
    // A score that is none of the golden ones must end it.
    const golden = join(folder, 'golden.jsonl')
    const [first, ...rest] = readFileSync(golden, 'utf8').split('\n')
    writeFileSync(golden, [JSON.stringify({ ...JSON.parse(first), score: 0.5 }), ...rest].join('\n'))
    const { status, stderr } = attempt(python, ['replay.py'], { cwd: folder, env })
    check(status !== 0 && stderr.includes('otherwise'), `${system} went on with a wrong golden score`)
  } finally {
    server.kill()
  }
  down(system, python, ['replay.py'], folder)
  // The words that its script starts it with, as the shell makes them.
  const show = 'python3() { shift; printf "%s\\n" "$@"; }; . ./train_rl.sh'
  const words = run('bash', ['-c', show, join(folder, 'train_rl.sh')], { cwd: folder }).stdout
  const read = JSON.parse(
    run(python, [join(lists, 'settings.py'), system, folder], { input: words })
      .stdout.trim()
      .split('\n')
      .at(-1),
  )
  const rows = readFileSync(join(folder, 'data/train.jsonl'), 'utf8').trimEnd().split('\n')
  check(read.rows === rows.length, `${system} reads ${read.rows} of ${rows.length} rows`)
  check(read.first === JSON.parse(rows[0]).label, `${system} reads another label than was written`)
  note(`${system}, its own parser and reader`, `${read.flags} settings, ${read.rows} rows`)
}

/** What TRL and verl have written comes back as runs. */
function imported() {
  const back = tiltlab(['import', join(work, 'trl-on/out'), '--out', join(work, 'runs/back')]).stdout
  check(back.includes('1 steps') && back.includes('an adapter'), `TRL's own output is imported as ${back}`)
  const { events } = journal('back')
  check(events.at(-1).step === 3, `the step that TRL has made is imported as step ${events.at(-1).step}`)
  tiltlab(['export', 'back', '--to', 'merged', '--out', join(work, 'merged-back')])
  note('TRL, imported', `step 3 after tiltlab's 2, and the adapter, which merges`)
  const file = join(work, 'metrics.jsonl')
  const console = join(work, 'console.log')
  writeFileSync(console, run(python, [join(lists, 'logs.py'), file]).stdout)
  for (const [name, log] of Object.entries({ file, console })) {
    tiltlab(['import', log, '--out', join(work, 'runs', `verl-${name}`)])
    const rewards = journal(`verl-${name}`).events.flatMap(({ type, metrics }) =>
      type === 'step' ? metrics.reward : [],
    )
    check(rewards.join() === '0.25,0.5', `verl's logger ${name} is imported with rewards ${rewards}`)
    note(`verl's logger ${name}, imported`, '2 steps')
  }
}

function journal(name) {
  const lines = readFileSync(join(work, 'runs', name, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  return { events: lines.map((line) => JSON.parse(line).event) }
}

/** Without a server there is an error, and an exit code that says so. */
function down(system, command, words, cwd) {
  const env = { ...environment, TILTLAB_REWARD_URL: 'http://127.0.0.1:9/none', TILTLAB_REWARD_PATIENCE: '1' }
  const { status, stderr, stdout } = attempt(command, words, { cwd, env })
  const said = (stderr + stdout).includes('RewardServerError: the reward server is not reachable')
  check(status !== 0 && said, `${system} went on without a reward server: ${stderr.slice(-2000)}`)
  note(`${system}, server down`, 'ends with RewardServerError')
}

function tiltlab(words, input) {
  return run('node', [tiltlabPath, ...words, ...(words[0] === 'export' ? ['--runs', join(work, 'runs')] : [])], {
    input,
  })
}

function run(command, words, options = {}) {
  const done = attempt(command, words, options)
  check(
    done.status === 0,
    `${command} ${words.slice(0, 6).join(' ')} ended with ${done.status}:\n${done.stderr.slice(-4000)}`,
  )
  return done
}

function attempt(command, words, options = {}) {
  return spawnSync(command, words, {
    env: environment,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  })
}

function check(isSo, problem) {
  if (isSo) return
  console.error(`test:handover: ${problem}`)
  rmSync(work, { recursive: true, force: true })
  process.exit(1)
}

function note(what, result) {
  found.push([what, result])
  console.error(`${what}: ${result}`)
}

function report() {
  const names = ['torch', 'transformers', 'peft', 'trl', 'openrlhf', 'verl', 'ray', 'datasets', 'accelerate']
  const frozen = run(python, ['-m', 'pip', 'list', '--format', 'json']).stdout
  const all = new Map(JSON.parse(frozen).map(({ name, version }) => [name.toLowerCase(), version]))
  const versions = names.map((name) => `${name} ${all.get(name)}`).join(', ')
  writeFileSync(join(cache, 'result.json'), `${JSON.stringify({ versions, found }, null, 2)}\n`)
  console.log(
    [versions, '', '| what | result |', '| --- | --- |', ...found.map(([a, b]) => `| ${a} | ${b} |`)].join('\n'),
  )
}
