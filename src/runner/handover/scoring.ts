// scoring.ts: the reward of an exported run, asked from outside
//
// Trainers know different things about a completion: TRL and OpenRLHF its tokens, verl only its text. What is not said is
// made from what is: tokens by the run's own tokenizer, and whether the budget cut it by their number.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../core/errors'
import { textHash } from '../../core/random/text-hash'
import { parseJson } from '../../core/inspect/json'
import { canonicalJson, sha256 } from '../../core/run/hash'
import { migrateConfig } from '../../core/run/migrate'
import type { RunConfig } from '../../core/run/config'
import type { RewardManifest } from '../../core/run/events'
import { validate } from '../../core/run/validate'
import { readModelSpec } from '../../engine/formats/config'
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer'
import { openRunReward } from '../../lab/reward'
import { loadCompare } from '../../lab/tasks'
import type { DataSet } from '../../lab/data/load'
import { answerScorer, type GradeItem } from '../../rewards/grader'
import type { Reward } from '../../rewards/reward'
import { folderSource } from '../files'
import { dataSource } from '../models'
import { modelsFolder } from '../package'
import { startSandboxWorker } from '../sandbox'
import { CONFIG_FILE, ManifestSchema, MANIFEST_FILE, MODEL_FOLDER } from './manifest'
import { readLabel } from './rows'

/** One completion to score. */
export interface AskedCompletion {
  /** The column `label` of its row. */
  label: string
  /** Without special tokens. */
  completion: string
  /** Its ids, the stop token included where it ended by itself. */
  tokens?: readonly number[] | undefined
  /** Whether the token budget cut it. */
  truncated?: boolean | undefined
}

/** A reward that is ready to be asked. */
export interface RewardService {
  /** What every answer depends on, hashed: the same in two places means the same scores. */
  identity: string
  manifest: RewardManifest
  /** Completions are scored together. null where one cannot be scored, or is to be left out. @throws {RewardError | ConfigError} */
  score(completions: readonly AskedCompletion[]): Promise<(number | null)[]>
  /** The same with everything that is not said of it. */
  complete(asked: AskedCompletion): Required<AskedCompletion>
  /** The completion in a text that begins with its prompt and holds special tokens, as OpenRLHF sends it. @throws {ConfigError} */
  completionOf(query: string, prompt: string): Pick<AskedCompletion, 'completion' | 'tokens'>
  dispose(): void
}

/** What a service is made of. */
export interface RewardParts {
  config: RunConfig
  reward: Reward
  tokenizer: Tokenizer
  eosTokenIds: readonly number[]
  tokenizerSha256: string
}

/** Opens the reward of an exported folder. @throws {ConfigError} if it is none */
export async function openRewardFolder(folder: string): Promise<RewardService> {
  const read = async (name: string) => parseJson(await readText(join(folder, name), folder), name)
  const { reward: exported, tokenizerSha256 } = validate(ManifestSchema, await read(MANIFEST_FILE), MANIFEST_FILE)
  if (!exported)
    throw new ConfigError(MANIFEST_FILE, 'names no reward: supervised fine-tuning has none, and needs no server')
  const config = migrateConfig(await read(CONFIG_FILE))
  const model = folderSource(MODEL_FOLDER, join(folder, MODEL_FOLDER))
  const tokenizer = await loadTokenizer(model)
  const { eosTokenIds } = await readModelSpec(model)
  const reward = await openExportedReward(config, exported.expression, exported.grader)
  const service = await createService({ config, reward, tokenizer, eosTokenIds, tokenizerSha256 })
  if (service.identity === exported.identity) return service
  service.dispose()
  throw new ConfigError(
    MANIFEST_FILE,
    'this reward is not the one that was exported: another tiltlab, or a changed file. Export the run again, with this tiltlab',
  )
}

/** A reward by its formula; the data set is not needed, only what its answers are compared by. */
export async function openExportedReward(
  config: RunConfig,
  expression: string,
  grader: DataSet['grader'],
): Promise<Reward> {
  const { kind } = config.task
  const hasGold = kind !== 'safety' && kind !== 'safety-mixed'
  const compare = hasGold ? await loadCompare(kind, kind === 'data' ? { grader } : null) : null
  const accuracy = compare && answerScorer(compare)
  return openRunReward(
    { ...config, reward: { ...config.reward, expression } },
    { accuracy, reward: expression },
    {
      data: dataSource,
      modelsPath: modelsFolder,
      startSandbox: startSandboxWorker,
      loadModel: async (asked, options) => (await import('../load')).loadModel(asked, options),
    },
  )
}

/** Makes a service of an open reward, which it owns from then on. */
export async function createService(parts: RewardParts): Promise<RewardService> {
  const { config, reward, tokenizer, eosTokenIds } = parts
  const { seed, rollout } = config
  const isEnd = (token: number | undefined) => token !== undefined && eosTokenIds.includes(token)

  const complete: RewardService['complete'] = ({ label, completion, tokens, truncated }) => {
    if (tokens) return { label, completion, tokens, truncated: truncated ?? !isEnd(tokens.at(-1)) }
    const own = tokenizer.encode(completion)
    const isCut = truncated ?? own.length >= rollout.maxNewTokens
    return { label, completion, tokens: isCut ? own : [...own, ...eosTokenIds.slice(0, 1)], truncated: isCut }
  }
  const itemOf = (asked: AskedCompletion): GradeItem => {
    const { label, ...said } = complete(asked)
    const { id, ...row } = readLabel(label)
    // Step and sample are not known elsewhere. Chance belongs to the prompt and to the text, so that it can be repeated.
    const sample = Number.parseInt(textHash(said.completion, seed).slice(0, 8), 16)
    return { ...row, ...said, maxNewTokens: rollout.maxNewTokens, drawn: { seed, step: 0, prompt: id, sample } }
  }
  return {
    identity: await identityOf(parts),
    manifest: reward.manifest,
    complete,
    async score(completions) {
      const { rewards } = await reward.grade(completions.map(itemOf))
      return Array.from(rewards, (value) => (Number.isNaN(value) ? null : value))
    },
    completionOf(query, prompt) {
      if (!query.startsWith(prompt))
        throw new ConfigError('query', `does not begin with its prompt ${JSON.stringify(prompt.slice(0, 80))}`)
      const tokens = tokenizer.encode(query.slice(prompt.length))
      const end = tokens.findIndex(isEnd)
      const own = end < 0 ? tokens : tokens.slice(0, end + 1)
      return { completion: tokenizer.decode(own), tokens: own }
    },
    dispose: () => reward.dispose(),
  }
}

/** Everything that a score depends on beside the completion itself. */
async function identityOf({ config, reward, tokenizerSha256 }: RewardParts): Promise<string> {
  const { seed, task, rollout } = config
  const facts = {
    ...reward.manifest,
    revisions: reward.revisions,
    harmScorer: task.harmScorer,
    kind: task.kind,
    seed,
    maxNewTokens: rollout.maxNewTokens,
    tokenizerSha256,
  }
  return sha256(new TextEncoder().encode(canonicalJson(facts)))
}

async function readText(path: string, folder: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError(
      'FOLDER',
      `${path} cannot be read (${code}): ${folder} is no folder that tiltlab export has written. Check the path`,
    )
  })
}
