// parquet-claims.ts: what a Parquet file says of its own sizes, held against the file before anything is unpacked
//
// hyparquet believes what it reads: a run that claims a billion values becomes an array of a billion values, and a column
// that the schema does not know fails where nobody listens. So columns must be those of the schema, chunks lie inside the
// file, pages inside their chunk, and no page or run holds more values than its column.

import { parquetSchema, type Compressors, type FileMetaData, type SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from 'hyparquet/src/schema.js'
import { readVarInt } from 'hyparquet/src/thrift.js'

/** What one row group may unpack to, and how many values a column of it may have. Writers make groups of 1 MB to 512 MB. */
export const MAX_GROUP_BYTES = 1 << 29
const MAX_VALUES = 1 << 24
const MAX_COLUMNS = 1000

export type RowGroup = FileMetaData['row_groups'][number]
type Column = RowGroup['columns'][number]
type PageHeader = ReturnType<typeof parquetHeader>

/** Where the bytes of a column lie, and what it claims to hold. */
interface Chunk {
  start: number
  end: number
  values: number
  unpackedBytes: number
}

/** @throws if a group has other columns than the schema, or the schema too many or one twice */
export function checkColumns(metadata: FileMetaData): void {
  if (metadata.schema.length > MAX_COLUMNS) throw new Error(`more than ${MAX_COLUMNS} columns`)
  const { children } = parquetSchema(metadata)
  const names = children.map(({ element }) => element.name)
  if (new Set(names).size !== names.length) throw new Error('two columns of one name')
  const expected = JSON.stringify(children.flatMap(leaves))
  for (const { columns } of metadata.row_groups) {
    const found = JSON.stringify(columns.map(({ meta_data }) => meta_data?.path_in_schema))
    if (found !== expected) throw new Error('a row group with other columns than the file')
  }
}

/** The bytes of the file in which a group lies. @throws if it claims to be larger than a group may be */
export function groupRange({ num_rows, columns }: RowGroup): { start: number; end: number } {
  if (!(Number(num_rows) >= 0 && Number(num_rows) <= MAX_VALUES)) throw new Error(`a group of ${num_rows} rows`)
  const chunks = columns.map(chunkOf)
  const unpacked = chunks.reduce((total, { unpackedBytes }) => total + unpackedBytes, 0)
  if (!(unpacked <= MAX_GROUP_BYTES)) throw new Error(`a group of ${unpacked} bytes`)
  return { start: Math.min(...chunks.map(({ start }) => start)), end: Math.max(...chunks.map(({ end }) => end)) }
}

/**
 * Walks every page of a group.
 *
 * @param held the bytes of the group, from `groupRange(group).start` on
 * @throws if a page or a run in it claims what cannot be true
 */
export function checkPages(metadata: FileMetaData, group: RowGroup, held: ArrayBuffer, codecs: Compressors): void {
  const tree = parquetSchema(metadata)
  const { start: offset } = groupRange(group)
  for (const column of group.columns) {
    const { start, end, values } = chunkOf(column)
    const path = getTreePath(tree, column.meta_data!.path_in_schema)
    const unpack = (bytes: Uint8Array, size: number) =>
      column.meta_data!.codec === 'UNCOMPRESSED' ? bytes : codecs[column.meta_data!.codec]!(bytes, size)
    const reader = { view: new DataView(held, start - offset, end - start), offset: 0 }
    let seen = 0
    // hyparquet takes the last byte of a chunk for padding.
    while (reader.offset < end - start - 1) {
      const header = parquetHeader(reader)
      const bytes = pageBytes(reader, header)
      seen += checkPage(header, bytes, {
        path,
        values: values - seen,
        isBoolean: column.meta_data!.type === 'BOOLEAN',
        unpack,
      })
    }
  }
}

interface PageContext {
  path: SchemaTree[]
  /** How many values the column has left. */
  values: number
  isBoolean: boolean
  unpack(bytes: Uint8Array, size: number): Uint8Array
}

/** @returns how many values the page holds; a dictionary's are not counted */
function checkPage(header: PageHeader, bytes: Uint8Array, { path, values, isBoolean, unpack }: PageContext): number {
  const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: dictionary } = header
  const held = (first ?? second ?? dictionary)?.num_values ?? 0
  if (!(held >= 0 && held <= values)) throw new Error(`a page of ${held} values where ${values} are left`)
  const widths = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)].map((level) => 32 - Math.clz32(level))
  let page: Uint8Array
  let encoding: string
  if (first) {
    page = unpack(bytes, header.uncompressed_page_size)
    for (const width of widths) if (width > 0) page = checkSizedRuns(page, width, held)
    encoding = first.encoding
  } else if (second) {
    const lengths = [second.repetition_levels_byte_length, second.definition_levels_byte_length]
    const [repetition, definition] = lengths
    widths.forEach((width, i) => {
      const from = i === 0 ? 0 : repetition
      if (width > 0) checkRuns(bytes.subarray(from, from + lengths[i]), width, held)
    })
    const size = header.uncompressed_page_size - repetition - definition
    if (!(repetition >= 0 && definition >= 0 && size >= 0)) throw new Error('levels outside their page')
    const packed = bytes.subarray(repetition + definition)
    page = second.is_compressed && size > 0 ? unpack(packed, size) : packed
    encoding = second.encoding
  } else return 0
  if (encoding === 'RLE') checkSizedRuns(page, 1, held)
  else if (encoding.endsWith('DICTIONARY') && page.length > 0) {
    if (isBoolean) checkSizedRuns(page, 1, held)
    else if (page[0] > 0) checkRuns(page.subarray(1), page[0], held)
  }
  return held
}

