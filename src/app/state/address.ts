// address.ts: the state of the page as the part of its URL after #, and back
//
//   #v=2&view=compare&experiment=scale&preset=entangled&beta=0.1
//
// Written is what differs from the defaults: the view, what is chosen in it, the preset, and in which settings a run would
// differ from that. Settings that have a control are words of their own; any other goes into one word as JSON. A long
// address is compressed as a whole. A link of an older version is lifted word by word; what cannot be understood is left
// at its default and named.

import { canonicalJson } from '../../core/run/hash'
import { RunConfigSchema, type RunConfig } from '../../core/run/config'
import { fields, valueAt, withValue } from '../../core/run/fields'
import { resolvePreset, runPresets } from '../../core/run/presets'
import { validate } from '../../core/run/validate'
import { TiltlabError } from '../../core/errors'
import * as compare from '../experiments/choice'
import * as guide from '../guide/choice'
import * as runs from '../runs/choice'
import * as talk from '../talk/choice'
import * as theory from '../theory/choice'
import { defaultChoice as defaultTheory } from '../theory/scenarios'
import * as train from '../train/choice'
import { pack, unpack } from './packed'
import { controls, defaultSettings, views, type View } from './settings'

/** The version of the address. A link of an older one goes through `migrations`. */
export const ADDRESS_VERSION = 2

/** Longer addresses are compressed: up to here a person can still read one. */
const LONGEST_READABLE = 600

/** A part of a view's state that the address holds: its defaults, its words, and what words mean. */
interface Words<C> {
  initial: C
  write(choice: C): [string, string][]
  read(words: URLSearchParams): { choice: C; problems: string[] }
}

const choices = {
  theory: words({ ...theory, defaultChoice: defaultTheory }),
  train: words(train),
  compare: words(compare),
  runs: words(runs),
  talk: words(talk),
  guide: words(guide),
}

/** What is chosen in each view that has something to choose, and what is open of the guide, over any of them. */
export type Choices = { [V in keyof typeof choices]: (typeof choices)[V]['initial'] }

/** Everything that an address says. */
export interface Address {
  view: View
  config: RunConfig
  choices: Choices
}

/** Nothing chosen anywhere. */
export const defaultChoices = Object.fromEntries(
  Object.entries(choices).map(([view, { initial }]) => [view, initial]),
) as unknown as Choices

/** `migrations[n]` turns the words of version n into those of version n + 1. */
const migrations: Readonly<Record<number, (words: URLSearchParams) => URLSearchParams>> = {
  // Version 1 left the view out where it was that of training, and knew no settings but those with a control.
  1: (old) => {
    const lifted = new URLSearchParams(old)
    if (!lifted.has('view')) lifted.set('view', 'train')
    return lifted
  },
}

/** The part of the URL after #. Empty for the first view with nothing chosen and the default settings. */
export function toHash({ view, config, choices: chosen }: Address): string {
  const said = new URLSearchParams([
    ...choiceOf(view, chosen),
    ...guide.choiceWords(chosen.guide),
    ...settingsWords(config),
  ])
  if (said.size === 0 && view === 'train') return ''
  const start = `v=${ADDRESS_VERSION}&view=${view}`
  const rest = said.toString()
  if (rest === '') return start
  return rest.length > LONGEST_READABLE ? `${start}&z=${pack(rest)}` : `${start}&${rest}`
}

