// link.ts: what a shared link says, and what it cannot hold

import { hubModel, isHubId } from '../../engine/hub'
import { isPicked } from '../state/own-files'
import type { Page } from '../state/page.svelte'

/** The part of the page's state that sharing asks about. */
export type Shared = Pick<Page, 'address' | 'place' | 'config' | 'source'>

/** The whole address. @param base the page's own, without what comes after # */
export function linkOf({ address }: Pick<Shared, 'address'>, base: string): string {
  return address.startsWith('#') ? base + address : base
}

/** What whoever opens the link will not find there, a sentence each. */
export function limitsOf({ place, config, source }: Shared, hostname: string): string[] {
  const isLocal = ['127.0.0.1', 'localhost'].includes(hostname)
  return [
    ...(isLocal
      ? ['This page comes from this machine: elsewhere, the link opens where tiltlab is served at the same address.']
      : []),
    ...(place === 'runs' || (place === 'train' && source !== 'recording')
      ? [
          'Runs are not in a link, only their settings: the same settings give the same run. Export one in Runs to hand it on.',
        ]
      : []),
    ...(isPicked(config.model.id) || (config.data.source !== '' && !isHubId(config.data.source))
      ? ['Files of this machine are not in it: whoever opens it has to choose them too.']
      : []),
    ...(hubModel(config.model.id)
      ? ['Its model is not in it: whoever opens it downloads that from the Hub first.']
      : []),
  ]
}

/** The modules of a code, drawn as one path of a square per dark one. */
export interface Code {
  /** Modules a side, with the quiet margin that readers need. */
  size: number
  path: string
}

const MARGIN = 4

/** The QR code of a text; null if that is too long for any. The library is fetched when a code is first asked for. */
export async function codeOf(text: string): Promise<Code | null> {
  const { generate } = await import('lean-qr')
  try {
    const code = generate(text)
    let path = ''
    for (let y = 0; y < code.size; y++)
      for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x + MARGIN} ${y + MARGIN}h1v1h-1z`
    return { size: code.size + 2 * MARGIN, path }
  } catch {
    // The one thing that can be wrong with a text is its length.
    return null
  }
}
