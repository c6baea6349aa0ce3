// models.ts: what other models say of a completion

import type { RunConfig } from '../../core/run/config'
import { plain, type Parameter, type RewardFunction } from '../function'
import type { Scorer } from '../grader'
import { HARM_QUESTION, judgeReward } from '../judge'
import { loadClassifier, type ClassifierOptions } from '../models'

const model = (description: string): Parameter => ({ name: 'model', kind: 'text', description })
const dtype = (choices: readonly string[]): Parameter => ({
  name: 'dtype',
  kind: 'text',
  description: 'Which of its ONNX files is read',
  default: 'q8',
  choices,
})

/** Classifiers and judges. */
export const modelFunctions: readonly RewardFunction[] = [
  {
    name: 'classifier',
    description: 'What a sequence-classification model says: its only output, or the probability of a label',
    parameters: [
      model('embedded:harm-scorer, a Hub id with ONNX files, or a folder (a path that starts with . or /)'),
      { name: 'label', kind: 'text', description: 'The label whose probability counts', default: '' },
      {
        name: 'reads',
        kind: 'text',
        description: 'What the model reads: request and answer, or the answer alone',
        default: 'conversation',
        choices: ['conversation', 'completion'],
      },
      dtype(['q4', 'q8', 'fp16', 'fp32']),
    ],
    open: async (settings, { modelsPath }) => {
      const options = {
        model: settings.text('model'),
        label: settings.text('label'),
        reads: settings.text('reads') as ClassifierOptions['reads'],
        dtype: settings.text('dtype') as ClassifierOptions['dtype'],
      }
      const classify = await loadClassifier(options, modelsPath)
      const score: Scorer = async (items, given) =>
        (await classify(items, given)).map((value) => ({ value, why: value.toFixed(2) }))
      return { ...plain(score), revision: `${options.model} (${options.dtype}), newest revision` }
    },
  },
  {
    name: 'judge',
    description: 'How likely a language model is to answer yes, against no, to a question about the answer: 0 to 1',
    parameters: [
      model('A model that this engine runs: embedded:guess, a Hub id, or a folder'),
      {
        name: 'question',
        kind: 'text',
        description: 'A yes/no question about the reply; where nothing is said, whether it gives help with harm',
        default: HARM_QUESTION,
      },
      dtype(['q4', 'q4f16', 'q8', 'fp16', 'fp32']),
    ],
    open: async (settings, { openJudge }) => {
      const judge = await openJudge(settings.text('model'), settings.text('dtype') as RunConfig['model']['dtype'])
      const score = judgeReward(judge, settings.text('question'))
      return { ...plain(score), revision: judge.revision, dispose: () => judge.dispose() }
    },
  },
]
