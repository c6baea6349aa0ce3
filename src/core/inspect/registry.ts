// registry.ts: what can be inspected without a model
//
// One entry a subject: a JSON document in, a plain answer out. The command line and its help read this list; each
// function lives beside the code that it shows, and is the code that training uses.

import { inspectRandom } from '../random/inspect'
import { inspectAdvantages, inspectLoss, inspectPresets } from '../rl/inspect'
import { inspectHolm, inspectPaired } from '../stats/inspect'
import { inspectEstimate, inspectStationary, inspectTilt } from '../theory/inspect'

/** A subject of `tiltlab inspect`. */
export interface InspectSubject {
  description: string
  /** false where the answer does not depend on a document. */
  needsDocument: boolean
  /** @throws {ConfigError} naming the field of the document that is wrong */
  answer(document: unknown): unknown
}

/** Every subject by name, in the order of the help. */
export const inspectSubjects: Readonly<Record<string, InspectSubject>> = {
  advantages: subject('advantages of a batch of rewards', inspectAdvantages),
  loss: subject('loss of a batch, its gradient by log-probability, and its metrics', inspectLoss),
  presets: {
    description: 'the published algorithms as rows of switches',
    needsDocument: false,
    answer: inspectPresets,
  },
  tilt: subject('the tilted policy of one prompt, its divergences, drift and bounds', inspectTilt),
  stationary: subject('where an algorithm stops on a binary reward', inspectStationary),
  estimate: subject('the tilt as samples of the reference see it', inspectEstimate),
  paired: subject('paired tests of a difference, and of equivalence', inspectPaired),
  holm: subject('p-values adjusted for multiplicity', inspectHolm),
  random: subject('Philox4x32-10’s four words for a key and a counter', inspectRandom),
}

function subject(description: string, answer: (document: unknown) => unknown): InspectSubject {
  return { description, needsDocument: true, answer }
}
