// messages.ts: what the page and the worker that talks to the Hub say to each other

import type { RunConfig } from '../../core/run/config'
import type { Transfer } from './download'
import type { Found, Kind, Repository } from './hub-api'
import type { HubError } from './hub-error'
import type { Look } from './look'
import type { KeptRepository, RepositoryName } from './shelf'

/** A question, by its type: what is asked, and what is answered. */
export interface Questions {
  search: { asked: { kind: Kind; words: string }; answer: Found[] }
  /** How large what can be had of a find is, each choice, bytes. */
  sizes: { asked: { kind: Kind; id: string }; answer: number[] }
  look: { asked: { kind: Kind; id: string; revision: string; config: RunConfig }; answer: Look }
  download: { asked: { repository: Repository; paths: string[] }; answer: null }
  remove: { asked: { name: RepositoryName }; answer: null }
  list: { asked: { kind: Kind }; answer: Kept }
}

/** What is kept. */
export interface Kept {
  /** Whether this browser lets the page keep files. */
  keeps: boolean
  repositories: KeptRepository[]
  usedBytes: number
  quotaBytes: number
}

export type QuestionType = keyof Questions

export type ToHub =
  | { [T in QuestionType]: { type: T; question: number } & Questions[T]['asked'] }[QuestionType]
  | { type: 'cancel'; question: number }

export type FromHub =
  | { type: 'answer'; question: number; answer: Questions[QuestionType]['answer'] }
  | { type: 'transfer'; question: number; transfer: Transfer }
  | { type: 'cancelled'; question: number }
  /** `trouble` where the Hub is the reason. */
  | { type: 'problem'; question: number; message: string; trouble: HubError['trouble'] | null }
