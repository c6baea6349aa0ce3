// rows.ts: problems of a person's own, as a data file gives them

import * as v from 'valibot'
import type { FileSource } from '../../engine/hub'
import { goldNumber } from '../../rewards/gsm8k'
import { loadLines } from './embedded'

const text = v.pipe(v.string(), v.nonEmpty())
const GoldSchema = v.pipe(
  v.string(),
  v.check((answer) => goldNumber(answer) !== undefined, 'expected a number, or a solution that ends with #### and one'),
)
// Other columns of a row are nobody's business here.
const RowSchema = v.pipe(
  v.object({ question: v.optional(text), prompt: v.optional(text), answer: GoldSchema }),
  v.check((row) => row.question !== undefined || row.prompt !== undefined, 'expected a question or a prompt'),
)

/** A problem with its gold answer, as a data file gives it. */
export interface DataRow {
  prompt: string
  /** A number, or a worked solution that ends with #### and the number. */
  answer: string
}

/**
 * The rows of a data file: JSON lines of `question` (as in GSM8K) or `prompt`, and `answer`.
 *
 * @throws {ModelFileError | ConfigError} naming the file and the line
 */
export async function loadRows(files: FileSource, path: string): Promise<DataRow[]> {
  const rows = await loadLines(files, path, RowSchema)
  return rows.map(({ question, prompt, answer }) => ({ prompt: (question ?? prompt)!, answer }))
}
