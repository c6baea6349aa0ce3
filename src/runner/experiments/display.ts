// display.ts: an experiment while it goes on: one line of a terminal that is written over, scrolling lines elsewhere

import { timeLeft, type ExperimentEstimate } from '../../lab/experiments/estimate'
import type { ExperimentProgress } from '../../lab/experiments/execute'
import type { TerminalStream } from '../terminal/painter'
import { duration, fit, percent } from '../terminal/text'

/** Shows progress; `note` says something that stays. */
export interface ExperimentDisplay {
  show(progress: ExperimentProgress): void
  note(line: string): void
  close(): void
}

const REDRAW_MS = 100
const DEFAULT_COLUMNS = 80
const CLEAR_LINE = '\r\u001b[K'

/** A live line where the stream is a terminal, a line for each new piece of work where it is not. */
export function experimentDisplay(
  stream: TerminalStream,
  environment: NodeJS.ProcessEnv,
  estimate: ExperimentEstimate,
): ExperimentDisplay {
  const left = timeLeft(estimate)
  const startedMs = performance.now()
  const line = (progress: ExperimentProgress, isLive: boolean) => {
    const seconds = left(progress, (performance.now() - startedMs) / 1000)
    return `${describe(progress, estimate, isLive)}, about ${duration(seconds)} left`
  }
  const isLive = stream.isTTY === true && environment.TERM !== 'dumb'
  return isLive ? liveDisplay(stream, line) : plainDisplay(stream, line)
}

type Draw = (progress: ExperimentProgress, isLive: boolean) => string

function plainDisplay(stream: TerminalStream, draw: Draw): ExperimentDisplay {
  let last = ''
  return {
    show(progress) {
      const { cells, doing } = progress
      const work = `${cells.done} ${doing}`
      // A model that is warm is loaded for every run: that is nothing to tell.
      if (work === last || doing === 'load') return
      last = work
      stream.write(`${draw(progress, false)}\n`)
    },
    note: (text) => stream.write(`${text}\n`),
    close: () => undefined,
  }
}

function liveDisplay(stream: TerminalStream, draw: Draw): ExperimentDisplay {
  let drawnMs = -Infinity
  return {
    show(progress) {
      if (performance.now() - drawnMs < REDRAW_MS) return
      drawnMs = performance.now()
      // A terminal that does not know its size says 0.
      stream.write(CLEAR_LINE + fit(draw(progress, true), (stream.columns || DEFAULT_COLUMNS) - 1))
    },
    note: (text) => stream.write(`${CLEAR_LINE}${text}\n`),
    close: () => stream.write(CLEAR_LINE),
  }
}

/** `GRPO, seed 1, run 5 of 24: step 7 of 24`. */
function describe(
  { cells, cell, doing, measure, share }: ExperimentProgress,
  estimate: ExperimentEstimate,
  isLive: boolean,
): string {
  const where = `${cell.label}, seed ${cell.seed}, run ${cells.done + 1} of ${cells.total}`
  switch (doing) {
    case 'load':
      return `${where}: loading`
    case 'train': {
      const { steps } = estimate.cells[cells.done].cell.arm.config
      return `${where}: ${isLive ? `step ${Math.round(share * steps)} of` : 'training,'} ${steps}${isLive ? '' : ' steps'}`
    }
    case 'measure':
      return `${where}: measuring${isLive ? ` ${measure ?? ''}, ${percent(share, 1)}` : ''}`
  }
  return doing satisfies never
}
