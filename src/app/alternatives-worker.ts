// alternatives-worker.ts: says what else was possible in the place of a token, off the page's own thread
//
// The plain engine computes it, whatever engine trains: a single row of numbers is asked for, and the graphics card may be
// at work. The model of the last question is kept for the next.

import { messageOf } from '../core/errors'
import { createModelCache } from '../lab/model-cache'
import { alternativesAt } from '../lab/alternatives'
import { loadWeightsNear } from '../lab/checkpoint'
import type { Answer, Question } from './explain/alternatives'
import { pageHosts } from './state/hosts'
import { nothingPicked, type OwnFiles } from './state/own-files'
import { openKeptFiles } from './storage/opfs'
import { folderOf, runStorage } from './storage/run-storage'

let own: OwnFiles = nothingPicked
const models = createModelCache(pageHosts(() => own))
let before = Promise.resolve()

globalThis.onmessage = ({ data }: MessageEvent<Question & { files: OwnFiles }>) => {
  own = data.files
  // One model, one question at a time.
  before = before.then(async () => {
    try {
      post({ id: data.id, ...(await answer(data)) })
    } catch (error) {
      post({ id: data.id, problem: messageOf(error) })
    }
  })
}

async function answer({ config, runId, step, asked }: Question) {
  const plain = { ...config, engine: { kind: 'reference' as const, deterministic: false } }
  const files = runId === null ? undefined : await openKeptFiles('runs')
  // A step is sampled by the policy that the step before it left behind.
  const found = files && runId !== null && (await loadWeightsNear(runStorage(files, folderOf(runId)), step - 1))
  const model = await models.load(plain, {})
  // Before the first update the policy is the reference.
  const isUntrained = step <= 1
  if (isUntrained || !found) await model.policy.reset()
  else await model.policy.restore(found.weights)
  const weightsOf = isUntrained ? 0 : found ? found.step : null
  return { alternatives: await alternativesAt(model, asked, weightsOf !== null), weightsOf }
}

function post(message: Answer): void {
  globalThis.postMessage(message)
}
