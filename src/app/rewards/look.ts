// look.ts: what a data set holds, before anything is trained on it: its columns, its first rows, and how it is read

import type { RunConfig } from '../../core/run/config'
import type { DataGrader, DataPreset } from '../../core/data/presets'
import type { LocalFiles } from '../../lab/data/file'
import type { DataReport, DataSet } from '../../lab/data/load'
import { readRows } from '../../lab/data/read'
import type { DataRow } from '../../lab/data/rows'
import { openSource } from '../../lab/data/source'
import { problemOf, type Problem } from './faults'

/** What there is to see of a data set. */
export interface DataLook {
  /** Columns of the first row that can be read; the mapping form offers them. */
  columns: string[]
  /** How it is read; null while it cannot be. */
  read: {
    preset: Pick<DataPreset, 'name' | 'title' | 'source' | 'traps' | 'prompt' | 'answer'>
    grader: DataGrader | null
    report: DataReport
    /** The first prompts. */
    first: Pick<DataRow, 'prompt' | 'answer' | 'harmful'>[]
  } | null
  /** Why it cannot be read as it is. */
  problem: Problem | null
}

const FIRST_ROWS = 3

/**
 * Looks at a data set. Never throws because of the data: what is wrong with it is part of the answer.
 *
 * @param load reads it
 */
export async function lookAt(
  data: RunConfig['data'],
  files: LocalFiles,
  load: () => Promise<DataSet>,
  signal: AbortSignal,
): Promise<DataLook> {
  try {
    const { preset, grader, report, train } = await load()
    const { name, title, source, traps, prompt, answer } = preset
    return {
      columns: await columnsOf(data, files),
      read: {
        preset: { name, title, source, traps, prompt, ...(answer && { answer }) },
        grader,
        report,
        first: train.slice(0, FIRST_ROWS).map(({ prompt, answer, harmful }) => ({
          prompt,
          answer,
          ...(harmful !== undefined && { harmful }),
        })),
      },
      problem: null,
    }
  } catch (error) {
    signal.throwIfAborted()
    // A file of which nothing is known has columns all the same, and a person can say what they mean.
    const columns = await columnsOf(data, files).catch(() => [])
    return { columns, read: null, problem: problemOf(error) }
  }
}

async function columnsOf(data: RunConfig['data'], local: LocalFiles): Promise<string[]> {
  for (const file of (await openSource(data, local)).files) {
    for await (const row of readRows(file)) if ('values' in row) return Object.keys(row.values)
  }
  return []
}
