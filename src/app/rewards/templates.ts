// templates.ts: rewards to start from, each a page at most
//
// One of them is hackable, to be caught at it.

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
  if (!found) return { score: 0, info: { why: 'no number behind ####' } }
  return Number(found[1].replaceAll(',', '')) === Number(answer) ? 1 : 0
}
`,
  },
  {
    name: 'Right, and short',
    about: 'right answers pay more, the shorter they are',
    source: `// A right answer is worth 1, less up to a fifth for length; a wrong one nothing, however short.
const LONG = 40

export function reward({ completion, answer, tokens }: RewardItem): RewardAnswer {
  const said = completion.split('####').at(-1)!.trim()
  if (said === '' || Number(said) !== Number(answer)) return 0
  const length = Math.min(1, tokens.length / LONG)
  return { score: 1 - 0.2 * length, info: { tokens: tokens.length } }
}
`,
  },
  {
    name: 'Names the answer (hackable)',
    about: 'pays for the gold anywhere in the text: see what that invites',
    source: `// 1 if the gold answer stands anywhere in the completion. Try it: the probes find what is wrong with it.
export function reward({ completion, answer }: RewardItem): RewardAnswer {
  return completion.includes(answer) ? 1 : 0
}
`,
  },
  {
    name: 'The best of a group',
    about: 'compares the completions of one prompt with each other',
    source: `// All completions that are scored together come at once: right ones pay, the shortest of them most.
export function rewards(items: RewardItem[]): RewardAnswer[] {
  const right = items.map(({ completion, answer }) => Number(completion.split('####')[1] ?? NaN) === Number(answer))
  const shortest = Math.min(...items.filter((_, i) => right[i]).map(({ tokens }) => tokens.length))
  return items.map(({ tokens }, i) => (right[i] ? (tokens.length === shortest ? 1 : 0.8) : 0))
}
`,
  },
]
