// subject.ts: what can be sent to a runner: settings, or a run that has begun in this browser

import type { RunConfig } from '../../core/run/config'
import { hubModel, isHubId } from '../../engine/hub'
import { isPicked } from '../state/own-files'
import type { KeptRun } from '../storage/run-index'

/** What a person wants to run elsewhere. `tab` is the run of this tab, which is saved and ends here. */
export type Subject =
  | { kind: 'settings'; config: RunConfig }
  | { kind: 'tab'; config: RunConfig; step: number }
  | { kind: 'kept'; config: RunConfig; run: KeptRun }

/** Why a runner could not train this, with what to do; null where it can. */
export function refusalOf({ model, data, task }: RunConfig): string | null {
  if (isPicked(model.id))
    return (
      'Its model is a folder that only this page has been shown. Start it on the runner’s machine, where the folder is: ' +
      'npx tiltlab run submit --model FOLDER. Or choose an embedded model, or one of the Hub.'
    )
  if (task.kind === 'data' && data.source !== '' && !isHubId(data.source))
    return (
      'Its data are files that only this page has been shown. Start it on the runner’s machine, where they are: ' +
      'npx tiltlab run submit --data.source FILE. Or choose data of the Hub.'
    )
  return null
}

/** What the runner has to fetch for itself, a sentence; empty where it has all that it needs. */
export function fetchesOf({ model, data, task }: RunConfig): string {
  const parts = [
    ...(hubModel(model.id) ? ['the model'] : []),
    ...(task.kind === 'data' && isHubId(data.source) ? ['the data'] : []),
  ]
  return parts.length > 0 ? `It downloads ${parts.join(' and ')} from the Hub first, unless it has done so before.` : ''
}
