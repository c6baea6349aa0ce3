// exact.ts: is the text the gold text? For tasks whose answer is a string: code, a list, a word spelt backwards

import { answerPart, settledAnswer, UNFINISHED, type Stated } from './answer'
import type { Verdict } from './grader'

/**
 * Compares the text that a completion answers with the gold text, up to white space at the ends of lines and between
 * words; indentation counts. The answer is what the last code block holds, or all of it if there is none.
 * Never throws on a completion.
 */
export function gradeExact(completion: string, gold: string): Verdict {
  const part = answerPart(completion)
  if (part === undefined) return UNFINISHED
  const blocks = codeBlocks(part)
  const stated = blocks.length > 0 ? blocks : [{ text: part, start: 0, end: part.length }]
  const found = settledAnswer(part, stated, (a, b) => normalised(a) === normalised(b))
  if ('problem' in found) return { correct: false, extracted: null, reason: 'several code blocks that differ' }
  const extracted = normalised(found.answer)
  if (extracted === '') return { correct: false, extracted: null, reason: 'no answer' }
  const correct = extracted === normalised(gold)
  return { correct, extracted, reason: correct ? 'the same text' : 'another text' }
}

/** A text without what white space may vary in. */
function normalised(text: string): string {
  const lines = text
    .normalize('NFC')
    .split(/\r\n|\r|\n/)
    .map((line) => {
      const content = line.trim()
      return content === '' ? '' : line.slice(0, line.indexOf(content)) + content.replace(/\s+/g, ' ')
    })
  const [first, last] = [lines.findIndex((line) => line !== ''), lines.findLastIndex((line) => line !== '')]
  const kept = first < 0 ? [] : lines.slice(first, last + 1)
  return kept.length === 1 ? kept[0].trim() : kept.join('\n')
}

function codeBlocks(text: string): Stated[] {
  const blocks: Stated[] = []
  for (let open = text.indexOf('```'); open >= 0;) {
    const start = text.indexOf('\n', open) + 1
    const close = start === 0 ? -1 : text.indexOf('```', start)
    if (close < 0) break
    blocks.push({ text: text.slice(start, close), start: open, end: close + 3 })
    open = text.indexOf('```', close + 3)
  }
  return blocks
}
