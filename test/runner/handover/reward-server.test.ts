// The reward server scores as the run does, says nothing to who does not know its address, and the Python beside it never
// makes a score of a failure.

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { loadTokenizer, type Tokenizer } from '../../../src/engine/tokenizer'
import { exportRun } from '../../../src/runner/handover/folder'
import type { GoldenPair } from '../../../src/runner/handover/golden'
import { readFinishedRun } from '../../../src/runner/handover/run'
import { openRewardFolder, type RewardService } from '../../../src/runner/handover/scoring'
import { serveReward, type RewardServer } from '../../../src/runner/handover/server'
import { modelSource } from '../../../src/runner/models'
import { start } from '../command'
import { writeRun } from './written-run'

const program = `export function reward({ completion, answer, columns, tokens }) {
  if (completion === 'throw') throw new Error('on purpose')
  if (completion === 'none') return null
  return completion.includes(answer) ? columns.problem[0] : -tokens.length / 8
}`

const config: RunConfig = {
  ...defaultConfig,
  steps: 2,
  model: { id: 'embedded:small', dtype: 'q8', embedding: 'file' },
  rollout: { ...defaultConfig.rollout, prompts: 4, groupSize: 2, maxNewTokens: 12 },
  adapter: { rank: 4, alpha: 8, average: 0 },
  reward: { expression: 'user', program, onFailure: 'abort' },
}

let root: string
let service: RewardService
let server: RewardServer
let tokenizer: Tokenizer
let golden: GoldenPair[]
const folder = (system: string) => join(root, system)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tiltlab-reward-'))
  await writeRun(join(root, 'runs/own'), config)
  const run = await readFinishedRun('own', join(root, 'runs'))
  for (const trainer of ['trl', 'openrlhf', 'verl'] as const)
    await exportRun({ run, trainer, folder: folder(trainer), continues: false })
  service = await openRewardFolder(folder('openrlhf'))
  server = await serveReward(service, { host: '127.0.0.1', port: 0 })
  tokenizer = await loadTokenizer(modelSource(config.model.id))
  const lines = (await readFile(join(folder('openrlhf'), 'golden.jsonl'), 'utf8')).trimEnd().split('\n')
  golden = lines.map((line) => JSON.parse(line) as GoldenPair)
}, 120_000)

afterAll(async () => {
  await server.close()
  service.dispose()
  await rm(root, { recursive: true })
})

interface Answer {
  status: number
  body: string
  json: Record<string, unknown>
}

