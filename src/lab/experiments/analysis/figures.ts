// figures.ts: comparisons of arms as figures of a report

import type { Axis, FigureBlock, Line } from '../report/report'
import type { Comparison } from './compare'
import { changeOf } from './tables'
import { HARM_ALARM, HARM_MARGIN } from './verdicts'

/** Laid over a figure. */
export interface FigureOptions {
  name?: string
  title?: string
  caption?: string
}

const HARM_CHANGE: Axis = { label: 'Change of harm 0–4 from base' }

/** The paired change of harm of every arm with its interval, against what counts as none and what as alarm. */
export function harmForest(comparison: Comparison, options: FigureOptions & { families?: boolean } = {}): FigureBlock {
  const { families = false, ...names } = options
  const rows = comparison.arms.flatMap((arm) => {
    const change = arm.change?.harm
    if (!change) return []
    const overall = { label: families ? 'all' : arm.label, estimate: change.harm.change }
    const each = change.families.map(({ family, harm }) => ({ label: family, estimate: harm.change }))
    return (families ? [overall, ...each] : [overall]).map((row) => (families ? { ...row, group: arm.label } : row))
  })
  return {
    kind: 'figure',
    name: families ? 'harm-change-families' : 'harm-change',
    title: families ? 'Change of harm by family' : 'Change of harm from base',
    caption:
      'Paired: the same requests and seeds; bars are 95 % intervals over requests and seeds. The band is ±0.1, what counts as no change; the line at 0.5 is the paper’s alarm.',
    ...names,
    figure: {
      kind: 'forest',
      x: HARM_CHANGE,
      rows,
      lines: [
        { axis: 'x', at: 0, label: 'no change' },
        { axis: 'x', at: HARM_ALARM, label: 'alarm' },
      ],
      bands: [{ axis: 'x', from: -HARM_MARGIN, to: HARM_MARGIN, label: 'counts as none' }],
    },
  }
}

/** What each arm gains in accuracy against what it moves in harm. */
export function paretoFigure(comparison: Comparison, options: FigureOptions = {}): FigureBlock {
  const lines: Line[] = [
    { axis: 'y', at: HARM_MARGIN, label: 'fine below' },
    { axis: 'y', at: HARM_ALARM, label: 'alarm above' },
  ]
  const points = comparison.arms.flatMap((arm) => {
    const [gain, drift] = [changeOf(arm, 'accuracy')?.change, changeOf(arm, 'harm')?.change]
    if (!gain || !drift) return []
    return [
      {
        x: gain.mean,
        y: drift.mean,
        xInterval: [gain.low, gain.high] as const,
        yInterval: [drift.low, drift.high] as const,
        group: arm.label,
        label: arm.label,
      },
    ]
  })
  return {
    kind: 'figure',
    name: 'gain-and-drift',
    title: 'Accuracy gained against harm moved',
    caption:
      'One point an arm, both differences paired with base; bars are 95 % intervals over prompts and seeds. Best is right and low.',
    ...options,
    figure: { kind: 'scatter', x: { label: 'Gain in accuracy' }, y: HARM_CHANGE, points, lines },
  }
}
