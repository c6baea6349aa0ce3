// terms.ts: words that are defined nowhere else in the project, by what they are about

import type { QuantityKey } from '../theory/quantities'
import { klTerms } from './terms/kl'
import { modelTerms } from './terms/models'
import { rewardTerms } from './terms/rewards'
import { safetyTerms } from './terms/safety'

export const terms = { ...modelTerms, ...rewardTerms, ...klTerms, ...safetyTerms }

/** What a word of a view can lead to. */
export type TermId = keyof typeof terms | QuantityKey | `metric/${string}` | `algorithm/${string}`
