// client.ts: a runner as a page reaches it. What it is doing is in attached.svelte.ts.

import { RunnerApi } from '../../lab/runner-client'
import { isLoopback } from './link'

/** What can be asked of a runner, by a page. */
export class RunnerClient extends RunnerApi {
  /**
   * @param url its origin
   * @param token asked for at every request; null where this tab has none
   */
  constructor(
    readonly url: string,
    token: () => string | null,
  ) {
    super({
      url,
      token,
      fetch: fetchFromPage,
      words: {
        away: 'Start it again with npx tiltlab serve.',
        token: `The token is not the one of the runner at ${url}.`,
        foreign: 'The runner answered what this page does not understand: it is of another version.',
        silent: (status) => `The runner at ${url} answered ${status}.`,
      },
    })
  }
}

/** A page from elsewhere has to say that it means this machine; the browser then asks the person. */
function fetchFromPage(address: URL, init: RequestInit): Promise<Response> {
  const isElsewhere = !isLoopback(location.hostname)
  return fetch(address, { ...init, ...(isElsewhere && { targetAddressSpace: 'loopback' }) } as RequestInit)
}
