// measure.ts: what is measured of the page: a figure, and what it has to keep to

/** One row of the table. */
export interface Measured {
  name: string
  unit: string
  value: number
  /** null where nothing is claimed. */
  goal: Goal | null
  /** How it came about: spread, interval, number of loads. */
  note: string
}

export type Goal = { atMost: number } | { atLeast: number }

/** Measures one thing about the page, row by row. */
export type Measure = (setting: Setting) => AsyncIterable<Measured>

/** What every measure is given. */
export interface Setting {
  /** Where the built page lies. */
  pageFolder: string
  /** How long memory is watched. */
  minutes: number
}

/** How many times better than its goal a figure is: 1 and above keep it. null where nothing is claimed. */
export function margin({ value, goal }: Measured): number | null {
  if (!goal) return null
  if ('atLeast' in goal) return value / goal.atLeast
  return value <= 0 ? Infinity : goal.atMost / value
}

/** The rows as a table in Markdown. */
export function table(rows: readonly Measured[]): string {
  const head = ['what', 'value', 'unit', 'goal', 'goal kept, times', 'how']
  const lines = rows.map((row) => {
    const ratio = margin(row)
    return [row.name, figure(row.value), row.unit, goalWords(row.goal), ratio === null ? '' : times(ratio), row.note]
  })
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function goalWords(goal: Goal | null): string {
  if (!goal) return ''
  return 'atMost' in goal ? `≤ ${figure(goal.atMost)}` : `≥ ${figure(goal.atLeast)}`
}

function times(ratio: number): string {
  return ratio > 100 ? '> 100×' : `${ratio.toFixed(2)}×${ratio < 1 ? ' (missed)' : ''}`
}

/** Three digits that mean something. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
