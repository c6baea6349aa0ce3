// architecture.ts: what can be said of a model before its files are looked at

import { architectures } from '../../engine/formats/config'

/** What of an architecture is said in a list; the Hub does not always know it. */
export function architectureWords(architecture: string): { runs: boolean; words: string } {
  const runs = architectures.some((name) => name === architecture)
  if (architecture === '') return { runs: true, words: 'architecture not told' }
  return { runs, words: runs ? architecture : `${architecture}: not read here, only ${architectures.join(', ')}` }
}
