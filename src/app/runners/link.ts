// link.ts: the link that a runner prints, as a person pastes it

import { TiltlabError } from '../../core/errors'
import { withoutToken } from './token'

/** What was pasted is not a runner's link; the message says what to do. */
export class LinkError extends TiltlabError {}

/** Where a runner is, and the secret that it wants. */
export interface RunnerLink {
  /** Its origin, such as `http://127.0.0.1:7415`. */
  url: string
  token: string
}

/** Runners listen on their own machine alone. */
const LOOPBACK = ['127.0.0.1', 'localhost']

const EXAMPLE = 'http://127.0.0.1:7415/#token=…'

/** Whether pages of this origin are served by a machine to itself. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.includes(hostname)
}

/** What starts a runner that this page may attach: it answers pages of its own address, and those that it is told. */
export function serveCommand(): string {
  return `npx tiltlab serve --allow ${location.origin}`
}

/** Reads a link, with whatever stands around it in a terminal. @throws {LinkError} */
export function readLink(text: string): RunnerLink {
  const [word] = /https?:\/\/\S+/.exec(text) ?? []
  if (!word || !URL.canParse(word))
    throw new LinkError(`This is no link. Paste the whole line that the runner printed; it has ${EXAMPLE} in it.`)
  const { protocol, hostname, origin, hash } = new URL(word)
  if (protocol !== 'http:' || !isLoopback(hostname))
    throw new LinkError(
      `A runner answers its own machine alone, at 127.0.0.1, and this link leads to ${hostname}. For a runner on another machine, ` +
        'open a tunnel to it (ssh -L 7415:127.0.0.1:7415 MACHINE), and paste its link as it printed it.',
    )
  const { token } = withoutToken(hash)
  if (token === null)
    throw new LinkError(`The runner’s token is missing, or was cut off. Paste the link to its end: ${EXAMPLE}.`)
  return { url: origin, token }
}
