// peer.ts: a line chart as d3's own examples have it: for each update the path is built anew from every point
//
// TensorBoard's and Trackio's charts do this in principle. Written here from scratch, without what they do besides
// (smoothing, tooltips, brushing), so that it costs no more than the approach itself.

import { axisBottom, axisLeft, extent, line, max, scaleLinear, select } from 'd3'
import type { Series } from '../../../src/core/run/view'
import type { Side } from './main'

const width = 640
const height = 132
const margin = { top: 14, right: 8, bottom: 20, left: 40 }

export function peer(target: HTMLElement, series: Series): Side {
  const svg = select(target).append('svg').attr('viewBox', `0 0 ${width} ${height}`).attr('width', width)
  const left = svg.append('g').attr('transform', `translate(${margin.left},0)`)
  const bottom = svg.append('g').attr('transform', `translate(0,${height - margin.bottom})`)
  const path = svg.append('path').attr('fill', 'none').attr('stroke', 'steelblue').attr('stroke-width', 2)

  const draw = ({ steps, values }: Series) => {
    const x = scaleLinear([0, max(steps)!], [margin.left, width - margin.right])
    const y = scaleLinear(extent(values) as [number, number], [height - margin.bottom, margin.top]).nice()
    bottom.call(axisBottom(x).ticks(6))
    left.call(axisLeft(y).ticks(4))
    path.attr(
      'd',
      line<number>(
        (_, i) => x(steps[i]),
        (value) => y(value),
      )(values),
    )
  }
  draw(series)
  return { draw, remove: () => void svg.remove() }
}
