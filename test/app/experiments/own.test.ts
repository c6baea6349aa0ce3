// A model of one's own in the Compare view: what it begins with, what is missing, and what a link says of it

import { expect, test } from 'vitest'
import { choiceWords, defaultChoice, readChoice, settingOf } from '../../../src/app/experiments/choice'
import { dataOfOwn, missingOf, ownFrom } from '../../../src/app/experiments/own'
import { defaultConfig } from '../../../src/core/run/config'
import { resolvePreset } from '../../../src/core/run/presets'
import { findExperiment } from '../../../src/lab/experiments/catalogue'
import { checkReward } from '../../../src/rewards/reward'

const trained = {
  ...resolvePreset('data'),
  model: { id: 'org/m@abc', dtype: 'q4f16' as const, embedding: 'file' as const },
}
const withData = { ...trained, data: { ...trained.data, source: 'org/sums', files: 'train*' } }
const complete = { ...ownFrom(withData), requests: [dataOfOwn({ source: 'org/requests' })] }

test('it begins with the model and the data of Train, and says what is missing', () => {
  expect(ownFrom(withData)).toMatchObject({ model: { id: 'org/m@abc' }, data: { source: 'org/sums', files: 'train*' } })
  expect(missingOf(ownFrom(defaultConfig))).toBe('Name what the model is trained on.')
  expect(missingOf(ownFrom(withData))).toBe('Name the harmful requests that the model is asked.')
  expect(missingOf({ ...complete, scorer: ' ' })).toBe('Write what scores harm in its answers.')
  expect(missingOf(complete)).toBe('')
  expect(missingOf(null)).toBe('')
})

test('its scorer is one, and an experiment is planned with it as on the command line', () => {
  expect(() => checkReward(complete.scorer)).not.toThrow()
  const { arms } = findExperiment('rlvr-vs-sft').plan(settingOf({ ...defaultChoice, own: complete }))
  expect(new Set(arms.map(({ config }) => config.model.id))).toEqual(new Set(['org/m@abc']))
})

test('a link holds all of it, and one that was changed on the way is told', () => {
  const choice = { ...defaultChoice, experiment: 'rlvr-vs-sft', own: complete }
  expect(readChoice(new URLSearchParams(choiceWords(choice)))).toEqual({ choice, problems: [] })
  const { choice: read, problems } = readChoice(new URLSearchParams({ experiment: 'scale', own: '{"model":1}' }))
  expect(read.own).toBeNull()
  expect(problems[0]).toContain('own ought to be a model and data of one’s own')
})
