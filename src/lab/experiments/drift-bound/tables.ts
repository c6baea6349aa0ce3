// tables.ts: drift and bounds of tables of numbers

import { mean } from '../../../core/stats/moments'
import { BOUNDS, eachBound } from '../analysis/theory'
import type { FigureBlock, Table } from '../report/report'
import { BETAS, FAMILIES, type BoundCase } from './cases'

/** Drift and bounds over β of a table that drifts. */
export function familyFigure(cases: readonly BoundCase[]): FigureBlock {
  const [, shown] = FAMILIES
  const own = cases.filter(({ label }) => label === shown.label)
  return {
    kind: 'figure',
    name: 'curve-family',
    title: `${shown.label}: drift and its bounds over β`,
    caption: `${shown.about}. A table of four outcomes, safety 0 … 1; exact. Bounds above 1 are empty.`,
    figure: {
      kind: 'lines',
      x: { label: 'β', scale: 'log' },
      y: { label: '|Δ| of safety', domain: [0, 1.2] },
      series: [
        { label: '|Δ|', points: own.map(({ beta, drift: moved }) => ({ x: beta, y: Math.abs(moved) })) },
        ...BOUNDS.map(({ key, label }) => ({
          label,
          points: own.map(({ beta, bounds }) => ({ x: beta, y: Math.min(1.2, bounds[key]) })),
          dashed: true,
        })),
      ],
      lines: [{ axis: 'y', at: 1, label: 'empty above' }],
    },
  }
}

/** A column for every bound. */
export const BOUND_COLUMNS = BOUNDS.map(({ key, label, about }) => ({ key, label, about, format: 3 as const }))

/** Drift and bounds of every table at some β. */
export function familyTable(cases: readonly BoundCase[]): Table {
  return {
    kind: 'table',
    name: 'families',
    title: 'Drift and bounds, table by table',
    columns: [
      { key: 'family', label: 'Table' },
      { key: 'beta', label: 'β', format: 2 },
      { key: 'drift', label: 'Δ', format: 3, signed: true, about: 'E_*[s] − E_p[s], safety 0 … 1' },
      ...BOUND_COLUMNS,
    ],
    rows: cases
      .filter(({ beta }) => [0.1, 0.5, 2].includes(beta))
      .map(({ label, beta, drift: moved, bounds }) => ({ cells: { family: label, beta, drift: moved, ...bounds } })),
    notes: FAMILIES.map(({ label, about }) => `${label}: ${about}.`),
  }
}

/** What share of each bound the drift uses. @param tables how many random tables the cases are of */
export function tightnessTable(cases: readonly BoundCase[], tables: number): Table {
  const row = (beta: number) => {
    const at = cases.filter((each) => each.beta === beta)
    return {
      cells: {
        beta,
        drift: mean(at.map(({ drift: moved }) => Math.abs(moved))),
        ...eachBound((key) =>
          mean(at.map(({ drift: moved, bounds }) => (bounds[key] === 0 ? 0 : Math.abs(moved) / bounds[key]))),
        ),
      },
    }
  }
  return {
    kind: 'table',
    name: 'tightness',
    title: 'What share of each bound is used: random tables',
    columns: [
      { key: 'beta', label: 'β', format: 2 },
      { key: 'drift', label: 'Mean |Δ|', format: 3 },
      ...BOUNDS.map(({ key, label, about }) => ({ key, label, about, format: 'share' as const })),
    ],
    rows: BETAS.map(row),
    notes: [
      `Mean of |Δ| ÷ bound over ${tables} random tables of 2 to 8 outcomes, rewards and safety uniform in 0 … 1. 100 % would be reached, more is impossible.`,
    ],
  }
}
