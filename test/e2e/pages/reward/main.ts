// main.ts: the page's own worker, made to train by test/e2e/reward.test.ts

import '../../../../src/app/trusted'
import { openTraining } from '../../../../src/app/state/training'
import type { RunConfig } from '../../../../src/core/run/config'
import type { RunEvent } from '../../../../src/core/run/events'

declare global {
  interface Window {
    /** Trains to the end and gives every event but progress. */
    trainInWorker(config: RunConfig): Promise<RunEvent[]>
  }
}

window.trainInWorker = (config) =>
  new Promise((resolve, reject) => {
    const events: RunEvent[] = []
    const training = openTraining({
      onEvent(event) {
        if (event.type !== 'progress') events.push(event)
        if (event.type !== 'ended') return
        training.close()
        resolve(events)
      },
      onFailure: (message) => reject(new Error(message)),
      onKeeping: (problem) => reject(new Error(problem)),
    })
    training.send({ type: 'start', config, paused: false })
  })
