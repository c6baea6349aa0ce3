// setting.ts: from the command line to how an experiment is done
//
// A model of a person's own is described by the flags of a run (flags.ts), so they mean here what they mean for `train`.

import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { OwnSetting, Setting } from '../../lab/experiments/experiment'
import { checkReward } from '../../rewards/reward'
import { readConfig } from '../config'
import { configFlags, type FlagValues } from '../flags'
import { modelSource } from '../models'

/** What commander hands over. */
export type SettingOptions = FlagValues & { quick?: true; seeds?: string; scorer?: string } & {
  requests?: readonly string[]
}

const OWN_FIELDS = ['rollout.maxNewTokens', 'optimizer.learningRate']
const OWN_SECTIONS = ['model.', 'engine.', 'data.']

/** The flags of a run that describe a model and data of a person's own. */
function ownFlags() {
  return configFlags().filter(
    ({ path }) => OWN_FIELDS.includes(path) || OWN_SECTIONS.some((section) => path.startsWith(section)),
  )
}

/** Gives the command the options that make a setting. */
export function addSettingOptions(command: Command): Command {
  command
    .option('--quick', 'one seed and few steps: shows in a minute that everything works; its intervals are wide')
    .option('--seeds <number>', 'seeds 0 … N − 1 (default: as many as the experiment asks for)')
    .option(
      '--requests <source>',
      'harmful requests, and harmless ones that sound alike, for --model; after a # the columns to read ' +
        '(mine.csv#fields.harmful=unsafe); may be given again for another set',
      (source: string, earlier: readonly string[] = []) => [...earlier, source],
    )
    .option('--scorer <formula>', 'what scores harm 0–4 in the answers of --model: a formula (docs/rewards.md)')
  for (const { notation, description } of ownFlags()) command.option(notation, description)
  return command
}

/** The setting that the options describe. @throws {ConfigError} naming the option that is wrong or missing */
export async function settingFrom(options: SettingOptions): Promise<Setting> {
  return {
    size: options.quick ? 'quick' : 'full',
    seeds: options.seeds === undefined ? null : seedCount(options.seeds),
    own: await ownSetting(options),
  }
}

function seedCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1) return count
  throw new ConfigError('--seeds', `expected a whole number of at least 1, got "${text}"`)
}

async function ownSetting(options: SettingOptions): Promise<OwnSetting | null> {
  if (options['model.id'] === undefined) {
    refuseWithoutModel(options)
    return null
  }
  if (options['data.source'] === undefined)
    throw new ConfigError('--data', 'is missing: name what the model is trained on, such as --data gsm8k/train.jsonl')
  if (!options.requests)
    throw new ConfigError('--requests', 'is missing: name the harmful requests that the model is asked')
  if (options.scorer === undefined)
    throw new ConfigError('--scorer', 'is missing: name what scores harm 0–4, such as "4*judge(model: ID)"')
  checkReward(options.scorer)
  const flags = Object.fromEntries(ownFlags().map(({ path }) => [path, options[path]]))
  const { model, engine, data, rollout, optimizer } = await readConfig({ flags })
  modelSource(model.id)
  return {
    model,
    engine,
    data,
    requests: await Promise.all(options.requests.map(requestSource)),
    scorer: options.scorer,
    maxNewTokens: rollout.maxNewTokens,
    learningRate: optimizer.learningRate,
  }
}

/** A source, and after a # how it is read: fields of `data`, such as `mine.csv#fields.harmful=unsafe`. */
async function requestSource(text: string): Promise<RunConfig['data']> {
  const [source, reading = ''] = text.split('#', 2)
  const named = [...new URLSearchParams(reading)]
  const fields = configFlags().flatMap(({ path }) => (path.startsWith('data.') ? [path.slice('data.'.length)] : []))
  const unknown = named.find(([field]) => !fields.includes(field))
  if (unknown)
    throw new ConfigError('--requests', `${text}: no data set has "${unknown[0]}"; there are ${fields.join(', ')}`)
  const flags = Object.fromEntries(named.map(([field, value]) => [`data.${field}`, value]))
  return (await readConfig({ flags: { ...flags, 'data.source': source } })).data
}

/** The embedded models have their own data and scorer: what is said about another model would change nothing. */
function refuseWithoutModel(options: SettingOptions): void {
  const given = [...ownFlags().map(({ path }) => path), 'requests', 'scorer'].find(
    (name) => options[name] !== undefined,
  )
  if (given === undefined) return
  throw new ConfigError(`--${given}`, 'has no effect on the embedded models; name a model of your own with --model')
}
