// answers.ts: is the answer right? By the data set's own grader, by another one, or by a person's program

import { ConfigError } from '../../core/errors'
import { EXPRESSION_FIELD } from '../expression'
import { each, plain, type Parameter, type RewardFunction, type Settings } from '../function'
import { answerScorer } from '../grader'
import { graders, loadGrader, type GraderName } from '../graders'
import type { Tolerance } from '../number'
import { partialCredit } from '../partial'

/** A grader as a reward, whatever the data set says about its own. */
function graderFunction(name: GraderName): RewardFunction {
  return {
    name,
    description: `1 if the answer is right, else 0: ${graders[name].description}`,
    parameters: name === 'number' ? TOLERANCES : [],
    open: async (settings) => {
      const compare = await loadGrader(name)
      const tolerance = name === 'number' ? toleranceOf(settings) : undefined
      return plain(answerScorer((completion, gold) => compare(completion, gold, tolerance && { tolerance })))
    },
  }
}

const TOLERANCES: readonly Parameter[] = [
  {
    name: 'absolute',
    kind: 'number',
    description: 'How far from the gold number an answer may lie; with neither bound, as the grader has it',
    optional: true,
    minimum: 0,
  },
  {
    name: 'relative',
    kind: 'number',
    description: 'The same, as a share of the gold number; the larger of the two counts',
    optional: true,
    minimum: 0,
  },
]

function toleranceOf(settings: Settings): Tolerance | undefined {
  const [absolute, relative] = [settings.optional('absolute'), settings.optional('relative')]
  if (absolute === undefined && relative === undefined) return undefined
  return { ...(absolute !== undefined && { absolute }), ...(relative !== undefined && { relative }) }
}

/** Right or wrong. */
export const answerFunctions: readonly RewardFunction[] = [
  {
    name: 'accuracy',
    description:
      '1 if the answer is right by the data set’s own grader, else 0; no value for prompts without a gold answer',
    parameters: [],
    open: (_, { accuracy }) => {
      if (accuracy) return plain(accuracy)
      throw new ConfigError(
        EXPRESSION_FIELD,
        'accuracy needs gold answers, and there are none; say what is rewarded with --reward or --reward.program',
      )
    },
  },
  {
    name: 'partial',
    description:
      'For the sums that come with tiltlab: 1 if the answer is right, ½ if only the first step is, else 0; no value for others',
    parameters: [],
    open: () => each(partialCredit),
  },
  {
    name: 'user',
    description: 'What the program of reward.program gives',
    parameters: [],
    open: (_, { program }) => {
      if (program) return program()
      throw new ConfigError(EXPRESSION_FIELD, 'user needs a program: --reward.program FILE')
    },
  },
  ...(Object.keys(graders) as GraderName[]).map(graderFunction),
]