/** One request, with exactly these headers. */
function ask(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> {
  const url = new URL(path.startsWith('http') ? path : server.url + path)
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { agent: false, method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => {
          const isJson = response.headers['content-type']?.startsWith('application/json')
          const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {}
          resolve({ status: response.statusCode!, body: text, json: parsed })
        })
      },
    )
    sent.on('error', reject)
    sent.end(method === 'GET' ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

const score = (items: unknown) => ask('/score', { items })

describe('scores', () => {
  test('are the golden ones, with everything said of a completion and with its text alone', async () => {
    const all = golden.map(({ label, completion, tokens, truncated }) => ({ label, completion, tokens, truncated }))
    expect((await score(all)).json.scores).toEqual(golden.map((pair) => pair.score))
    const texts = golden.map(({ label, completion }) => ({ label, completion }))
    expect((await score(texts)).json.scores).toEqual(golden.map((pair) => pair.score))
    expect(new Set(golden.map((pair) => pair.score)).size).toBeGreaterThan(3)
  })

  test('come through OpenRLHF’s protocol, whose text holds the prompt and special tokens', async () => {
    const asked = golden.map(({ prompt, tokens }) => {
      const templated = tokenizer.decode(tokenizer.encodeChat(prompt), true)
      return { prompts: templated, query: templated + tokenizer.decode(tokens, true) }
    })
    const { json } = await ask('/get_reward', {
      query: asked.map(({ query }) => query),
      prompts: asked.map(({ prompts }) => prompts),
      labels: golden.map(({ label }) => label),
    })
    expect(json.rewards).toEqual(golden.map((pair) => pair.score))
    expect(json.scores).toEqual(json.rewards)
  })

  test('an empty question has an empty answer, as OpenRLHF may send', async () => {
    expect((await ask('/get_reward', { query: [], prompts: [], labels: [] })).json).toMatchObject({ rewards: [] })
  })

  test('what cannot be scored is null, or an error where a system has no word for it', async () => {
    const [{ label, prompt }] = golden
    expect((await score([{ label, completion: 'none' }])).json.scores).toEqual([null])
    const templated = tokenizer.decode(tokenizer.encodeChat(prompt), true)
    const answer = await ask('/get_reward', { query: [`${templated}none`], prompts: [templated], labels: [label] })
    expect(answer.status).toBe(422)
    expect(answer.json.error).toContain('OpenRLHF cannot')
  })

  test('a reward that fails is an error that says how', async () => {
    const answer = await score([{ label: golden[0].label, completion: 'throw' }])
    expect(answer.status).toBe(422)
    expect(answer.json.error).toMatch(/"user" failed \(exception, line 2\).*on purpose/)
  })
})

describe('who is answered', () => {
  const secret = () => new URL(server.url).pathname.slice(1)
  const refusals: [what: string, send: () => Promise<Answer>, status: number][] = [
    ['no capability', () => ask(`${new URL(server.url).origin}/score`, { items: [] }), 404],
    ['another one', () => ask(`${new URL(server.url).origin}/${'a'.repeat(43)}/score`, { items: [] }), 404],
    ['a part of it', () => ask(`${server.url.slice(0, -1)}/score`, { items: [] }), 404],
    ['it and more', () => ask(`${server.url}a/score`, { items: [] }), 404],
    ['in the query', () => ask(`${new URL(server.url).origin}/score?${secret()}`, { items: [] }), 404],
    ['a page', () => ask('/score', { items: [] }, { origin: 'https://evil.example' }), 404],
    ['a page of this machine', () => ask('/score', { items: [] }, { origin: 'http://127.0.0.1:7415' }), 404],
    ['a browser’s own form', () => ask('/score', '{}', { 'sec-fetch-site': 'cross-site' }), 404],
    ['a text', () => ask('/score', '{"items":[]}', { 'content-type': 'text/plain' }), 415],
    ['no type', () => ask('/score', '{"items":[]}', { 'content-type': '' }), 415],
    ['no JSON', () => ask('/score', '{"items":['), 422],
    ['another document', () => ask('/score', { items: [{ completion: 'x' }] }), 422],
    ['a field too many', () => ask('/score', { items: [], more: 1 }), 422],
    ['a label that is none', () => score([{ label: '{}', completion: 'x' }]), 422],
    ['a label that is no JSON', () => score([{ label: 'x', completion: 'x' }]), 422],
    ['tokens that are none', () => score([{ label: golden[0].label, completion: 'x', tokens: [-1] }]), 422],
    ['lists of other lengths', () => ask('/get_reward', { query: ['a'], prompts: [], labels: [] }), 422],
    ['a query without its prompt', () => ask('/get_reward', { query: ['a'], prompts: ['b'], labels: ['c'] }), 422],
    ['another path', () => ask('/scores', { items: [] }), 404],
    ['a path below', () => ask('/score/more', { items: [] }), 404],
    ['another method', () => ask('/score', { items: [] }, {}, 'PUT'), 404],
    ['a question too long', () => ask('/score', '', { 'content-length': String(65 * 2 ** 20) }), 413],
  ]
  test.each(refusals)('%s: refused', async (_, send, status) => {
    const answer = await send()
    expect(answer.status).toBe(status)
    expect(answer.body ?? '').not.toContain(secret())
  })

  test('what reward it is is told to who may ask', async () => {
    const { json } = await ask('/', null, {}, 'GET')
    expect(json).toMatchObject({ name: 'tiltlab reward', expression: 'user', identity: service.identity })
  })
})

test('a folder whose reward has changed is not served', async () => {
  await cp(folder('trl'), folder('changed'), { recursive: true })
  const path = join(folder('changed'), 'config.json')
  await writeFile(path, (await readFile(path, 'utf8')).replace('-tokens.length', 'tokens.length'))
  await expect(openRewardFolder(folder('changed'))).rejects.toThrow('not the one that was exported')
})

describe('the Python beside it', () => {
  /** Runs Python in an exported folder. */
  function python(system: string, code: string, url: string, path = ''): Promise<{ code: number; said: string }> {
    const env = { ...process.env, TILTLAB_REWARD_URL: url, TILTLAB_REWARD_PATIENCE: '0.3', PYTHONPATH: path }
    return new Promise((resolve) => {
      execFile('python3', ['-c', code], { cwd: folder(system), env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr }),
      )
    })
  }

  const trl = `
import json
from reward import reward
from tiltlab_reward import compare, golden
pairs = golden()
answers = [[{"role": "assistant", "content": pair["completion"]}] for pair in pairs]
labels = [pair["label"] for pair in pairs]
scores = reward(prompts=[], completions=answers, completion_ids=[pair["tokens"] for pair in pairs], label=labels, trainer_state=None)
compare(pairs, scores, "a test")
`
  const verl = `
from reward import compute_score
from tiltlab_reward import compare, golden
pairs = golden()
ask = lambda pair: compute_score("tiltlab", pair["completion"], "", {"label": pair["label"], "num_turns": None})
compare(pairs, [ask(pair) for pair in pairs], "a test")
`
  const openrlhf = `
import asyncio
from types import SimpleNamespace
from agent import AgentExecutor
from tiltlab_reward import compare, golden
pairs = golden()
async def ask(pair):
    tokenizer = SimpleNamespace(decode=lambda tokens, skip_special_tokens: pair["completion"])
    output = await AgentExecutor().execute(pair=pair, hf_tokenizer=tokenizer)
    return output["reward"]
compare(pairs, [asyncio.run(ask(pair)) for pair in pairs], "a test")
`
  /** What OpenRLHF's class gives back, in the place of OpenRLHF. */
  const standIn = `
class SingleTurnAgentExecutor:
    def __init__(self, remote_rm_url=None):
        assert remote_rm_url is None
    async def execute(self, pair, **_):
        tokens = [1, 2] + pair["tokens"]
        return {"label": pair["label"], "observation_tokens": tokens, "action_ranges": [(2, len(tokens))], "truncated": pair["truncated"], "reward": None, "scores": None}
`
  let standInPath: string
  beforeAll(async () => {
    standInPath = join(root, 'stand-in')
    await mkdir(join(standInPath, 'openrlhf/utils'), { recursive: true })
    for (const file of ['openrlhf/__init__.py', 'openrlhf/utils/__init__.py'])
      await writeFile(join(standInPath, file), '')
    await writeFile(join(standInPath, 'openrlhf/utils/agent.py'), standIn)
  })

  const systems = [
    ['trl', trl],
    ['openrlhf', openrlhf],
    ['verl', verl],
  ] as const

  test.each(systems)('%s gets the golden scores', async (system, code) => {
    const { code: exit, said } = await python(system, code, server.url, standInPath)
    expect(said).toContain(`${golden.length} golden scores come through a test as they are`)
    expect(exit).toBe(0)
  })

  test.each(systems)('%s ends with an error where no server is', async (system, code) => {
    const { code: exit, said } = await python(system, code, 'http://127.0.0.1:9/secret', standInPath)
    expect(said).toContain('the reward server is not reachable')
    expect(exit).not.toBe(0)
  })

  test('ends with an error where a score is not the golden one', async () => {
    const changed = trl.replace('compare(pairs, scores', 'scores[3] += 0.01\ncompare(pairs, scores')
    const { code: exit, said } = await python('trl', changed, server.url)
    expect(said).toContain(`1 of ${golden.length} golden scores come through a test otherwise`)
    expect(exit).toBe(1)
  })

  test('says what to do where no address is known', async () => {
    const { code: exit, said } = await python('trl', trl, '')
    expect(said).toContain('tiltlab reward serve')
    expect(exit).not.toBe(0)
  })

  const wrong: [
    what: string,
    answer: (path: string, identity: string) => [status: number, body: string],
    said: string,
  ][] = [
    ['a server with another reward', () => [200, '{"identity":"other"}'], 'this folder needs'],
    ['too few scores', right('{"scores":[]}'), 'no list of'],
    ['no scores', right('{}'), 'no list of'],
    ['a text for a score', right('{"scores":["1"]}'), '"1" for a score'],
    ['NaN', right('{"scores":[NaN]}'), 'NaN for a score'],
    ['an infinity', right('{"scores":[1e999]}'), 'Infinity for a score'],
    ['true', right('{"scores":[true]}'), 'true for a score'],
    ['a page', right('<html>sign in</html>'), 'no JSON'],
    ['a list', right('[1]'), 'answers [1]'],
    ['nothing', right(''), 'no JSON'],
    [
      'an error',
      (path, identity) => (path.endsWith('/score') ? [500, 'broken'] : ok(identity)),
      'refuses (500): broken',
    ],
  ]
  test.each(wrong)('ends with an error at %s', async (_, answer, said) => {
    const fake = await listening((path) => answer(path, service.identity))
    const { port } = fake.address() as AddressInfo
    const one = trl.replace('pairs = golden()', 'pairs = golden()[:1]')
    const outcome = await python('trl', one, `http://127.0.0.1:${port}/secret`)
    fake.close()
    expect(outcome.said).toContain('RewardServerError')
    expect(outcome.said).toContain(said)
    expect(outcome.code).not.toBe(0)
  })
})

