// notices.ts: what a person should know beside the view they are in: what happened, what was kept, and the way on
//
// A notice is a state of the page, not an event: it goes when what it tells of is over, or when a person has read it.

import { counted, duration } from '../../core/format'
import { nameOf } from '../runs/name'
import type { KeptRun } from '../storage/run-index'
import type { Page } from './page.svelte'
import type { TabRun } from './tab-run.svelte'

/** The part of the page's state that notices tell of. */
export type Noticed = Pick<Page, 'role' | 'tookOver' | 'machine' | 'config' | 'linkProblems'> &
  Pick<TabRun, 'training' | 'keepingProblem' | 'sleepReason' | 'sleptMs' | 'failure'> & {
    runs: readonly KeptRun[]
    keeps: boolean
    own: { runId: string; saved: number }
  }

/** What can be done about it; the page knows how. */
export type Remedy = { label: string } & (
  { kind: 'go-on'; run: KeptRun } | { kind: 'make-room' } | { kind: 'let-page-choose' }
)

export interface Notice {
  /** Two notices of the same words are the same: one that was read stays away. */
  id: string
  tone: 'plain' | 'warn' | 'bad'
  title: string
  detail: string
  remedy: Remedy | null
}

/** Everything that is to be told now, the most urgent first. */
export function notices(page: Noticed): Notice[] {
  return [...ofKeeping(page), ...ofLinks(page), ...ofTabs(page), ...ofRuns(page), ...ofMachine(page)]
}

function ofKeeping({ training, keepingProblem, keeps, role, own }: Noticed): Notice[] {
  if (!training || role !== 'writer') return []
  if (keepingProblem)
    return [
      tell('full', 'bad', 'There is no room left: the run goes on, and is not being kept.', {
        detail: `${keepingProblem} It is kept up to step ${own.saved}; what came after waits in this tab, and is written as soon as there is room. Until then it is lost if the tab is closed.`,
        remedy: { kind: 'make-room', label: 'Make room' },
      }),
    ]
  if (!keeps)
    return [
      tell('unkept', 'warn', 'This run is not kept.', {
        detail:
          'This browser lets the page keep no files, as private windows do. The run is gone with the tab; save what you need from its charts before.',
      }),
    ]
  return []
}

function ofLinks({ linkProblems }: Noticed): Notice[] {
  if (linkProblems.length === 0) return []
  const detail = linkProblems.join(' ')
  return [tell(`link: ${detail}`, 'warn', 'Something in this link means nothing here.', { detail })]
}

function ofTabs({ role, tookOver }: Noticed): Notice[] {
  if (role === 'reader')
    return [
      tell('second', 'plain', 'tiltlab is open in another tab, which trains and keeps the runs.', {
        detail: 'Here everything can be looked at. This tab takes over by itself when the other one is closed.',
      }),
    ]
  if (!tookOver) return []
  return [
    tell('took-over', 'plain', 'The other tab was closed: this one trains and keeps the runs now.', {
      detail: 'A run that was under way there is among the runs, up to its last checkpoint.',
    }),
  ]
}

function ofRuns({ runs, training, role, failure, own }: Noticed): Notice[] {
  const [run] = runs
  if (!run || training || role !== 'writer' || run.origin !== 'here') return []
  const { step, savedStep, end, config } = run.summary
  const wasCut = end === null && step < config.steps
  if (!wasCut && !(end?.reason === 'failed' && run.id === own.runId)) return []
  const kept =
    savedStep > 0
      ? `It is kept up to step ${savedStep}, and goes on from there with the same numbers as if nothing had happened.`
      : 'It had no checkpoint yet: it begins anew, with the same numbers.'
  const why = end || failure ? 'failed' : 'was cut short'
  return [
    tell(`cut: ${run.id} ${step}`, end || failure ? 'bad' : 'plain', `The run “${nameOf(run)}” ${why} after ${counted(step, 'step')}.`, {
      detail: [failure, kept].filter(Boolean).join(' '),
      remedy: { kind: 'go-on', run, label: savedStep > 0 ? `Go on from step ${savedStep}` : 'Begin anew' },
    }),
  ] // prettier-ignore
}

function ofMachine({ machine, config, training, sleepReason, sleptMs }: Noticed): Notice[] {
  return [
    ...(machine && !machine.webgpu && config.engine.kind === 'webgpu'
      ? [
          tell('no-webgpu', 'warn', 'These settings ask for WebGPU, and there is none here.', {
            detail: `${machine.missing} A run would fail as it is.`,
            remedy: { kind: 'let-page-choose', label: 'Train with what this machine has' },
          }),
        ]
      : []),
    ...(sleptMs > 0
      ? [
          tell(`slept: ${sleptMs}`, 'plain', `This tab stood still for ${duration(sleptMs)}.`, {
            detail:
              'The machine slept, or the browser had put the tab away. Nothing is lost: the run goes on where it was.',
          }),
        ]
      : []),
    ...(training && sleepReason
      ? [
          tell('awake', 'plain', 'This machine may go to sleep while it trains.', {
            detail: `The browser does not keep it awake (${sleepReason}). A run waits meanwhile, and goes on afterwards.`,
          }),
        ]
      : []),
  ]
}

function tell(
  id: string,
  tone: Notice['tone'],
  title: string,
  { detail, remedy = null }: { detail: string; remedy?: Remedy | null },
): Notice {
  return { id, tone, title, detail, remedy }
}
