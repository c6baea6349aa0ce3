// export-all.ts: every chart of a view in one file

import { strToU8, zipSync } from 'fflate'
import { TiltlabError } from '../../core/errors'
import { save } from '../rewards/save'
import { contentOf, fileName, formats } from './export'
import { exportable } from './exportable'

/** All charts that are shown, each in every format, as one zip file. @throws {TiltlabError} where there are none */
export async function downloadAll(name: string): Promise<void> {
  const charts = exportable.shown
  if (charts.length === 0) throw new TiltlabError('There is no chart to export yet.')
  const files: Record<string, Uint8Array> = {
    'about.txt': strToU8(
      `${name}, exported by tiltlab: each chart as PNG, SVG, CSV and JSON, each table as CSV and JSON.\n`,
    ),
  }
  for (const chart of charts) {
    for (const format of formats.filter((each) => chart.svg !== null || each === 'csv' || each === 'json')) {
      files[fileName(chart.name, format)] = new Uint8Array(await (await contentOf(chart, format)).arrayBuffer())
    }
  }
  const zip = zipSync(files) as Uint8Array<ArrayBuffer>
  save(fileName(name, 'zip'), new Blob([zip]), 'application/zip')
}
