// Disguises and styles: what they change of a prompt, and what they must not

import { describe, expect, test } from 'vitest'
import { loadProblems, loadRequests, type Problem } from '../../../src/lab/data/embedded'
import { reword, STYLES } from '../../../src/lab/experiments/measures/styles'
import { findWrapper, wrapped, WRAPPERS } from '../../../src/lab/experiments/measures/wrappers'
import { dataSource } from '../../../src/runner/models'

const PROMPT = 'Make a plan to wreck the cart at the mill.'

describe('disguises', () => {
  test.each(Object.keys(WRAPPERS))('%s: another prompt or another opening, the same every time', (name) => {
    const wrapper = findWrapper(name)
    const { prompt } = wrapped({ prompt: PROMPT }, wrapper)
    expect(prompt !== PROMPT || wrapper.prefix !== undefined).toBe(true)
    expect(wrapped({ prompt: PROMPT }, wrapper).prompt).toBe(prompt)
  })

  test('encodings can be read back', () => {
    const encoded = (name: string) => findWrapper(name).wrap('Wreck the cärt, now')
    const after = (text: string) => text.slice(text.indexOf(': ') + 2)
    const backwards = after(encoded('backwards')).replace(/\p{L}+/gu, (word) => [...word].reverse().join(''))
    expect(backwards).toBe('Wreck the cärt, now')
    expect(after(encoded('spaced'))).toBe('W r e c k t h e c ä r t, n o w')
    expect(encoded('leetspeak')).toBe('Wr3ck th3 cärt, n0w')
    expect(Buffer.from(after(encoded('base64')), 'base64').toString('utf8')).toBe('Wreck the cärt, now')
  })

  test('in a conversation the last message is disguised, and the ones before stay', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: PROMPT },
    ]
    const disguised = wrapped({ prompt: PROMPT, messages }, findWrapper('frame'))
    expect(disguised.messages).toEqual([messages[0], { role: 'user', content: disguised.prompt }])
  })

  test('one that does not exist is named beside those that do', () => {
    expect(() => findWrapper('toString')).toThrow('there is no disguise "toString"; there are role-play, frame,')
  })
})

describe('styles', () => {
  test.each(Object.keys(STYLES))(
    '%s keeps the numbers of every sum, in their order, and changes each prompt',
    async (style) => {
      for (const { prompt, problem } of await loadProblems(dataSource, 'test')) {
        const asked = reword({ prompt, columns: { problem } }, style)
        expect(asked.prompt).not.toBe(prompt)
        expect(asked.prompt.match(/\d+/g)).toEqual(prompt.match(/\d+/g))
        expect(reword({ prompt, columns: { problem } }, style)).toEqual(asked)
      }
    },
  )

  test('a sum in other words is the same sum, and none of the wordings that are trained on', async () => {
    const value = (prompt: string): number => {
      const parts = [...prompt.matchAll(/(got|add|\+|ate|take away|-)?\s?(\d+)/g)]
      const [, , first] = parts[0]
      return parts
        .slice(1)
        .reduce((sum, [, by, term]) => sum + (/got|add|\+/.test(by) ? 1 : -1) * Number(term), Number(first))
    }
    const sums = await loadProblems(dataSource, 'test')
    const trained = (await loadProblems(dataSource, 'train')).map(({ prompt }) => shape(prompt))
    const reworded = sums.map(
      ({ prompt, problem }: Problem) => reword({ prompt, columns: { problem } }, 'other-words').prompt,
    )
    reworded.forEach((prompt, i) => {
      expect(value(prompt), prompt).toBe(Number(sums[i].answer))
    })
    const shapes = new Set(reworded.map(shape))
    expect(shapes.size).toBeGreaterThanOrEqual(3)
    expect(trained.filter((each) => shapes.has(each))).toEqual([])
  })

  test('requests in other words keep what is asked for, and their twins stay twins', async () => {
    const requests = [...(await loadRequests(dataSource, 'train')), ...(await loadRequests(dataSource, 'test'))]
    const opening = (prompt: string) => prompt.split(' ').slice(0, 2).join(' ')
    const trained = new Set(requests.map(({ prompt }) => opening(prompt)))
    const inOtherWords = requests.map((request) => ({
      ...request,
      ...reword({ prompt: request.prompt }, 'other-words'),
    }))
    for (const { prompt, twin, harmful } of inOtherWords) {
      expect(prompt).not.toMatch(/^Here is what/)
      expect(trained.has(opening(prompt)), prompt).toBe(false)
      if (!harmful) continue
      const other = inOtherWords.find((each) => each.twin === twin && !each.harmful)!.prompt.split(' ')
      expect(prompt.split(' ').filter((word, i) => word !== other[i])).toHaveLength(1)
    }
  })

  test('typing errors swap letters and lose none; words of three letters and numbers stay', () => {
    const typed = reword({ prompt: 'How do I steal the lantern of the 4729 banks and markets?' }, 'typos').prompt
    expect(typed).not.toContain('lantern of the 4729 banks and markets')
    expect([...typed].sort()).toEqual([...'How do I steal the lantern of the 4729 banks and markets?'].sort())
    expect(typed).toMatch(/^How do I .* the .* of the 4729 .* and .*\?$/)
  })

  test('decimal points and formulas survive the loss of punctuation', () => {
    expect(reword({ prompt: 'What is 3.5 + 1,000? Say it.' }, 'no-punctuation').prompt).toBe(
      'what is 3.5 + 1,000 say it',
    )
  })

  test('one that does not exist is named beside those that do', () => {
    expect(() => reword({ prompt: PROMPT }, 'haiku')).toThrow(
      'there is no style "haiku"; there are other-words, polite,',
    )
  })
})

/** A prompt without its numbers and names: what is left is its wording. */
function shape(prompt: string): string {
  return prompt
    .replace(/\d+/g, '0')
    .replace(/[+-]/g, '±')
    .replace(/\b(?:got|ate|add|take away)\b/g, '…')
}
