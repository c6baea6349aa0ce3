// talk.ts: a talk as data: a list of scenes, and how one is read from a file
//
// What a scene shows of a view is an address of that view, so that any state of any view can be a scene.

import * as v from 'valibot'
import { ConfigError, TiltlabError } from '../../core/errors'
import { validate } from '../../core/run/validate'
import { ADDRESS_VERSION, defaultChoices, fromHash, toHash, type Address, type Choices } from '../state/address'
import { MOST_SCENES, NameSchema } from './choice'

const FORMAT = 'tiltlab talk'
const VERSION = 1

/** No talk of words is longer; a file that is holds something else. */
export const MOST_BYTES = 2_000_000

const words = (most: number) => v.pipe(v.string(), v.maxLength(most))

export const SceneSchema = v.strictObject({
  title: v.pipe(words(200), v.nonEmpty()),
  /** What the audience reads, as text.ts describes. */
  text: words(8000),
  /** What the speaker alone reads. */
  notes: words(8000),
  /** Address of what is shown live, from # on; empty: nothing. */
  show: words(20_000),
  /** Names of the panels that are shown of it (panels.ts); empty: all. */
  panels: v.pipe(v.array(v.pipe(words(120), v.nonEmpty())), v.maxLength(40)),
  /** Preset whose recording goes on where a live run fails; empty: that of the settings that are shown. */
  recording: words(60),
})

export const TalkSchema = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  name: NameSchema,
  title: v.pipe(words(200), v.nonEmpty()),
  /** How long it is meant to take. */
  minutes: v.pipe(v.number(), v.minValue(1), v.maxValue(600)),
  scenes: v.pipe(v.array(SceneSchema), v.minLength(1), v.maxLength(MOST_SCENES)),
})

export type Scene = v.InferOutput<typeof SceneSchema>
export type Talk = v.InferOutput<typeof TalkSchema>

/** A file holds no talk that can be shown here. */
export class TalkFileError extends TiltlabError {}

/** A talk of these scenes. */
export function talkOf(name: string, title: string, minutes: number, scenes: Scene[]): Talk {
  return { format: FORMAT, version: VERSION, name, title, minutes, scenes }
}

/** A state of a view as a scene shows it. The state that needs no words has some here: none mean no view. */
export function showOf({ view, config, choices }: Address): string {
  // Of what is chosen, the view's own alone: whatever is open over it is no part of it.
  const own = Object.hasOwn(choices, view) ? { [view]: choices[view as keyof Choices] } : {}
  return `#${toHash({ view, config, choices: { ...defaultChoices, ...own } }) || `v=${ADDRESS_VERSION}&view=${view}`}`
}

/** The talk as the text of a file. */
export function writeTalk(talk: Talk): string {
  return `${JSON.stringify(talk, null, 2)}\n`
}

/** @throws {TalkFileError} that says what is wrong with the file */
export function readTalk(text: string): Talk {
  if (text.length > MOST_BYTES)
    throw new TalkFileError('This file is too long for a talk: it holds something else. Nothing was read.')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TalkFileError('This file is no talk, or was cut off on the way: choose one that was exported here.')
  }
  return checkedTalk(value)
}

/** @throws {TalkFileError} if the value is no talk */
export function checkedTalk(value: unknown): Talk {
  const { format, version } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (format !== FORMAT) throw new TalkFileError('This file is no talk of tiltlab: choose one that was exported here.')
  if (typeof version === 'number' && version > VERSION)
    throw new TalkFileError('This talk was made by a later tiltlab: open it there, or reload this page for a new one.')
  let talk: Talk
  try {
    talk = validate(TalkSchema, value, '')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new TalkFileError(`This talk cannot be shown: ${error.message}. Nothing was kept of it.`)
  }
  talk.scenes.forEach(({ show }, index) => {
    if (show !== '' && (!show.startsWith('#') || fromHash(show).view === 'talk'))
      throw new TalkFileError(
        `This talk cannot be shown: scenes[${index}].show is no address of a view. Nothing was kept of it.`,
      )
  })
  return talk
}