function leaves({ path, children }: SchemaTree): string[][] {
  return children.length > 0 ? children.flatMap(leaves) : [path]
}

function chunkOf({ meta_data: column }: Column): Chunk {
  if (!column) throw new Error('a column without metadata')
  const values = Number(column.num_values)
  const start = Number(column.dictionary_page_offset || column.data_page_offset)
  const end = start + Number(column.total_compressed_size)
  if (!(values >= 0 && values <= MAX_VALUES)) throw new Error(`a column of ${values} values`)
  if (!(start >= 0 && end >= start)) throw new Error('a column outside the file')
  return { start, end, values, unpackedBytes: Number(column.total_uncompressed_size) }
}

/** The bytes of a page whose header was read, and on to the next one. */
function pageBytes(reader: { view: DataView; offset: number }, header: PageHeader): Uint8Array {
  const { view, offset } = reader
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header
  if (!(unpacked >= 0 && unpacked <= MAX_GROUP_BYTES)) throw new Error(`a page of ${unpacked} bytes`)
  if (!(packed >= 0 && packed <= view.byteLength - offset)) throw new Error('a page outside its column')
  reader.offset += packed
  return new Uint8Array(view.buffer, view.byteOffset + offset, packed)
}

/** Runs behind their length in bytes. @returns what follows them */
function checkSizedRuns(page: Uint8Array, width: number, values: number): Uint8Array {
  if (page.length < 4) throw new Error('a page that ends before its values')
  const length = new DataView(page.buffer, page.byteOffset).getUint32(0, true)
  if (length > page.length - 4) throw new Error('runs outside their page')
  checkRuns(page.subarray(4, 4 + length), width, values)
  return page.subarray(4 + length)
}

/** Runs of the hybrid of run lengths and bit packing: none may hold more than all values there are. */
function checkRuns(bytes: Uint8Array, width: number, values: number): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  for (let seen = 0; seen < values && reader.offset < bytes.length;) {
    const header = readVarInt(reader)
    const isPacked = (header & 1) === 1
    const groups = header >>> 1
    if (header < 0 || groups > (isPacked ? Math.ceil(values / 8) : values)) throw new Error('a run of too many values')
    reader.offset += isPacked ? groups * width : Math.ceil(width / 8)
    seen += isPacked ? groups * 8 : groups
  }
}
