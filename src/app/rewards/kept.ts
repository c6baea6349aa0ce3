// kept.ts: the draft of a reward, kept by this browser until the next visit

import * as v from 'valibot'
import { DataSchema, defaultConfig, RewardSchema, TaskSchema } from '../../core/run/config'
import { readLocal, writeLocal } from '../state/local'
import type { Draft } from './plan'

const KEY = 'tiltlab-reward-draft'

const DraftSchema = v.strictObject({ reward: RewardSchema, task: TaskSchema.entries.kind, data: DataSchema })

/** Nothing written, and the sums to try it on. */
export const emptyDraft: Draft = {
  reward: defaultConfig.reward,
  task: defaultConfig.task.kind,
  data: { ...defaultConfig.data, badRows: 'skip' },
}

/** The draft of the last visit; the empty one if there is none, or another version wrote it. */
export function keptDraft(): Draft {
  return readLocal(KEY, DraftSchema) ?? emptyDraft
}

export function keepDraft(draft: Draft): void {
  writeLocal(KEY, draft)
}
