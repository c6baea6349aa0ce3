// code-frame.ts: the lines of a program around a mistake, with the mistake pointed at

const LINES_AROUND = 2

/**
 * Lines with their numbers, and a caret under the column.
 *
 * @param line   from 1; a line that the source does not have gives no lines
 * @param column from 1; without it the line alone is marked
 */
export function codeFrame(source: string, line: number, column?: number): string[] {
  const lines = source.split('\n')
  if (line < 1 || line > lines.length) return []
  const first = Math.max(1, line - LINES_AROUND)
  const last = Math.min(lines.length, line + LINES_AROUND)
  const width = String(last).length
  return lines.slice(first - 1, last).flatMap((text, i) => {
    const number = first + i
    const shown = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text.replaceAll('\t', ' ')}`
    if (number !== line || column === undefined) return [shown.trimEnd()]
    return [shown.trimEnd(), `${' '.repeat(width + 2)} | ${' '.repeat(Math.max(0, column - 1))}^`]
  })
}