/** Reads a hash. What it does not understand is left at its default and named in `problems`, a sentence each. */
export function fromHash(hash: string): Address & { problems: string[] } {
  const problems: string[] = []
  const said = lift(unpacked(new URLSearchParams(hash.replace(/^#/, '')), problems), problems)
  const view = said.get('view') ?? 'train'
  const isView = Object.hasOwn(views, view)
  if (!isView) problems.push(`The link could not be read fully: there is no view "${view}".`)
  const config = readSettings(said, problems)
  const { choice: open, problems: unread } = guide.readChoice(said)
  problems.push(...unread)
  const address = {
    view: isView ? (view as View) : 'train',
    config,
    choices: { ...defaultChoices, guide: open },
  }
  if (!hasChoice(address.view)) return { ...address, problems }
  const { choice, problems: more } = choices[address.view].read(said)
  return { ...address, choices: { ...address.choices, [address.view]: choice }, problems: [...problems, ...more] }
}

/** The address of an experiment in the Compare view, as a link has it. */
export function experimentAddress(config: RunConfig, experiment: string): string {
  const compareChoice = { ...defaultChoices.compare, experiment }
  return `#${toHash({ view: 'compare', config, choices: { ...defaultChoices, compare: compareChoice } })}`
}

function words<C>(module: {
  defaultChoice: C
  choiceWords(choice: C): [string, string][]
  readChoice(words: URLSearchParams): { choice: C; problems: string[] }
}): Words<C> {
  return { initial: module.defaultChoice, write: module.choiceWords, read: module.readChoice }
}

function hasChoice(view: View): view is View & keyof Choices {
  return Object.hasOwn(choices, view)
}

function choiceOf(view: View, chosen: Choices): [string, string][] {
  return hasChoice(view) ? (choices[view] as Words<unknown>).write(chosen[view]) : []
}

/** The words of an address that was compressed, in the place of the one that held them. */
function unpacked(said: URLSearchParams, problems: string[]): URLSearchParams {
  const packed = said.get('z')
  if (packed === null) return said
  const rest = attempt(() => unpack(packed), problems) ?? ''
  said.delete('z')
  return new URLSearchParams([...said, ...new URLSearchParams(rest)])
}

function lift(said: URLSearchParams, problems: string[]): URLSearchParams {
  const word = said.get('v') ?? String(ADDRESS_VERSION)
  const version = /^[1-9]\d{0,5}$/.test(word) ? Number(word) : NaN
  if (!(version <= ADDRESS_VERSION)) {
    problems.push(
      `This link is of version ${word.slice(0, 20)}, made by another tiltlab; the default settings are shown.`,
    )
    return new URLSearchParams()
  }
  let lifted = said
  for (let at = version; at < ADDRESS_VERSION; at++) lifted = migrations[at](lifted)
  return lifted
}

/** What differs from the preset: controls by their keys, everything else as one word. */
function settingsWords(config: RunConfig): [string, string][] {
  const said: [string, string][] = []
  const home = homeOf(config.preset)
  if (home.preset !== defaultSettings().preset) said.push(['preset', home.preset])
  // Read back as it will be read: a control may change more than the value that it shows.
  let read = home
  for (const { key, read: value, write } of controls) {
    if (value(config) === value(home)) continue
    said.push([key, String(value(config))])
    read = write(read, value(config))
  }
  const others = differing(read, config)
  return others.length === 0 ? said : [...said, ['settings', canonicalJson(Object.fromEntries(others))]]
}

function homeOf(preset: string): RunConfig {
  return runPresets.some(({ name }) => name === preset) ? resolvePreset(preset) : defaultSettings()
}

/** The parts of a configuration that are told one by one: its fields, and the controller, whose fields depend on its kind. */
const parts = ['controller', ...fields().flatMap(({ path }) => (path.startsWith('controller.') ? [] : [path]))]

/** The parts in which two configurations differ, with the second's values. */
function differing(from: RunConfig, to: RunConfig): [string, unknown][] {
  return parts.flatMap((path): [string, unknown][] => {
    const value = valueAt(to, path)
    return canonicalJson(value ?? null) === canonicalJson(valueAt(from, path) ?? null) ? [] : [[path, value]]
  })
}

function readSettings(said: URLSearchParams, problems: string[]): RunConfig {
  let config =
    attempt(() => resolvePreset(said.get('preset') ?? defaultSettings().preset), problems) ?? defaultSettings()
  const change = (write: () => RunConfig) =>
    void (config = attempt(() => validate(RunConfigSchema, write(), ''), problems) ?? config)
  for (const control of controls) {
    const word = said.get(control.key)
    if (word !== null) change(() => control.write(config, control.kind === 'slider' ? numberOf(word) : word))
  }
  const others = attempt(() => readOthers(said.get('settings')), problems) ?? []
  for (const [path, value] of others) change(() => withValue(config, path, value))
  return config
}

/** The settings without a control. @throws {AddressError} if the word is not such settings */
function readOthers(word: string | null): [string, unknown][] {
  if (word === null) return []
  let settings: unknown
  try {
    settings = JSON.parse(word)
  } catch {
    throw new AddressError('its settings were cut off or changed on the way')
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new AddressError('its settings are none')
  const unknown = Object.keys(settings).find((path) => !parts.includes(path))
  if (unknown !== undefined) throw new AddressError(`there is no setting "${unknown.slice(0, 60)}"`)
  return Object.entries(settings)
}

/** Number('') is 0, which nobody has written. */
function numberOf(word: string): number {
  return word.trim() === '' ? NaN : Number(word)
}

/** A part of a link that means nothing. */
export class AddressError extends TiltlabError {}

function attempt<T>(action: () => T, problems: string[]): T | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof TiltlabError)) throw error
    problems.push(`The link could not be read fully: ${error.message}.`)
    return undefined
  }
}
