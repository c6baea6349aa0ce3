// long-run.ts: a run of ten thousand steps, made of the steps of the recorded one
//
// Sizes are those of a real run: its metrics, its completions token by token. Values are put in waves, so that no two
// steps are alike and charts have something to draw.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readJournal } from '../../src/core/run/journal'
import type { RunEvent } from '../../src/core/run/events'
import type { Stream } from './served'

type StepEvent = Extract<RunEvent, { type: 'step' }>
type Started = Extract<RunEvent, { type: 'started' }>

export const HISTORY_STEPS = 10_000
export const EVENTS_PER_SECOND = 20
/** Steps whose completions are sent along with the history; the journal has those of all, and a page keeps few. */
const WHOLE_STEPS = 100
const EVALUATED_EVERY = 100

/**
 * The run, as a stream that goes on for ever.
 *
 * @param rewindAfter steps after which it goes back to the end of its history, as a run does that resumes from a
 *   checkpoint; none: it grows
 */
export function longRun(pageFolder: string, rewindAfter = Infinity): Stream {
  const { events } = readJournal(gunzipSync(readFileSync(join(pageFolder, 'runs/rlvr.jsonl.gz'))))
  const recorded = events.filter((event): event is StepEvent => event.type === 'step')
  const evaluations = events.flatMap((event) => (event.type === 'evaluation' ? [event.evaluation] : []))
  const first = events[0] as Started
  const started = (fromStep: number): Started => ({
    ...first,
    runId: 'long',
    fromStep,
    config: { ...first.config, steps: 4 * HISTORY_STEPS },
  })
  const stepAt = (step: number, whole: boolean): StepEvent => {
    const model = recorded[step % recorded.length]
    const metrics = Object.fromEntries(
      Object.entries(model.metrics).map(([name, value]) => [
        name,
        value * (1 + 0.2 * Math.sin(step / 300) * wave(step)),
      ]),
    )
    return { ...model, step, metrics, groups: whole ? model.groups : [] }
  }
  let step = HISTORY_STEPS
  return {
    id: 'long',
    everyMs: 1000 / EVENTS_PER_SECOND,
    *history() {
      yield started(0)
      for (let at = 1; at <= HISTORY_STEPS; at++) {
        yield stepAt(at, at > HISTORY_STEPS - WHOLE_STEPS)
        if (at % EVALUATED_EVERY === 0)
          yield { type: 'evaluation', step: at, evaluation: evaluations[(at / EVALUATED_EVERY) % evaluations.length] }
      }
    },
    next() {
      if (step - HISTORY_STEPS >= rewindAfter) {
        step = HISTORY_STEPS
        return started(HISTORY_STEPS)
      }
      return stepAt(++step, true)
    },
  }
}

/** A fixed sequence in −1 … 1 that looks irregular. */
function wave(i: number): number {
  return Math.sin(i * 12.9898) * Math.cos(i * 4.1414)
}
