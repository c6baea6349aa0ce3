// templates.ts: rewards to start from, each a page at most
//
// Those of docs/reward-guide.md are among them: one is hackable, to be caught at it, and one is the same, mended.

import partialCredit from '../../../examples/rewards/partial-credit.ts?raw'
import mended from '../../../examples/rewards/right-and-brief-mended.ts?raw'
import hackable from '../../../examples/rewards/right-and-brief.ts?raw'

/** A program with a name and what it is good for. */
export interface Template {
  name: string
  about: string
  source: string
}

export const templates: readonly Template[] = [
  {
    name: 'Right number',
    about: '1 if the number behind #### is the gold number',
    source: `// 1 if the number behind the last #### is the gold number.
export function reward({ completion, answer }: RewardItem): RewardAnswer {
  const found = /####\\s*(-?[\\d,]*\\.?\\d+)\\s*$/.exec(completion)
  const gold = answer.split('####').at(-1)!
  if (!found) return { score: 0, info: { why: 'no number behind ####' } }
  return Number(found[1].replaceAll(',', '')) === Number(gold.replaceAll(',', '')) ? 1 : 0
}
`,
  },
  { name: 'Partial credit', about: 'exact fractions; something for a near miss', source: partialCredit },
  { name: 'Right and brief (hackable)', about: 'looks sensible: see what it invites', source: hackable },
  { name: 'Right and brief, mended', about: 'being brief pays on top of a right answer alone', source: mended },
  {
    name: 'The best of a group',
    about: 'compares the completions of one prompt with each other',
    source: `// All completions that are scored together come at once: right ones pay, the shortest of them most.
export function rewards(items: RewardItem[]): RewardAnswer[] {
  const number = (text: string) => Number(text.split('####').at(1) ?? NaN)
  const right = items.map(({ completion, answer }) => number(completion) === Number(answer))
  const shortest = Math.min(...items.filter((_, i) => right[i]).map(({ tokens }) => tokens.length))
  return items.map(({ tokens }, i) => (right[i] ? (tokens.length === shortest ? 1 : 0.8) : 0))
}
`,
  },
]
