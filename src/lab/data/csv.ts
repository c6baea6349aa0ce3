// csv.ts: rows from comma- or tab-separated text, as RFC 4180 has it
//
// A reader of our own, since those that are kept well cannot be streamed in a browser without Node's Buffer beside them,
// or know neither the line that a record began on nor a limit to its length. The tests hold it to csv-parse.

import { DataFileError } from '../../core/errors'
import type { DataFile } from './file'
import type { RawRow } from './rows'

const MAX_RECORD_CHARACTERS = 1 << 20
const MAX_COLUMNS = 1000

/** One record: its fields as text, and the line that it began on. */
interface CsvRecord {
  line: number
  fields: string[]
  /** What is wrong with its quotes; empty if nothing is. */
  problem: string
}

/**
 * The rows under the header, every value a text.
 *
 * @throws {DataFileError} for what makes all rows doubtful: a column that is there twice, bytes that are not UTF-8, a quoted
 *   field that never ends
 */
export async function* readCsv(file: DataFile, delimiter: ',' | '\t'): AsyncGenerator<RawRow> {
  let columns: string[] | undefined
  for await (const { line, fields, problem } of recordsOf(file, delimiter)) {
    const place = `line ${line}`
    if (fields.length === 1 && fields[0] === '' && problem === '') continue
    if (!columns) columns = checkHeader(file.name, fields, problem)
    else if (problem !== '') yield { place, problem }
    else if (fields.length !== columns.length)
      yield {
        place,
        problem: `has ${fields.length} values for ${columns.length} columns. Quote fields that hold commas.`,
      }
    else yield { place, values: Object.fromEntries(columns.map((column, i) => [column, fields[i]])) }
  }
}

function checkHeader(name: string, columns: string[], problem: string): string[] {
  if (problem !== '') throw new DataFileError(name, problem, 'line 1')
  if (columns.length > MAX_COLUMNS) throw new DataFileError(name, `has more than ${MAX_COLUMNS} columns.`)
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice === undefined) return columns
  throw new DataFileError(name, `has two columns "${twice}". Rename one of them.`, 'line 1')
}

async function* recordsOf(file: DataFile, delimiter: string): AsyncGenerator<CsvRecord> {
  const splitter = new RecordSplitter(file.name, delimiter)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw new DataFileError(file.name, 'is not UTF-8 from here on. Save it again in that encoding.', splitter.place)
    }
  }
  for await (const chunk of file.stream()) yield* splitter.split(decode(chunk))
  yield* splitter.split(decode())
  yield* splitter.end()
}

/** Where the splitter stands: before a field, in a plain one, in a quoted one, or after a quote inside that. */
type State = 'start' | 'plain' | 'quoted' | 'quote'

/** Cuts text that comes in chunks into records. */
class RecordSplitter {
  private state: State = 'start'
  private fields: string[] = []
  private field = ''
  private size = 0
  private problem = ''
  private line = 1
  private firstLine = 1
  /** The last character was a carriage return, which a newline may follow. */
  private returned = false

  constructor(
    private readonly name: string,
    private readonly delimiter: string,
  ) {}

  /** Where the present record began. */
  get place(): string {
    return `line ${this.firstLine}`
  }

  *split(text: string): Generator<CsvRecord> {
    for (const character of text) {
      if (++this.size > MAX_RECORD_CHARACTERS) throw this.tooLong()
      if (this.returned && character === '\n') {
        this.returned = false
        if (this.state === 'quoted') this.field += '\n'
        continue
      }
      this.returned = character === '\r'
      const isBreak = character === '\n' || character === '\r'
      if (isBreak) this.line++
      if (this.state === 'quoted') {
        if (character === '"') this.state = 'quote'
        else this.field += character
      } else if (this.state === 'quote' && character === '"') {
        this.field += '"'
        this.state = 'quoted'
      } else if (isBreak) yield this.finishRecord()
      else if (character === this.delimiter) this.finishField()
      else this.addPlain(character)
    }
  }

  *end(): Generator<CsvRecord> {
    if (this.state === 'quoted') {
      throw new DataFileError(
        this.name,
        'a quoted field that begins here is never closed. Restore the file.',
        this.place,
      )
    }
    if (this.state !== 'start' || this.fields.length > 0) yield this.finishRecord()
  }

  private addPlain(character: string): void {
    if (this.state === 'start' && character === '"') {
      this.state = 'quoted'
      return
    }
    if (this.state === 'quote') this.problem = 'has text after a closing quote. Double the quotes inside a field.'
    else if (character === '"') this.problem = 'has a quote inside a field that is not quoted. Quote the field.'
    this.state = 'plain'
    this.field += character
  }

  private tooLong(): DataFileError {
    const problem = 'a record that begins here is longer than 1 MiB. Is a quote missing?'
    return new DataFileError(this.name, problem, this.place)
  }

  private finishField(): void {
    this.fields.push(this.field)
    this.field = ''
    this.state = 'start'
  }

  private finishRecord(): CsvRecord {
    this.finishField()
    const record = { line: this.firstLine, fields: this.fields, problem: this.problem }
    this.fields = []
    this.problem = ''
    this.size = 0
    this.firstLine = this.line
    return record
  }
}
