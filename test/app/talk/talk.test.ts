import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyScene, freeName, withMovedScene, withNewScene, withoutScene, withScene } from '../../../src/app/talk/edit'
import { matching } from '../../../src/app/talk/find'
import { MOST_SCENES, readChoice } from '../../../src/app/talk/choice'
import { MOST_BYTES, readTalk, talkOf, TalkFileError, writeTalk, type Talk } from '../../../src/app/talk/talk'

const scene = (title: string) => ({ ...emptyScene, title })
const talk = talkOf('mine', 'Mine', 20, ['one', 'two', 'three'].map(scene))
const titles = ({ scenes }: Talk) => scenes.map(({ title }) => title).join(' ')

describe('a talk as a file', () => {
  test('comes back as it was, whatever is written in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1, maxLength: 90 }), (text, title) => {
        const written = withScene(talk, 1, { text, title, show: '#v=2&view=theory&at=0.1', panels: ['theory-bars'] })
        expect(readTalk(writeTalk(written))).toEqual(written)
      }),
    )
  })

  const broken = (change: Record<string, unknown>) => JSON.stringify({ ...talk, ...change })
  test.each<[string, string, string]>([
    ['text', 'hello', 'This file is no talk, or was cut off on the way'],
    ['half a talk', writeTalk(talk).slice(0, 200), 'This file is no talk, or was cut off on the way'],
    ['null', 'null', 'This file is no talk of tiltlab'],
    ['a list', '[]', 'This file is no talk of tiltlab'],
    ['another format', broken({ format: 'slides' }), 'This file is no talk of tiltlab'],
    ['a later version', broken({ version: 2 }), 'This talk was made by a later tiltlab'],
    ['no scenes', broken({ scenes: [] }), 'scenes: expected an array'],
    ['unknown keys', broken({ script: 'alert(1)' }), 'script: unknown key'],
    ['a name with a path', broken({ name: '../x' }), 'name: expected lower-case letters, digits and hyphens'],
    ['a scene of a wrong kind', broken({ scenes: [{ ...emptyScene, panels: 'all' }] }), 'scenes[0].panels: expected an array'],
    ['a scene of no view', broken({ scenes: [{ ...emptyScene, show: 'javascript:alert(1)' }] }), 'scenes[0].show is no address of a view'],
    ['a talk in a talk', broken({ scenes: [{ ...emptyScene, show: '#v=2&view=talk' }] }), 'scenes[0].show is no address of a view'],
    ['more scenes than a talk has', broken({ scenes: Array(MOST_SCENES + 1).fill(emptyScene) }), 'scenes: expected an array'],
    ['a bomb', `"${'x'.repeat(MOST_BYTES)}"`, 'This file is too long for a talk'],
  ])('%s is refused with a sentence', (_, text, reason) => {
    expect(() => readTalk(text)).toThrow(TalkFileError)
    expect(() => readTalk(text)).toThrow(reason)
  }) // prettier-ignore

  test('any text at all is read or refused, and nothing else', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.json().map((json) => `{"format":"tiltlab talk","scenes":${json}}`))
    fc.assert(
      fc.property(text, (any) => {
        expect(() => readTalk(any)).toThrow(TalkFileError)
      }),
    )
  }) // prettier-ignore
})

describe('a talk that is edited', () => {
  test('gains, loses and reorders scenes, and leaves the one before alone', () => {
    expect(titles(withNewScene(talk, 0, scene('new')))).toBe('one new two three')
    expect(titles(withoutScene(talk, 1))).toBe('one three')
    expect(titles(withMovedScene(talk, 2, -1))).toBe('one three two')
    expect(titles(withMovedScene(talk, 0, 1))).toBe('two one three')
    expect(titles(talk)).toBe('one two three')
  })

  test('keeps its last scene, its ends, and its greatest length', () => {
    expect(withoutScene(talkOf('x', 'X', 1, [emptyScene]), 0).scenes).toHaveLength(1)
    expect(withMovedScene(talk, 0, -1)).toBe(talk)
    expect(withMovedScene(talk, 2, 1)).toBe(talk)
    const longest = talkOf('x', 'X', 1, Array(MOST_SCENES).fill(emptyScene) as Talk['scenes'])
    expect(withNewScene(longest, 0, emptyScene)).toBe(longest)
  })

  test('has a name that addresses can hold and no other talk has', () => {
    const taken = ['mein-vortrag', 'talk']
    const name = (title: string) => freeName(title, (each) => taken.includes(each))
    expect([name('Mein Vortrag!'), name('Étude'), name('…'), name('a'.repeat(70))]).toEqual([
      'mein-vortrag-2',
      'e-tude',
      'talk-2',
      'a'.repeat(50),
    ])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (title) => {
        expect(readChoice(new URLSearchParams({ talk: freeName(title, () => false) })).problems).toEqual([])
      }),
    )
  })
})

test('scenes are found by number and by word, in notes too', () => {
  const scenes = withScene(talk, 2, { notes: 'Ask the Room' }).scenes
  const found = (wanted: string) => matching(scenes, wanted).map(({ index }) => index + 1)
  expect([found(''), found('2'), found('t'), found('the room'), found('9')]).toEqual([[1, 2, 3], [2], [2, 3], [3], []])
})

test('an address of a talk that cannot be understood says what is wrong', () => {
  const { choice, problems } = readChoice(new URLSearchParams('talk=A%2FB&scene=0&as=god'))
  expect(choice).toEqual({ talk: 'two-papers', scene: 1, as: 'desk' })
  expect(problems).toHaveLength(3)
})
