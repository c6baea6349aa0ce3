// choice.ts: which experiment is looked at and how much of it is done, or which runs: what the address says of the Compare view

import type { OwnSetting, Setting, Size } from '../../lab/experiments/experiment'
import { readOwn } from './own'
import {
  choiceWords as togetherWords,
  defaultChoice as defaultTogether,
  readChoice as readTogether,
  type Choice as TogetherChoice,
} from './together/choice'

export { defaultTogether }

/** What a person has chosen in the Compare view. */
export interface Choice {
  /** Its name; null: the catalogue is shown. */
  experiment: string | null
  size: Size
  /** null: as many as the experiment asks for. */
  seeds: number | null
  /** A model and data in the place of the embedded ones; null for those. */
  own: OwnSetting | null
  /** Runs that are held against each other, in the place of experiments; null: experiments are shown. */
  together: TogetherChoice | null
}

/** The catalogue; an experiment is tried quickly before it is done in full. */
export const defaultChoice: Choice = { experiment: null, size: 'quick', seeds: null, own: null, together: null }

/** Characters of a word that means nothing which are shown. */
const LONGEST_SHOWN = 60

/** Seeds that can be asked for; more of them narrow intervals by their square root only. */
export const MOST_SEEDS = 10

/** The words of an address, of what differs from the defaults. */
export function choiceWords({ experiment, size, seeds, own, together }: Choice): [string, string][] {
  if (together) return [['of', 'runs'], ...togetherWords(together)]
  if (experiment === null) return []
  return [
    ['experiment', experiment],
    ...(size === defaultChoice.size ? [] : [['size', size] as [string, string]]),
    ...(seeds === null ? [] : [['seeds', String(seeds)] as [string, string]]),
    ...(own === null ? [] : [['own', JSON.stringify(own)] as [string, string]]),
  ]
}

/** Reads the words of an address. What it does not understand is left at its default and named in `problems`. */
export function readChoice(words: URLSearchParams): { choice: Choice; problems: string[] } {
  if (words.get('of') === 'runs') {
    const { choice, problems } = readTogether(words)
    return { choice: { ...defaultChoice, together: choice }, problems }
  }
  const problems: string[] = []
  const read = <T>(key: string, missing: T, parse: (word: string) => T | undefined, wanted: string): T => {
    const word = words.get(key)
    const value = word === null ? missing : parse(word)
    if (value !== undefined) return value
    problems.push(
      `The link could not be read fully: ${key} ought to be ${wanted}, and is "${word?.slice(0, LONGEST_SHOWN)}".`,
    )
    return missing
  }
  const choice: Choice = {
    experiment: words.get('experiment'),
    size: read('size', defaultChoice.size, asSize, 'quick or full'),
    seeds: read('seeds', null, asSeeds, `a number from 1 to ${MOST_SEEDS}`),
    own: read('own', null, readOwn, 'a model and data of one’s own'),
    together: null,
  }
  return { choice, problems }
}

/** The setting of a choice. */
export function settingOf({ size, seeds, own }: Choice): Setting {
  return { size, seeds, own }
}

function asSize(word: string): Size | undefined {
  return word === 'quick' || word === 'full' ? word : undefined
}

function asSeeds(word: string): number | undefined {
  const seeds = Number(word)
  return Number.isInteger(seeds) && seeds >= 1 && seeds <= MOST_SEEDS ? seeds : undefined
}
