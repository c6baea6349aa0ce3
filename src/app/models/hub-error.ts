// hub-error.ts: what can go wrong between this page and the Hub, and what to do about it
//
// Whatever has arrived is kept but for a file that is not what the Hub announced: the next try goes on from there.

import { duration } from '../../core/format'
import { TiltlabError } from '../../core/errors'

/**
 * offline: no connection, or it broke; missing: no such thing; closed: not open to everybody; busy: too many requests, or
 * the Hub is down; damaged: not what was announced; strange: an answer that the Hub does not give.
 */
export type Trouble = 'offline' | 'missing' | 'closed' | 'busy' | 'damaged' | 'strange'

/** The Hub does not give what was asked of it. */
export class HubError extends TiltlabError {
  /** @param waitMs how long the Hub asks to be left alone; 0 if it does not say */
  constructor(
    readonly trouble: Trouble,
    message: string,
    readonly waitMs = 0,
  ) {
    super(message)
  }

  static offline(what: string) {
    return new HubError(
      'offline',
      `${what}: the connection to the Hub broke, or there is none. Check it and go on; what has arrived is kept.`,
    )
  }

  static damaged(what: string, problem: string) {
    return new HubError(
      'damaged',
      `${what} ${problem}, so it was removed. Download it again; if that happens twice, choose another model or revision.`,
    )
  }

  static strange(what: string) {
    return new HubError('strange', `${what}: the Hub did not answer as it does. Try again later.`)
  }
}

/** What an answer that is none means. @param what for people: a file, a repository, a search */
export function refusal(what: string, response: Response): HubError {
  const { status } = response
  if (status === 401 || status === 403) {
    return new HubError(
      'closed',
      `${what} is not open to everybody: its owner asks for consent, or it is private. ` +
        'Get it at huggingface.co with your own account, and choose its folder here.',
    )
  }
  if (status === 404 || status === 410)
    return new HubError('missing', `${what} is not on the Hub. Check its name and its revision.`)
  if (status === 429) {
    const waitMs = 1000 * (Number(response.headers.get('Retry-After')) || 0)
    const when = waitMs > 0 ? `in ${duration(waitMs)}` : 'in a few minutes'
    return new HubError('busy', `${what}: the Hub has had too many requests from here. Go on ${when}.`, waitMs)
  }
  if (status >= 500)
    return new HubError('busy', `${what}: the Hub is not well (it answered ${status}). Try again in a few minutes.`)
  return new HubError('strange', `${what}: the Hub answered ${status}. Try again later, or choose another model.`)
}
