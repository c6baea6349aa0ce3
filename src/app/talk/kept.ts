// kept.ts: talks that were made or brought to this browser, kept until they are removed

import { messageOf } from '../../core/errors'
import { checkedTalk, type Talk } from './talk'

/** Where they are; other windows hear of it when it changes. */
export const KEY = 'tiltlab-talks'

/** What is kept, and what could not be read of it: a sentence, empty if all was. */
export function keptTalks(): { talks: Talk[]; problem: string } {
  let values: unknown
  try {
    values = JSON.parse(localStorage.getItem(KEY) ?? '[]')
  } catch (error) {
    return { talks: [], problem: `Talks of this browser cannot be read: ${messageOf(error)}.` }
  }
  const talks: Talk[] = []
  let broken = 0
  for (const value of Array.isArray(values) ? values : []) {
    try {
      talks.push(checkedTalk(value))
    } catch {
      broken++
    }
  }
  return { talks, problem: broken > 0 ? 'Some talks of this browser are damaged and are left out.' : '' }
}

/** @returns why they are not kept; empty if they are */
export function keepTalks(talks: readonly Talk[]): string {
  try {
    localStorage.setItem(KEY, JSON.stringify(talks))
    return ''
  } catch (error) {
    return `This browser does not keep the talk (${messageOf(error)}): export it before you close the tab.`
  }
}
