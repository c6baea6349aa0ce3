// form.ts: how a completion is written, whatever it says: format, length, repetition

import { each, promptGroups, x, type OpenFunction, type Parameter, type RewardFunction } from '../function'
import {
  answerFormat,
  oneBox,
  reasoningSteps,
  SCRIPTS,
  scriptShare,
  tagCount,
  thinkFormat,
  type Script,
} from '../format'
import type { GradeItem, Score } from '../grader'
import { characters, cosineLength, relativeLength, repetition, softOverlong } from '../length'
import type { Values } from '../noise'

const FORMATS = { think: thinkFormat, answer: answerFormat, tags: tagCount, box: oneBox } as const

/** Share of the token budget in which overlong sets in: TRL's 256 of 1280. */
const BUFFER_SHARE = 0.2
/** From here on a reward is that of a right answer. */
const RIGHT = 0.5

const budget = (what: string): Parameter => ({
  name: 'max',
  kind: 'number',
  description: `${what}, in tokens; where nothing is said, the token budget of the completion`,
  optional: true,
  minimum: 1,
})

/** Form alone. */
export const formFunctions: readonly RewardFunction[] = [
  {
    name: 'format',
    description: 'How far a completion keeps to a format, 0 to 1',
    parameters: [
      {
        name: 'style',
        kind: 'text',
        description:
          'think: opens with one <think> and closes it; answer: nothing but a thought and an <answer>; tags: a quarter ' +
          'for each of their four tags; box: exactly one \\boxed{}',
        default: 'think',
        choices: Object.keys(FORMATS),
      },
    ],
    open: (settings) => {
      const measure = FORMATS[settings.text('style') as keyof typeof FORMATS]
      return each(({ completion }) => said(measure(completion), 'format'))
    },
  },
  {
    name: 'script',
    description: 'The share of letters that belong to a script, 0 to 1',
    parameters: [
      { name: 'name', kind: 'text', description: 'The script’s Unicode name', default: 'Latin', choices: SCRIPTS },
    ],
    open: (settings) => {
      const script = settings.text('name') as Script
      return each(({ completion }) => said(scriptShare(completion, script), script))
    },
  },
  {
    name: 'steps',
    description: 'How much a completion goes step by step: a third for each step, 1 from three on',
    parameters: [],
    open: () => each(({ completion }) => said(reasoningSteps(completion), 'steps')),
  },
  {
    name: 'length',
    description: 'The length of the completion; scale it down, as in −0.001*length',
    parameters: [
      {
        name: 'unit',
        kind: 'text',
        description: 'What is counted',
        default: 'tokens',
        choices: ['tokens', 'characters'],
      },
    ],
    open: (settings) => {
      const unit = settings.text('unit')
      return each(({ completion, tokens }) => {
        const length = unit === 'tokens' ? tokens.length : characters(completion)
        return { value: length, why: `${length} ${unit}` }
      })
    },
  },
  {
    name: 'overlong',
    description: '0, falling to −1 as a completion comes to its token budget (DAPO)',
    parameters: [
      budget('Where it is −1'),
      {
        name: 'buffer',
        kind: 'number',
        description: 'How many tokens before that it begins to fall; where nothing is said, a fifth of max',
        optional: true,
        minimum: 0,
      },
    ],
    open: (settings) =>
      each(({ tokens, maxNewTokens }) => {
        const max = settings.optional('max') ?? Math.max(1, maxNewTokens)
        const buffer = Math.min(max, settings.optional('buffer') ?? BUFFER_SHARE * max)
        return said(softOverlong(tokens.length, { max, buffer }), 'overlong')
      }),
  },
  {
    name: 'cosine',
    description: 'By the length of the completion, 1 to ½ where x is right (at least ½), −1 to −½ where it is not',
    parameters: [{ ...x, description: 'Whether the answer is right' }, budget('The length from which nothing changes')],
    open: (settings) =>
      ofX((values, items) =>
        items.map(({ tokens, maxNewTokens }, i) => {
          const max = settings.optional('max') ?? Math.max(1, maxNewTokens)
          return values[i] === null ? null : cosineLength(values[i] >= RIGHT, tokens.length, max)
        }),
      ),
  },
  {
    name: 'brevity',
    description: '½ for the shortest completion of a prompt, −½ for the longest; at most 0 where x is below ½',
    parameters: [{ ...x, description: 'Whether the answer is right' }],
    open: () => ({ ...ofX(brevity), compares: true }),
  },
  {
    name: 'repetition',
    description: '0, down to −1 the more of the completion’s n-grams were there before',
    parameters: [
      {
        name: 'n',
        kind: 'number',
        description: 'Tokens of an n-gram',
        default: 3,
        minimum: 1,
        maximum: 64,
        whole: true,
      },
    ],
    open: (settings) => each(({ tokens }) => said(repetition(tokens, settings.number('n')), 'repetition')),
  },
]

/** Among the completions of one prompt that x could be computed for. */
function brevity(values: Values, items: readonly GradeItem[]): (number | null)[] {
  const result: (number | null)[] = items.map(() => null)
  for (const group of promptGroups(items, values)) {
    const lengths = group.map((i) => items[i].tokens.length)
    const rewards = relativeLength(
      lengths,
      group.map((i) => values[i]! >= RIGHT),
    )
    group.forEach((i, k) => (result[i] = rewards[k]))
  }
  return result
}

function ofX(compute: (x: Values, items: readonly GradeItem[]) => (number | null)[]): OpenFunction {
  return {
    score: (items, inputs) =>
      Promise.resolve(
        compute(inputs.x, items).map((value, i) => ({
          value,
          ...(value !== null && { why: `${items[i].tokens.length} tokens` }),
        })),
      ),
  }
}

function said(value: number, what: string): Score {
  return { value, why: `${what} ${Number(value.toFixed(2))}` }
}
