// words.ts: how a runner stands, as one says it

import { counted } from '../../core/format'
import type { AttachedRunner } from './attached.svelte'

/** Whether it answers; and if not, what to do. */
export function standingWords({ standing, isOwn, info }: Pick<AttachedRunner, 'standing' | 'isOwn' | 'info'>): string {
  switch (standing) {
    case 'looking':
      return 'Asking it.'
    case 'ready':
      return `Answers${info ? `, tiltlab ${info.version}` : ''}.`
    case 'away':
      return 'Does not answer; it is tried again. What it trains goes on, or goes on once it is started again.'
    case 'locked':
      return isOwn
        ? 'It serves this page, and wants its token: open the link that it printed when it was started, or attach it by that link.'
        : 'It wants its token, which this tab has not: attach it again by the link that it printed.'
  }
  return standing satisfies never
}

/** What it has to do; empty where it does not say. */
export function queueWords({ standing, jobs }: Pick<AttachedRunner, 'standing' | 'jobs'>): string {
  if (standing !== 'ready') return ''
  const running = jobs.filter(({ state }) => state === 'running').length
  const queued = jobs.filter(({ state }) => state === 'queued').length
  if (running + queued === 0) return 'It has nothing to do.'
  const now = running === 0 ? 'It trains nothing now' : `It trains ${counted(running, 'run')}`
  return queued === 0 ? `${now}.` : `${now}; in its queue: ${counted(queued, 'run')}.`
}