test('`reward serve` writes its address for its owner alone, and takes it away at the end', async () => {
  const command = start(folder('trl'), ['reward', 'serve', '.', '--write-url', 'reward.url'])
  const path = join(folder('trl'), 'reward.url')
  await expect.poll(() => readFile(path, 'utf8').catch(() => ''), { timeout: 60_000 }).toMatch(/^http:\/\/127/)
  expect((await stat(path)).mode & 0o077).toBe(0)
  const url = (await readFile(path, 'utf8')).trim()
  expect((await ask(`${url}/`, null, {}, 'GET')).json.identity).toBe(service.identity)
  command.process.kill('SIGTERM')
  const { code, stdout, stderr } = await command.done
  expect([code, stdout.trim()]).toEqual([143, url])
  expect(stderr).not.toContain(new URL(url).pathname)
  await expect(readFile(path)).rejects.toThrow('ENOENT')
})

test('run.sh ends as the training does, and leaves no server behind', async () => {
  const bin = join(root, 'bin')
  await mkdir(bin)
  const write = (name: string, text: string) => writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  // As npx does: another process between the script and the server.
  await write('tiltlab', `${process.execPath} ${join(import.meta.dirname, '../../../bin/tiltlab.js')} "$@"; exit $?`)
  await write('accelerate', 'echo "asked at $TILTLAB_REWARD_URL"; exit 3')
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, TILTLAB: 'tiltlab' }
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile('bash', ['run.sh'], { cwd: folder('trl'), env }, (error, said) =>
      resolve({ code: error?.code, stdout: said }),
    )
  })
  expect(code).toBe(3)
  const url = /asked at (\S+)/.exec(stdout)![1]
  const refused = () =>
    ask(`${url}/`, null, {}, 'GET').then(
      () => 'answered',
      (error: NodeJS.ErrnoException) => error.code,
    )
  await expect.poll(refused, { timeout: 60_000 }).toBe('ECONNREFUSED')
})

/** The right reward, and this answer for its scores. */
function right(body: string) {
  return (path: string, identity: string): [number, string] => (path.endsWith('/score') ? [200, body] : ok(identity))
}

function ok(identity: string): [number, string] {
  return [200, JSON.stringify({ identity })]
}

function listening(answer: (path: string) => [number, string]): Promise<Server> {
  const fake = createServer((asked, response) => {
    asked.resume()
    const [status, body] = answer(asked.url!)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  return new Promise((resolve) => fake.listen(0, '127.0.0.1', () => resolve(fake)))
}
