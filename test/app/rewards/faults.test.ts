import { describe, expect, test } from 'vitest'
import { faultsOf, placeOf, problemOf } from '../../../src/app/rewards/faults'
import { ConfigError, DataFileError, ModelFileError } from '../../../src/core/errors'
import { checkReward } from '../../../src/rewards/reward'
import { RewardSourceError } from '../../../src/rewards/sandbox/contract'

/** What is thrown. */
function thrown(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

describe('problems', () => {
  test('of a program keep their place and lose the name of the file', () => {
    const at = { line: 2, column: 5 }
    const error = new RewardSourceError('reward.ts', 'import', 'imports fs. A reward stands alone.', at)
    expect(problemOf(error)).toEqual({ about: 'program', message: 'Imports fs. A reward stands alone.', at })
  })

  test('of a formula name the character, counted from 0', () => {
    const text = 'accuracy + 0.2*fromat'
    const problem = problemOf(thrown(() => checkReward(text)))
    expect(problem).toMatchObject({ about: 'formula', position: text.indexOf('fromat') })
    expect(problem.message).toMatch(/^There is no reward function "fromat"/)
  })

  test('of data and of models are told apart', () => {
    expect(problemOf(new DataFileError('a.csv', 'has no rows.')).about).toBe('data')
    expect(problemOf(new ConfigError('config.data.preset', 'no column fits')).about).toBe('data')
    expect(problemOf(new ModelFileError('model.onnx', 'is cut off.')).about).toBe('other')
    expect(problemOf(new ConfigError('config.rollout.prompts', 'expected 1')).about).toBe('other')
    expect(problemOf('odd')).toEqual({ about: 'other', message: 'odd' })
  })
})

describe('faults in the editor', () => {
  test('what stops the program comes first, then what failed, then types', () => {
    const source = 'export const a = 1\nexport const b: number = ""\n'
    const faults = faultsOf(
      source,
      { about: 'program', message: 'Exports no reward.' },
      [
        { part: 'user', kind: 'timeout', line: 2, message: 'too many steps', count: 3, examples: [] },
        { part: 'accuracy', kind: 'exception', message: 'not of the program', count: 1, examples: [] },
      ],
      [{ from: source.indexOf('b:'), to: source.indexOf('b:') + 1, severity: 'error', message: 'No string.' }],
    )
    expect(faults).toEqual([
      { line: 1, column: 1, severity: 'error', message: 'Exports no reward.' },
      { line: 2, column: 1, severity: 'error', message: 'Timeout on 3 completions: too many steps' },
      { line: 2, column: 14, length: 1, severity: 'warning', message: 'No string.' },
    ])
  })

  test('a failure without a place is told at the function', () => {
    const source = '// Slow.\n\nexport function reward() {\n  for (;;) {}\n}\n'
    const failure = { part: 'user', kind: 'timeout', message: 'used its steps', count: 1, examples: [] }
    expect(faultsOf(source, null, [failure], [])).toEqual([
      { line: 3, column: 1, severity: 'error', message: 'Timeout on 1 completion: used its steps' },
    ])
  })

  test('a problem elsewhere is none of the program', () => {
    expect(faultsOf('', { about: 'data', message: 'No.' }, [], [])).toEqual([])
  })

  test('places count lines and columns from 1', () => {
    expect([0, 2, 3, 4].map((at) => placeOf('ab\ncd', at))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
    ])
  })
})
