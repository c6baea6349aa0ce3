// clean.ts: one spelling for what people and models write in many
//
// Text in, text out: typographic characters become LaTeX, what only lays out is dropped. No regular expression here
// backtracks over more than a word.

/** Longer answers are no answers. */
export const MAX_ANSWER = 1000

const CHARACTERS: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '÷': '\\div ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '²': '^2',
  '³': '^3',
  '°': '^\\circ ',
  '√': '\\sqrt ',
  π: '\\pi ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '∪': '\\cup ',
  '∈': '\\in ',
  '∅': '\\emptyset ',
  '½': '\\frac{1}{2}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '’': "'",
  '“': '"',
  '”': '"',
}
const TYPOGRAPHIC = new RegExp(`[${Object.keys(CHARACTERS).join('')}]`, 'g')
const FULL_WIDTH = /[！-～]/g
// Marks without width that change nothing. Those that turn the direction of reading are left, and nothing parses them.
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/g

/** An answer as it is parsed. */
export function clean(answer: string): string {
  let text = answer
    .slice(0, MAX_ANSWER + 1)
    .replace(INVISIBLE, '')
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(TYPOGRAPHIC, (character) => CHARACTERS[character])
  // Escaped twice, as in a JSON file that was read as text; in a matrix two backslashes end a row.
  if (!text.includes('\\begin')) text = text.replace(/\\\\(?=[A-Za-z(){}[\],;!])/g, '\\')
  return (
    text
      .replace(/(?<!\\)\\[()[\]]/g, ' ')
      .replace(/\\\$|\$|[€£]/g, ' ')
      .replace(/\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])/g, '')
      .replace(/\\(?:displaystyle|textstyle|limits|quad|qquad|rm|bf)(?![A-Z])/g, ' ')
      .replace(/,\s{0,3}\\!\s{0,3}|\{\s{0,3},\s{0,3}\}/g, '\ue000')
      .replace(/(?<!\\)\\!/g, '')
      .replace(/(?<!\\)\\[,;: ~]|~/g, ' ')
      .replace(/\*\*|`|(?<!\\)\\"/g, ' ')
      // 14{,}916 and 11,\!880 are one number; the mark of such a comma stands for no other.
      .replace(/\ue000(?=\d{3})/g, '')
      .replaceAll('\ue000', ',')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^[.:;,"' ]+(?!\d)|[.:;,"'\\ ]+$/g, '')
  )
}

/** Without spaces and layout: two answers that agree here say the same. Digits stay apart: 2 1/2 is not 21/2. */
export function compact(cleaned: string): string {
  return cleaned
    .replace(/\\[dt]frac(?![A-Za-z])/g, '\\frac')
    .replace(/\\(?:leq|geq)(?![A-Za-z])/g, (command) => command.slice(0, 3))
    .replace(/(?<=\d)\s+(?=\d)/g, '\ue000')
    .replace(/\s+/g, '')
}
