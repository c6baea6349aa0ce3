// report.ts: what a report consists of, before it is drawn
//
// A report is plain data: the page, the HTML file, the CSV files and the JSON file are drawn from the same one. Every
// number that comes from runs names them (`from`: folders of the store), so that it can be traced.

import type { Estimate } from '../../../core/run/events'

/** A whole report. */
export interface Report {
  verdict: Verdict
  sections: readonly Section[]
}

/** What the experiment found, in a sentence. */
export interface Verdict {
  /** fine: what the paper says shows; alarm: the opposite shows; open: too little is known, or neither. */
  level: 'fine' | 'alarm' | 'open'
  sentence: string
  /** What would change it. */
  change: string
}

export interface Section {
  title: string
  blocks: readonly Block[]
}

export type Block = Prose | Table | FigureBlock | Samples | Code

/** A paragraph. */
export interface Prose {
  kind: 'text'
  text: string
  /** alarm: something that a reader must not overlook. */
  tone?: 'alarm' | 'fine' | 'note'
}

/** A table; also a CSV file of its `name`. */
export interface Table {
  kind: 'table'
  name: string
  title: string
  columns: readonly Column[]
  rows: readonly Row[]
  /** Remarks under it: estimators, units, what a paper states. */
  notes?: readonly string[]
}

export interface Column {
  key: string
  label: string
  /** How numbers are written: decimals; `share` as per cent, `p` as a p-value. */
  format?: 'share' | 'p' | 'count' | number
  /** A difference: written with its sign. */
  signed?: boolean
  /** Stated by a paper, not measured here. */
  stated?: boolean
  /** What the column is, on hover: equation and source. */
  about?: string
}

export interface Row {
  cells: Readonly<Record<string, Value>>
  /** Folders of the runs that the row was computed from. */
  from?: readonly string[]
  /** Stated by a paper, not measured here. */
  stated?: boolean
  tone?: 'alarm' | 'fine'
}

/** null: there is none. */
export type Value = number | string | boolean | null | Estimate

/** A drawing with its caption; its numbers are a CSV file of its `name`. */
export interface FigureBlock {
  kind: 'figure'
  name: string
  title: string
  caption: string
  figure: Figure
}

export interface Axis {
  label: string
  scale?: 'linear' | 'log'
  domain?: readonly [number, number]
}

export type Figure =
  /** Estimates under one another, each with its interval; `bands` are drawn behind. */
  | {
      kind: 'forest'
      x: Axis
      rows: readonly { label: string; group?: string; estimate: Estimate; stated?: boolean }[]
      lines?: readonly Line[]
      bands?: readonly Band[]
    }
  | { kind: 'scatter'; x: Axis; y: Axis; points: readonly Point[]; lines?: readonly Line[]; diagonal?: boolean }
  | {
      kind: 'lines'
      x: Axis
      y: Axis
      series: readonly {
        label: string
        points: readonly { x: number; y: number; low?: number; high?: number }[]
        dashed?: boolean
      }[]
      lines?: readonly Line[]
    }
  /** Distributions side by side: shares of `edges.length − 1` bins each. */
  | {
      kind: 'histogram'
      x: Axis
      edges: readonly number[]
      series: readonly { label: string; shares: readonly number[]; n: number }[]
    }

/** A point with optional intervals. */
export interface Point {
  x: number
  y: number
  xInterval?: readonly [number, number]
  yInterval?: readonly [number, number]
  /** Its series: colour and legend. */
  group: string
  label?: string
  stated?: boolean
}

/** A reference line. */
export interface Line {
  axis: 'x' | 'y'
  at: number
  label: string
}

export interface Band {
  axis: 'x' | 'y'
  from: number
  to: number
  label: string
}

/** Answers to read; those to harmful requests stay closed until they are asked for. */
export interface Samples {
  kind: 'samples'
  title: string
  items: readonly { arm: string; prompt: string; completion: string; remark: string; harmful: boolean }[]
}

/** Text to copy, exactly as it is; closed until it is asked for. */
export interface Code {
  kind: 'code'
  title: string
  text: string
}
