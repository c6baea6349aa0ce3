// parquet.ts: rows as verl reads them

import { parquetWriteBuffer } from 'hyparquet-writer'
import { goldText } from '../../rewards/grader'
import { readLabel, type TrainingRow } from './rows'

/** The type of the package, which brings a hyparquet of its own. */
type SchemaElement = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number]

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'REQUIRED',
})
const group = (name: string, children: number): SchemaElement => ({
  name,
  num_children: children,
  repetition_type: 'REQUIRED',
})

/** The columns that verl’s data sets have; what the reward needs is in extra_info. */
const SCHEMA: SchemaElement[] = [
  group('root', 5),
  text('data_source'),
  { ...group('prompt', 1), converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  group('element', 2),
  text('role'),
  text('content'),
  text('ability'),
  group('reward_model', 2),
  text('style'),
  text('ground_truth'),
  group('extra_info', 2),
  { name: 'index', type: 'INT32', repetition_type: 'REQUIRED' },
  text('label'),
]

/** @param ability what verl calls the kind of task: for people */
export function verlParquet(rows: readonly TrainingRow[], ability: string): Uint8Array {
  const column = (name: string, value: (row: TrainingRow, index: number) => unknown) => ({
    name,
    data: rows.map(value),
  })
  const buffer = parquetWriteBuffer({
    schema: SCHEMA,
    columnData: [
      column('data_source', () => 'tiltlab'),
      column('prompt', ({ prompt }) => prompt),
      column('ability', () => ability),
      column('reward_model', ({ label }) => ({ style: 'rule', ground_truth: goldText(readLabel(label).answer) })),
      column('extra_info', ({ label }, index) => ({ index, label })),
    ],
  })
  return new Uint8Array(buffer)
}
