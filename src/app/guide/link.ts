// link.ts: the address of a part of the guide, over a view

import { ADDRESS_VERSION } from '../state/address'
import type { View } from '../state/settings'
import { choiceWords, defaultChoice, type Choice } from './choice'

/** For the href of a link; the state of the view is not in it. */
export function guideAddress(view: View, change: Partial<Choice>): string {
  const words = choiceWords({ ...defaultChoice, ...change })
  return `#${new URLSearchParams([['v', String(ADDRESS_VERSION)], ['view', view], ...words])}`
}
