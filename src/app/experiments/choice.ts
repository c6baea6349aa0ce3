// choice.ts: which experiment is looked at, and how much of it is done: what the address says of the Compare view

import type { Setting, Size } from '../../lab/experiments/experiment'

/** What a person has chosen in the Compare view. */
export interface Choice {
  /** Its name; null: the catalogue is shown. */
  experiment: string | null
  size: Size
  /** null: as many as the experiment asks for. */
  seeds: number | null
}

/** The catalogue; an experiment is tried quickly before it is done in full. */
export const defaultChoice: Choice = { experiment: null, size: 'quick', seeds: null }

/** Seeds that can be asked for; more of them narrow intervals by their square root only. */
export const MOST_SEEDS = 10

/** The words of an address, of what differs from the defaults. */
export function choiceWords({ experiment, size, seeds }: Choice): [string, string][] {
  if (experiment === null) return []
  return [
    ['experiment', experiment],
    ...(size === defaultChoice.size ? [] : [['size', size] as [string, string]]),
    ...(seeds === null ? [] : [['seeds', String(seeds)] as [string, string]]),
  ]
}

/** Reads the words of an address. What it does not understand is left at its default and named in `problems`. */
export function readChoice(words: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  const read = <T>(key: string, missing: T, parse: (word: string) => T | undefined, wanted: string): T => {
    const word = words.get(key)
    const value = word === null ? missing : parse(word)
    if (value !== undefined) return value
    problems.push(`The link could not be read fully: ${key} ought to be ${wanted}, and is "${word}".`)
    return missing
  }
  const choice: Choice = {
    experiment: words.get('experiment'),
    size: read('size', defaultChoice.size, asSize, 'quick or full'),
    seeds: read('seeds', null, asSeeds, `a number from 1 to ${MOST_SEEDS}`),
  }
  return { choice, problems }
}

/** The setting of a choice, on the embedded models. */
export function settingOf({ size, seeds }: Choice): Setting {
  return { size, seeds, own: null }
}

function asSize(word: string): Size | undefined {
  return word === 'quick' || word === 'full' ? word : undefined
}

function asSeeds(word: string): number | undefined {
  const seeds = Number(word)
  return Number.isInteger(seeds) && seeds >= 1 && seeds <= MOST_SEEDS ? seeds : undefined
}
