// messages.ts: what the processes of the load test say to each other

/** The variable that says how many events a second each training journals. */
export const RATE = 'TILTLAB_BENCH_RATE'
/** The metric that says when an event was made, ms since 1970. */
export const MADE_AT = 'made_at'

/** To the server. */
export type ServerOrder = 'begin' | 'stop'

/** From the server. */
export type Served =
  { type: 'ready'; url: string; token: string } | { type: 'stopped'; memoryBytes: number[]; cpuSeconds: number }

/** To the watchers, once. */
export interface WatchOrder {
  url: string
  token: string
  /** The runs; every one has so many events. */
  runs: string[]
  eventsPerRun: number
  sockets: number
  streams: number
}

/** From the watchers: that they are all there, and what they had seen once every run was over for every one of them. */
export type Watched = { type: 'watching' } | ({ type: 'seen' } & Seen)

export interface Seen {
  events: number
  /** Numbers that were passed over, and that came again. */
  lost: number
  twice: number
  progress: number
  /** From an event's making to its arrival, ms. */
  delayMs: { median: number; p99: number }
}
