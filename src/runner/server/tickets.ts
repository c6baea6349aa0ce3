// tickets.ts: what opens one socket
//
// A browser cannot send a header with a socket, and an address is written into logs. So whoever has the token gets a ticket for
// it, which names a socket's second protocol: it is good once, and for half a minute.

import { createHash, randomBytes } from 'node:crypto'

const LIFE_MS = 30_000
/** Nobody needs more at once; the oldest goes first. */
const MOST = 1_000

/** The tickets of one server. */
export class Tickets {
  /** When each ends, by its hash: looking one up tells nothing about the others. */
  readonly #open = new Map<string, number>()

  /** @param now a clock that only goes forward, ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  issue(): string {
    const ticket = randomBytes(32).toString('base64url')
    for (const [hash, endsAt] of this.#open)
      if (endsAt <= this.now() || this.#open.size >= MOST) this.#open.delete(hash)
    this.#open.set(hashOf(ticket), this.now() + LIFE_MS)
    return ticket
  }

  /** Whether a ticket is good; from now on it is not. */
  redeem(ticket: string): boolean {
    const hash = hashOf(ticket)
    const endsAt = this.#open.get(hash)
    this.#open.delete(hash)
    return endsAt !== undefined && endsAt > this.now()
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
