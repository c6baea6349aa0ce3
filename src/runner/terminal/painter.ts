// painter.ts: shows a run on a stream, in place where the stream is a terminal

import { applyEvent, emptyView } from '../../core/run/view'
import type { RunEvent } from '../../core/run/events'
import { renderRun } from './live'
import { plainLine } from './plain'
import type { Style } from './text'

/** Receives a run's events; `close` leaves the last picture standing and gives the cursor back. */
export interface RunDisplay {
  show(event: RunEvent): void
  /** Says something that stays, outside of the picture. */
  note(line: string): void
  close(): void
}

/** What is read of a terminal stream. */
export interface TerminalStream {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const REDRAW_MS = 100
const DEFAULT_COLUMNS = 80
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\u001b[J'

/** A live view on a terminal, scrolling lines on anything else. Honours NO_COLOR and TERM=dumb. */
export function runDisplay(stream: TerminalStream, environment: NodeJS.ProcessEnv): RunDisplay {
  const canMove = stream.isTTY === true && environment.TERM !== 'dumb'
  return canMove ? liveDisplay(stream, !environment.NO_COLOR) : plainDisplay(stream)
}

function plainDisplay(stream: TerminalStream): RunDisplay {
  return {
    show(event) {
      const line = plainLine(event)
      if (line !== undefined) stream.write(`${line}\n`)
    },
    note: (line) => stream.write(`${line}\n`),
    close: () => undefined,
  }
}

function liveDisplay(stream: TerminalStream, colour: boolean): RunDisplay {
  let view = emptyView()
  let painted = 0
  let isStale = true

  const erase = () => {
    stream.write(`${painted > 0 ? `\u001b[${painted}A` : ''}\r${CLEAR_BELOW}`)
    painted = 0
  }
  const paint = () => {
    if (!isStale) return
    isStale = false
    // A terminal that does not know its size says 0.
    const style: Style = { columns: stream.columns || DEFAULT_COLUMNS, colour }
    const lines = renderRun(view, style)
    erase()
    stream.write(`${lines.join('\n')}\n`)
    painted = lines.length
  }
  const note = (line: string) => {
    erase()
    stream.write(`${line}\n`)
    isStale = true
    paint()
  }

  stream.write(HIDE_CURSOR)
  const timer = setInterval(paint, REDRAW_MS)
  return {
    show(event) {
      view = applyEvent(view, event)
      isStale = true
      // What the run is stands above the picture, once.
      if (event.type === 'started') note(plainLine(event) ?? '')
    },
    note,
    close() {
      clearInterval(timer)
      paint()
      stream.write(SHOW_CURSOR)
    },
  }
}
